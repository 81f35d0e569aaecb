"""inputConfig.xml, outputConfig.xml and NAME.wekproj: which inputs and outputs a Wekinator project has.

Opens no file; a text that Wekinator would not have written is a BadRequest, without the file's name.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from xml.sax.saxutils import escape

from livegan.errors import BadRequest
from livegan.mapping.outputs import OutputSettings
from livegan.mapping.wekinator.markup import Element, parsed

_NUMBER, _CLASS, _GESTURE = (f"wekimini.osc.OSC{kind}Output" for kind in ("Numeric", "Classification", "Dtw"))
_MOST = 10_000
_MOST_CLASSES = 1000
_HEAD = '<?xml version="1.0"?>\n'


@dataclass(frozen=True)
class Inputs:
    """What a project hears: the OSC address, and the names of the numbers that come there, in order."""

    address: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Output:
    """One output. messages: the OSC addresses of gestures, none for other types. notes: what is not taken over."""

    name: str
    settings: OutputSettings
    messages: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outputs:
    """What a project says, to whom: the OSC address, host and port, and the outputs in order."""

    address: str
    host: str
    port: int
    outputs: tuple[Output, ...]


def inputs(data: bytes) -> Inputs:
    """The inputs that an inputConfig.xml names. Raises BadRequest."""
    root = parsed(data, "OSCInputGroup")
    names, count = root.words("inputNames"), root.whole("numInputs", 1, _MOST)
    if len(names) != count:
        raise BadRequest(f"it has {len(names)} names for {count} inputs")
    return Inputs(root.word("oscMessage"), tuple(_names("inputs", names)))


def outputs(data: bytes) -> Outputs:
    """The outputs that an outputConfig.xml names. Raises BadRequest."""
    root = parsed(data, "OSCOutputGroup")
    held = root.child("outputs")
    found = tuple(output(element.name, element) for element in (held.children if held else ()))
    if not 0 < len(found) <= _MOST:
        raise BadRequest(f"it has {len(found)} outputs, 1 to {_MOST} were expected")
    _names("outputs", [one.name for one in found])
    if len(found) > 1 and any(one.settings.type == "gesture" for one in found):
        raise BadRequest("a project of gestures has one output")
    port = root.whole("outputPort", 1, 65535)
    return Outputs(root.word("oscMessage"), root.word("hostName"), port, found)


def _names(what: str, names: list[str]) -> list[str]:
    """Raises BadRequest unless a mapping can have them."""
    if wrong := [name for name in names if not name or not name.isprintable() or len(name) > 200]:
        raise BadRequest(f"a name of its {what} is no short printable text: {wrong[0][:40]!r}")
    if len(set(names)) < len(names):
        raise BadRequest(f"two of its {what} have the same name")
    return names


def output(kind: str, element: Element) -> Output:
    """The output of a class of Wekinator's, as outputConfig.xml and the models tell it. Raises BadRequest."""
    name = element.word("name")
    if kind == _NUMBER:
        return Output(name, _number(element))
    if kind == _CLASS:
        count = element.whole("numClasses", 1, _MOST_CLASSES)
        told = element.truth("isSendingDistribution", False)
        return Output(name, OutputSettings(type="class", classes=count, probabilities=told))
    if kind == _GESTURE:
        settings = OutputSettings(type="gesture", classes=element.whole("numGestures", 1, _MOST_CLASSES))
        found = Output(name, settings, tuple(element.words("gestureOscMessages")))
        return replace(found, notes=tuple(_of_gestures(found, element)))
    raise BadRequest(f'outputs of the type "{kind[:60]}" are not known')


def _of_gestures(one: Output, element: Element) -> Iterator[str]:
    """What only names gestures, where somebody changed it."""
    held = element.child("gestureNames")
    names = tuple(name.text for name in held.children) if held else ()
    usual = [tuple(message.lstrip("/") for message in told) for told in (messages_of(one), one.messages)]
    if names and names not in usual:
        yield f"its gestures were called {', '.join(name[:40] for name in names[:8])}; here they have numbers only"
    if (told := element.word("outputOscMessage", one.name)) not in (one.name, f"/{one.name}"):
        yield f'the outputOscMessage of "{one.name}", {told[:40]}, is not taken over'


def _number(element: Element) -> OutputSettings:
    low, high = element.number("min"), element.number("max")
    if low > high:
        raise BadRequest(f"the min of an output, {low:g}, is above its max, {high:g}")
    # Wekinator cuts digits off where people expect rounding; its projects were tuned to that.
    integer = "truncate" if _one_of(element, "outputType", "REAL", "INTEGER") == "INTEGER" else "no"
    limits = "hard" if _one_of(element, "limitType", "SOFT", "HARD") == "HARD" else "soft"
    return OutputSettings(min=low, max=high, limits=limits, integer=integer)


def _one_of(element: Element, name: str, *known: str) -> str:
    found = element.word(name)
    if found not in known:
        raise BadRequest(f'<{name}> is "{found[:40]}", {" or ".join(known)} was wanted')
    return found


def port(data: bytes) -> int:
    """The UDP port that a .wekproj listens on. Raises BadRequest."""
    return parsed(data, "WekinatorFileData").whole("oscReceivePort", 1, 65535)


def project_text(name: str, port: int) -> str:
    """The .wekproj of a project."""
    return _HEAD + tagged("WekinatorFileData", tagged("oscReceivePort", port), tagged("projectName", name))


def inputs_text(told: Inputs) -> str:
    """The inputConfig.xml of these inputs."""
    parts = [tagged("oscMessage", told.address), tagged("numInputs", len(told.names)), tagged("groupName", "Inputs")]
    return _HEAD + tagged("OSCInputGroup", *parts, listed("inputNames", told.names))


def outputs_text(told: Outputs) -> str:
    """The outputConfig.xml of these outputs."""
    each = [tagged(kind_of(one), *output_parts(one)) for one in told.outputs]
    parts = [tagged("oscMessage", told.address), tagged("hostName", told.host), tagged("outputPort", told.port)]
    return _HEAD + tagged("OSCOutputGroup", *parts, tagged('outputs class="linked-list"', *each))


def messages_of(one: Output) -> tuple[str, ...]:
    """The OSC addresses that gestures have when nobody changed them in Wekinator."""
    return tuple(f"/{one.name}_{number}" for number in range(1, one.settings.classes + 1))


def kind_of(one: Output) -> str:
    """The class that Wekinator has for such an output."""
    return {"number": _NUMBER, "class": _CLASS, "gesture": _GESTURE}[one.settings.type]


def output_parts(one: Output) -> list["Tagged"]:
    """What Wekinator tells of an output, within its element."""
    settings, name = one.settings, tagged("name", one.name)
    if settings.type == "class":
        told = "true" if settings.probabilities else "false"
        return [name, tagged("numClasses", settings.classes), tagged("isSendingDistribution", told)]
    if settings.type == "gesture":
        gestures = [message.lstrip("/") for message in one.messages]
        lists = [listed("gestureNames", gestures), listed("gestureOscMessages", one.messages)]
        return [name, tagged("numGestures", settings.classes), *lists, tagged("outputOscMessage", one.name)]
    told = {
        "min": settings.min,
        "max": settings.max,
        "outputType": "REAL" if settings.integer == "no" else "INTEGER",
        "limitType": "HARD" if settings.limits == "hard" else "SOFT",
        "trainingDataLimitRestriction": "ENFORCE_LIMITS" if settings.limits == "hard" else "DONT_ENFORCE_LIMITS",
        "trainingDataIntegerRestriction": "DONT_ENFORCE_INTEGER",
    }
    return [name, *(tagged(key, value) for key, value in told.items())]


class Tagged(str):
    """XML that is written already, indented as within its parent."""

    __slots__ = ()


def tagged(start: str, *parts: Tagged | str | float) -> Tagged:
    """An element, whose name and attributes are `start`, around one text or around others."""
    end = start.split(" ")[0]
    if len(parts) == 1 and not isinstance(parts[0], Tagged):
        return Tagged(f"<{start}>{escape(str(parts[0]))}</{end}>")
    inner = "".join("\n  " + part.replace("\n", "\n  ") for part in map(str, parts))
    return Tagged(f"<{start}>{inner}\n</{end}>")


def listed(start: str, words: Sequence[str]) -> Tagged:
    """An element around strings."""
    return tagged(start, *(tagged("string", word) for word in words))
