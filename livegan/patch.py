"""A patch: one TOML file that wires a show, read into frozen settings or refused in one sentence.

A show never writes a patch, and a patch can name no code: kinds are files of livegan's own rooms.
"""

import difflib
import importlib
import inspect
import json
import re
import struct
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import AfterValidator, Field, ValidationError, model_validator

from livegan import files, osc
from livegan.errors import BadRequest
from livegan.settings import Latent, Listening, Seconds, Settings

_KIND = re.compile(r"[a-z][a-z0-9_]*")
_NAME = re.compile(r"[a-z][a-z0-9_-]*", re.IGNORECASE)


def _rising(layers: str | tuple[int, int]) -> str | tuple[int, int]:
    if not isinstance(layers, str) and layers[0] > layers[1]:
        raise ValueError(f"layers are [first, last], found {list(layers)}")
    return layers


_Layer = Annotated[int, Field(ge=0, le=99)]
_Layers = Annotated[Literal["coarse", "middle", "fine"] | tuple[_Layer, _Layer], AfterValidator(_rising)]


class WireSettings(Settings):
    """A `[mapping.NAME]` table; NAME is the folder in mappings/, unless `features` wires it directly.

    outputs: "anchors", "w", "z", "pca:16" (so many principal directions of w, in standard deviations) or a list of
    Look numbers; None takes what the folder's fit gives. features: given for a direct mapping, whose outputs are these
    features as they come ("wek.z" stands for all of wek.z.0, wek.z.1, ...). shape: "uniform" passes 0..1 values
    through the normal quantile on their way to z. layers: those of w that it decides, a third by its name or first and
    last counted from 0; None all. smooth: seconds that its outputs may be late when they hardly move; less when fast.
    """

    outputs: Latent | tuple[str, ...] | None = None
    features: str | tuple[str, ...] = ()
    shape: Literal["normal", "uniform"] = "normal"
    layers: _Layers | None = None
    smooth: Seconds = Field(0.0, ge=0, le=10)


class RestSettings(Settings):
    """`[rest]`: what the picture does when nobody is there: hold for `after`, then ease into a slow walk.

    walk: closed loops per second; 0 stands still. seed: which walk.
    """

    after: Seconds = Field(2.0, ge=0, le=3600)
    walk: float = Field(0.05, ge=0, le=1)
    seed: int = Field(1, ge=0, le=2**32 - 1)


class ControlSettings(Listening):
    """`[control]`: who may send commands by OSC, and to which UDP port; on = false listens to nobody."""

    on: bool = True
    port: int = Field(7770, ge=1, le=65535)


class TeachSettings(Settings):
    """`[teach]`: how a look is taught: a countdown, then so long a recording.

    still: a pose held so long begins teaching the chosen look, None never. click: the countdown is heard.
    mapping: which one is taught first; None is the first that can be. thumbnails: of the camera and of the look are
    kept with each round.
    """

    count: Seconds = Field(3.0, ge=0, le=60)
    seconds: Seconds = Field(2.0, ge=0.1, le=600)
    still: Seconds | None = Field(None, ge=0.3, le=60)
    click: bool = False
    mapping: str | None = None
    thumbnails: bool = False


def _place(value: str) -> str:
    host, _, port = value.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise ValueError(f'a place is "HOST:PORT", such as "127.0.0.1:12000", found "{value}"')
    return value


def _address(value: str) -> str:
    try:
        osc.encode(value)
    except osc.Refused as error:
        raise ValueError(str(error)) from None
    return value


_Place = Annotated[str, AfterValidator(_place)]
_Address = Annotated[str, AfterValidator(_address)]
_Several = Annotated[int, Field(ge=1, le=13_000)] | Annotated[tuple[str, ...], Field(min_length=1)]


class ServeSettings(Listening):
    """`[serve]`: a mapping that answers each row of inputs by OSC, as Wekinator does; for `livegan serve`.

    port, address: where the rows come in. reply, reply_address: where the outputs go. errors: where sentences about
    what was refused go, None tells them in the terminal only. mapping: its folder in mappings/; inputs, outputs (names,
    or how many), type, classes, model: those of a mapping that is not there yet.
    """

    port: int = Field(6448, ge=1, le=65535)
    address: _Address = "/wek/inputs"
    inputs: _Several | None = None
    outputs: _Several = 1
    type: Literal["number", "class", "gesture"] = "number"
    classes: int = Field(0, ge=0, le=1000)
    model: str | None = None
    mapping: str = "wekinator"
    reply: _Place = "127.0.0.1:12000"
    reply_address: _Address = "/wek/outputs"
    errors: _Place | None = None


def _without_names(value: str) -> str:
    host, _, port = value.rpartition(":")
    if host == "localhost":
        return f"127.0.0.1:{port}"
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        raise ValueError(f'a numeric host or localhost is wanted (a name may take seconds), found "{host}"') from None
    return value


class SendSettings(Settings):
    """A `[send.NAME]` table: numbers of the show that are sent by OSC.

    to: where, such as "127.0.0.1:12000". mapping: the one whose outputs they are; or features: these features
    ("body" stands for all of the input). each: one message for each number, to address/NAME, instead of one list.
    rate: once for every frame of the inputs, as soon as it is there, or once for every picture.
    """

    to: Annotated[_Place, AfterValidator(_without_names)]
    address: _Address = "/wek/outputs"
    mapping: str | None = None
    features: str | tuple[str, ...] = ()
    each: bool = False
    rate: Literal["input", "picture"] = "picture"

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.mapping is None) != bool(self.features):
            raise ValueError("say what is sent: either mapping or features")
        return self


class _Top(Settings):
    """The keys of a patch's top level; the tables inside are read by their kinds."""

    latency: Seconds | Literal["auto"] = "auto"
    fps: float = Field(30.0, ge=1, le=240)
    input: dict[str, dict[str, Any]] = Field(default_factory=dict)
    mapping: dict[str, WireSettings] = Field(default_factory=dict)
    generator: dict[str, Any] = Field(default_factory=dict)
    stage: dict[str, dict[str, Any]] = Field(default_factory=dict)
    rest: RestSettings = RestSettings()
    keys: dict[str, str] = Field(default_factory=dict)
    cues: dict[str, str] = Field(default_factory=dict)
    control: ControlSettings = ControlSettings()
    teach: TeachSettings = TeachSettings()
    serve: ServeSettings | None = None
    send: dict[str, SendSettings] = Field(default_factory=dict)


@dataclass(frozen=True)
class Part:
    """One table of a patch, read: its class in livegan and its settings."""

    kind: str
    type: type
    settings: Any


@dataclass(frozen=True)
class Patch:
    """A whole patch, read and checked. latency: seconds, or None for "auto".

    keys: key to text of a command, "" for none; cues: feature to text of a command. Whoever knows the commands checks
    what they say.
    """

    path: Path
    latency: float | None
    fps: float
    inputs: dict[str, Part]
    mappings: dict[str, WireSettings]
    generator: Part
    model: Path | None
    stages: dict[str, Part]
    rest: RestSettings
    keys: dict[str, str]
    control: ControlSettings
    teach: TeachSettings
    serve: ServeSettings | None = None
    sends: dict[str, SendSettings] = field(default_factory=dict)
    cues: dict[str, str] = field(default_factory=dict)


def read(path: Path, accept: Callable[[Path], Path] = lambda model: model) -> Patch:
    """The patch in `path`. Raises BadRequest in one sentence: the file, the key, what was found, what is right.

    accept: gives our model file for any model file, importing a stranger's.
    """
    top = _validated(_Top, _toml(path), path, "")
    if top.latency != "auto" and not 0 <= top.latency <= 5:
        raise BadRequest(f'{path.name}, latency: 0 to 5 seconds or "auto" is wanted, found {top.latency:g} s')
    for name in [*top.input, *top.mapping, *top.stage, *top.send]:
        if not _NAME.fullmatch(name):
            raise BadRequest(f'{path.name}: names are letters, digits, "_" and "-", found "{name}"')
    for name, send in top.send.items():
        if send.mapping not in (None, *top.mapping):
            there = ", ".join(top.mapping) or "none"
            raise BadRequest(f'{path.name}, send.{name}.mapping: there is no "{send.mapping}"; there are {there}')
    generator, model = _generator(top.generator, path, accept)
    inputs = {name: _part("inputs", table, path, f"input.{name}") for name, table in top.input.items()}
    stages = {name: _part("stage", table, path, f"stage.{name}") for name, table in top.stage.items()}
    _check_masks(inputs, stages, path)
    return Patch(
        path=path,
        latency=None if top.latency == "auto" else top.latency,
        fps=top.fps,
        inputs=inputs,
        mappings=top.mapping,
        generator=generator,
        model=model,
        stages=stages,
        rest=top.rest,
        keys=top.keys,
        control=top.control,
        teach=top.teach,
        serve=top.serve,
        sends=top.send,
        cues=top.cues,
    )


def _check_masks(inputs: dict[str, Part], stages: dict[str, Part], path: Path) -> None:
    giving = [name for name, one in inputs.items() if one.type.mask_size(one.settings)]
    for name, stage in stages.items():
        if (asked := stage.settings.mask) not in (None, *giving):
            found = f'"{asked}" gives no mask' if asked in inputs else f'there is no input "{asked}"'
            there = f"inputs that give one are {', '.join(giving)}" if giving else 'add one of kind = "silhouette"'
            raise BadRequest(f"{path.name}, stage.{name}.mask: {found}; {there}")


def part(room: str, kind: str, table: dict[str, Any], where: str) -> Part:
    """A part that no patch names: `table` read by the class of `kind`; `where` is told in errors."""
    return _part(room, {"kind": kind, **table}, Path(where), room)


def load_class(room: str, kind: str) -> type:
    """The one class that the file livegan/ROOM/KIND.py offers. Raises BadRequest for an unknown kind."""
    if not _KIND.fullmatch(kind) or kind not in kinds(room):
        close = difflib.get_close_matches(kind, kinds(room), 1)
        hint = f'did you mean "{close[0]}"?' if close else f"there are {', '.join(kinds(room))}"
        raise BadRequest(f'unknown kind "{kind}": {hint}')
    module = importlib.import_module(f"livegan.{room}.{kind}")
    base = importlib.import_module(f"livegan.{room}.base")
    contract = {"inputs": "Input", "generators": "Generator", "stage": "Stage"}[room]
    own = [c for _, c in inspect.getmembers(module, inspect.isclass) if c.__module__ == module.__name__]
    return next(c for c in own if issubclass(c, getattr(base, contract)))


def kinds(room: str) -> list[str]:
    """The kinds in a room: its files that define a class of the room's contract, found without importing them."""
    contract = {"inputs": "Input", "generators": "Generator", "stage": "Stage"}[room]
    offers = re.compile(rf"^class \w+\(({contract}|Detector)\)", re.MULTILINE)
    folder = Path(__file__).parent / room
    those = [file for file in folder.glob("*.py") if file.stem != "base"]
    return sorted(file.stem for file in those if offers.search(file.read_text("utf-8")))


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise BadRequest(f"{path}: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"{path.name} is not valid TOML: {error}") from None


def _part(room: str, table: dict[str, Any], path: Path, where: str) -> Part:
    kind = table.get("kind")
    if not isinstance(kind, str):
        raise BadRequest(f"{path.name}, {where}: kind is missing; there are {', '.join(kinds(room))}")
    try:
        owner = load_class(room, kind)
    except BadRequest as error:
        raise BadRequest(f"{path.name}, {where}.kind: {error}") from None
    found = Part(kind, owner, _validated(owner.Settings, table, path, where))
    if room == "inputs" and found.settings.derived:
        _check_formulas(found, path, where)
    return found


def _check_formulas(one: Part, path: Path, where: str) -> None:
    one.type.features(one.settings)  # what is wrong there is no formula's fault
    try:
        one.type.derived(one.settings)
    except BadRequest as error:
        raise BadRequest(f"{path.name}, {where}.{error}") from None


def _generator(table: dict[str, Any], path: Path, accept: Callable[[Path], Path]) -> tuple[Part, Path | None]:
    name = table.get("model")
    if name is None:
        part = _part("generators", {"kind": "pattern", **table}, path, "generator")
        if part.type.weighs:
            raise BadRequest(f'{path.name}, generator.model: is missing; {part.kind} needs one, such as "skies"')
        return part, None
    try:
        model = accept(files.find("models", str(name), path.parent, ".safetensors"))
        kind = architecture(model)
    except BadRequest as error:
        raise BadRequest(f"{path.name}, generator.model: {error}") from None
    return _part("generators", {"kind": kind, **table}, path, "generator"), model


def architecture(model: Path) -> str:
    """The kind of generator a model file is for, from its header alone. Raises BadRequest."""
    try:
        with model.open("rb") as file:
            (size,) = struct.unpack("<Q", file.read(8))
            if size > 10_000_000:
                raise ValueError("the header is too large")
            header = json.loads(file.read(size))
        return str(json.loads(header["__metadata__"]["livegan"])["architecture"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError, struct.error):
        raise BadRequest(f"{model} is not a livegan model; livegan import-model makes one of a checkpoint") from None


def _validated(model: type[Settings], table: dict[str, Any], path: Path, where: str) -> Any:
    try:
        return model.model_validate(table, context={"near": path.parent})
    except ValidationError as error:
        raise BadRequest(f"{path.name}, {_sentence(error, model, table, where)}") from None


def _sentence(error: ValidationError, model: type[Settings], table: dict[str, Any], where: str) -> str:
    first = error.errors()[0]
    key = ".".join([*([where] if where else []), *_written(first["loc"], table, first["type"] == "missing")])
    if first["type"] == "extra_forbidden":
        known = [name for name in _inside(model, first["loc"]).model_fields if name != "kind"]
        close = difflib.get_close_matches(str(first["loc"][-1]), known, 1)
        hint = f'did you mean "{close[0]}"?' if close else f"known keys are {', '.join(known)}"
        return f"{key}: unknown key; {hint}"
    message = first["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    if first["type"] == "value_error":
        return f"{key}: {message}"
    if first["type"] == "missing":
        return f"{key}: is missing"
    return f"{key}: found {_short(first['input'])}, but it should be {message}"


def _inside(model: type[Settings], loc: tuple[int | str, ...]) -> type[Settings]:
    """The settings of the innermost table on the way to an error."""
    for part in loc[:-1]:
        kind = model.model_fields[part].annotation if part in model.model_fields else None
        found = [one for one in (kind, *get_args(kind)) if isinstance(one, type) and issubclass(one, Settings)]
        model = found[0] if found else model
    return model


def _written(loc: tuple[int | str, ...], table: Any, missing: bool) -> list[str]:
    """The keys on the way to an error that stand in the patch; pydantic adds names of types."""
    found = []
    for part in loc:
        inside = range(len(table)) if isinstance(table, list) else table if isinstance(table, dict) else ()
        if part in inside:
            table = table[part]
            found.append(str(part))
    return [*found, str(loc[-1])] if missing else found


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
