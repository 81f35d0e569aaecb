"""What one patch needs: its mappings and model, its ports, and the devices of its inputs."""

from collections.abc import Callable

from livegan import files
from livegan import patch as patches
from livegan.control.cues import cue_table, features
from livegan.control.doctor import devices, ports
from livegan.control.doctor.check import Check, Machine
from livegan.control.keys import DEFAULT_KEYS, key_table
from livegan.control.repertoire import COMMANDS
from livegan.errors import BadRequest, Lost
from livegan.inputs import camera, gamepad
from livegan.inputs.audio import AudioSettings
from livegan.patch import Part, Patch
from livegan.senses import midiports
from livegan.settings import Settings
from livegan.show import routes


def plan(name: str) -> Patch:
    """The patch of that name. Raises BadRequest."""
    return patches.read(files.find("patches", name, suffix=".toml"))


def names(patch: str) -> list[str]:
    """What can be asked of a patch, one at a time; only "patch" for one that cannot be read."""
    try:
        found = plan(patch)
    except BadRequest:
        return ["patch"]
    return ["patch", "model", *(f"input {name}" for name in found.inputs), "ports of the patch"]


def look(name: str, machine: Machine) -> list[Check]:
    """Answer for one of `names`."""
    if name == "patch":
        return [_patch(machine.patch)]
    found = plan(machine.patch)
    if name == "model":
        return [_model(found)]
    if name == "ports of the patch":
        return _ports(found)
    return [_input(name, found.inputs[name.partition(" ")[2]])]


def _patch(name: str) -> Check:
    """Whether it can be read and wired."""
    try:
        found = plan(name)
        mappings = routes.mappings(found)
        key_table(COMMANDS, DEFAULT_KEYS, found.keys, found.path.name)
        cue_table(found, COMMANDS, features(found))
    except BadRequest as error:
        return Check("patch", "missing", str(error), "correct the patch")
    untaught = [name for name, one in zip(found.mappings, mappings, strict=True) if one is None]
    told = f"{found.path.name} is right" + f"; not taught yet: {', '.join(untaught)}" * bool(untaught)
    return Check("patch", "ok", told)


def _model(found: Patch) -> Check:
    """Whether its generator opens."""
    try:
        generator = found.generator.type(found.generator.settings, found.model)
    except Exception as error:
        return Check("model", "missing", f"{found.model} does not open: {error}", "livegan import-model makes it anew")
    info = generator.info
    generator.close()
    return Check("model", "ok", f"{info.name} draws {info.size[1]} x {info.size[0]} on the {info.device}")


def _ports(found: Patch) -> list[Check]:
    """Those that the patch listens on, each once."""
    heard = {one.settings.port: (name, one.settings.host) for name, one in found.inputs.items() if one.kind == "osc"}
    if found.serve:
        heard[found.serve.port] = ("[serve]", found.serve.host)
    if found.control.on:
        heard[found.control.port] = ("commands", found.control.host)
    return [ports.one(port, use, "missing", host) for port, (use, host) in heard.items()]


def _input(name: str, one: Part) -> Check:
    """Whether its device is here."""
    needs = "camera" if one.type.pixels or one.type.detector else one.kind
    if needs not in _NEEDS:
        return Check(name, "ok", f"{one.kind} needs no device")
    try:
        return Check(name, "ok", _NEEDS[needs](one.settings))
    except Lost as lost:
        sentence, _, mend = str(lost).rpartition(": ")
        return Check(name, "missing", sentence, mend)


def _camera(settings: Settings) -> str:
    scheme, _, device = settings.source.partition(":")
    if scheme == "clip":
        return f"{settings.source} is here"
    index = camera.device_index(device)
    there = camera.devices()
    if there and index not in there:
        raise Lost(f'there is no camera "{device}": plug it in, or name another in the patch')
    return f"camera {index}" + f", {there[index]}" * (index in there)


def _sound(settings: AudioSettings) -> str:
    scheme, _, wanted = settings.source.partition(":")
    if scheme == "clip":
        return f"{settings.source} is here"
    found = [one["name"] for one in devices.ears()]
    alike = found if wanted == "default" else [name for name in found if wanted.lower() in name.lower()]
    if not alike:
        there = ", ".join(found) or "none"
        raise Lost(f'no sound device "{wanted}" hears (found {there}): plug it in, or name another in the patch')
    return f'"{alike[0]}"' if wanted != "default" else "the default device"


def _midi(settings: Settings) -> str:
    found = devices.ports()
    return f'"{midiports.stable(found[midiports.chosen(found, settings.port)])}"'


def _pad(settings: Settings) -> str:
    found = devices.pads()
    return found[gamepad.chosen(found, settings.pad)]


_NEEDS: dict[str, Callable[[Settings], str]] = {"camera": _camera, "audio": _sound, "midi": _midi, "gamepad": _pad}
"""By kind of input, what tells of its device or raises Lost."""
