"""All checks in the order in which they are told."""

from collections.abc import Callable

from livegan.control.doctor import cameras, computer, devices, graphics, needs, ports, screens, software
from livegan.control.doctor.check import Check, Machine

CHECKS: dict[str, Callable[[Machine], list[Check]]] = {
    "python": software.python,
    "packages": software.packages,
    "torch": graphics.torch,
    "processor": computer.processor,
    "speed": computer.speed,
    "memory": computer.memory,
    "disk": computer.disk,
    "clock": computer.clock,
    "opengl": graphics.opengl,
    "monitors": screens.monitors,
    "window": graphics.window,
    "sleep": screens.sleep,
    "cameras": cameras.cameras,
    "usb power": cameras.usb_power,
    "permission": cameras.permission,
    "sound": devices.sound,
    "midi": devices.midi,
    "gamepads": devices.gamepads,
}
"""By what is looked at."""


def names(machine: Machine) -> list[str]:
    """Everything that is looked at on this machine, and for its patch."""
    return [*CHECKS, *(needs.names(machine.patch) if machine.patch else ["ports"])]


def look(name: str, machine: Machine) -> list[Check]:
    """Look at one of `names`."""
    if name == "ports":
        return ports.usual(machine)
    return CHECKS[name](machine) if name in CHECKS else needs.look(name, machine)
