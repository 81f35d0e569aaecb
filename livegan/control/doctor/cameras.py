"""Cameras: which there are, by the name that they keep, what they can do, and who may use them.

Opens none unless it was asked to.
"""

import contextlib
import os
from pathlib import Path

from livegan.control.doctor import v4l2
from livegan.control.doctor.check import Check, Machine
from livegan.errors import Lost
from livegan.inputs import camera

_PROBED = 4
_GROUPS = {"video": "dev/video*", "audio": "dev/snd/*", "input": "dev/input/event*"}
_ON_USB = ("sys/class/video4linux/video*", "sys/class/sound/card*")  # a MIDI controller is a sound card too
_QUICK = 25.0
"""Pictures a second below which movement looks halting."""


def cameras(machine: Machine) -> list[Check]:
    """One line for each camera."""
    if not machine.linux:
        return _probed(machine)
    found = [_one(index, name, machine) for index, name in camera.devices(machine.root).items()]
    none = Check("cameras", "warn", "none is here: livegan play takes the bundled dancer", "plug one in")
    return [one for one in found if one] or [none]


def _one(index: int, name: str, machine: Machine) -> Check | None:
    """What /dev/videoN is; None for a further node of a camera, which has no pictures."""
    device = machine.root / f"dev/video{index}"
    label, source = f"camera {index}", f'source = "camera:{camera.stable_name(str(index), machine.root)}"'
    if not os.access(device, os.R_OK | os.W_OK):
        return Check(label, "warn", f"{name}: you may not use it", "sudo usermod -aG video $USER  # then log in again")
    try:
        own, modes = v4l2.opened_modes(device)
    except OSError as error:
        return Check(label, "warn", f"{name} does not answer: {error.strerror}", "plug it out and in again")
    if not modes:
        return None
    told = f"{own}: {v4l2.told(modes)}; {source}"
    if max(mode.rate for mode in modes) < _QUICK:
        return Check(label, "warn", told, "more light, a USB port of its own, or another camera")
    if users := _users(device, machine.root):
        return Check(label, "warn", f"{told}; in use by {users}", f"close {users}")
    return _seen(label, told, str(index)) if machine.open else Check(label, "ok", told)


def _users(device: Path, root: Path) -> str:
    """The programs that hold a file open, as far as this person may know."""
    found = set()
    for handle in root.glob("proc/[0-9]*/fd/*"):
        with contextlib.suppress(OSError):
            if handle.readlink() == device:
                found.add(f"{(handle.parents[1] / 'comm').read_text().strip()} ({handle.parents[1].name})")
    return ", ".join(sorted(found))


def _probed(machine: Machine) -> list[Check]:
    if not machine.open:
        return [Check("cameras", "skip", "this system lists none unless they are opened: livegan doctor --open")]
    found = [_seen(f"camera {index}", f'source = "camera:{index}"', str(index)) for index in range(_PROBED)]
    there = [one for one in found if one.state == "ok"]
    mend = "plug one in, and allow cameras for this terminal in the system's privacy settings"
    return there or [Check("cameras", "warn", "none opens: livegan play takes the bundled dancer", mend)]


def _seen(label: str, told: str, device: str) -> Check:
    """Open a camera and take a picture."""
    one = camera.Camera()
    with contextlib.closing(one):
        try:
            one.open(camera.CameraSettings(kind="camera", source=f"camera:{device}"))
            frame = one.read(5.0)
        except Lost as lost:
            return Check(label, "warn", f"{told}; {lost}", "close what else uses it, or plug it out and in again")
    height, width = frame.data.shape[:2]
    return Check(label, "ok", f"{told}; gave a picture of {width} x {height}")


def permission(machine: Machine) -> list[Check]:
    """Whether this person may use the cameras, sound cards, MIDI ports and pads that are here."""
    if not machine.linux:
        return [Check("permission", "skip", "this system asks when a camera or a microphone is used first")]
    nodes = {group: [*machine.root.glob(pattern)] for group, pattern in _GROUPS.items()}
    nodes["input"] = [node for node in nodes["input"] if _is_pad(node, machine)]
    closed = [g for g, paths in nodes.items() if any(not os.access(path, os.R_OK) for path in paths)]
    if closed:
        mend = f"sudo usermod -aG {','.join(closed)} $USER  # then log in again"
        return [Check("permission", "warn", f"devices of the groups {', '.join(closed)} are closed to you", mend)]
    there = [group for group, paths in nodes.items() if paths]
    if not there:
        return [Check("permission", "skip", "no camera, sound card or gamepad is here")]
    return [Check("permission", "ok", f"you may use the devices of {', '.join(there)}")]


def _is_pad(node: Path, machine: Machine) -> bool:
    return any(machine.root.glob(f"sys/class/input/{node.name}/device/js*"))


def usb_power(machine: Machine) -> list[Check]:
    """Whether the system may put a device to sleep to save power, which some do not survive."""
    if not machine.linux:
        return [Check("usb power", "skip", "not to be read here")]
    nodes = [node for pattern in _ON_USB for node in machine.root.glob(pattern)]
    ports = sorted({port for node in nodes if (port := _port(node))})
    if not ports:
        return [Check("usb power", "skip", "no camera, sound card or MIDI controller hangs on USB")]
    saving = [port for port in ports if (port / "power/control").read_text().strip() == "auto"]
    what = "cameras, sound cards and MIDI controllers on USB"
    if not saving:
        return [Check("usb power", "ok", f"{what} are kept awake: {len(ports)}")]
    controls = " ".join(f"/sys/bus/usb/devices/{port.name}/power/control" for port in saving)
    found = f"{what} may be put to sleep: {len(saving)} of {len(ports)}"
    return [Check("usb power", "warn", found, f"echo on | sudo tee {controls}")]


def _port(node: Path) -> Path | None:
    """The USB device that a node belongs to."""
    folder = (node / "device").resolve()
    return next(
        (up for up in (folder, *folder.parents) if (up / "power/control").is_file() and (up / "idVendor").is_file()),
        None,
    )
