"""Sound, MIDI and gamepads: what is plugged in, by the names that a patch uses. Listens to none of them."""

import warnings
from typing import Any

from livegan.control.doctor.check import Check, Machine, pip
from livegan.errors import Lost
from livegan.inputs.audio import portaudio
from livegan.senses import midiports


def ears() -> list[dict[str, Any]]:
    """What PortAudio knows of each device that hears. Raises Lost."""
    return [device for device in portaudio().query_devices() if device["max_input_channels"] > 0]


def ports() -> list[str]:
    """The names of the MIDI ports. Raises Lost."""
    one = midiports.opened_ports()
    try:
        return one.names()
    finally:
        one.close()


def pads() -> dict[int, str]:
    """Name and GUID of each gamepad, by its number; those that GLFW has no layout for begin with "?"."""
    import glfw

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", glfw.GLFWError)
        if not glfw.init():
            return {}
        found = {}
        for number in filter(glfw.joystick_present, range(glfw.JOYSTICK_LAST + 1)):
            known = glfw.joystick_is_gamepad(number)
            name = glfw.get_gamepad_name(number) if known else f"? {glfw.get_joystick_name(number).decode()}"
            found[number] = f"{name} ({glfw.get_joystick_guid(number).decode()})"
    return found


def sound(machine: Machine) -> list[Check]:
    """The sound devices that hear."""
    try:
        found = ears()
    except Lost:
        mend = machine.install("libportaudio2", "portaudio", pip("--force-reinstall sounddevice"))
        return [Check("sound", "warn", "PortAudio is not here: no sound can be heard", mend)]
    if not found:
        return [Check("sound", "skip", "no device hears; inputs of the kind audio need a microphone or a line in")]
    told = "; ".join(f'"{one["name"]}" {one["max_input_channels"]} in' for one in found)
    return [Check("sound", "ok", told)]


def midi(machine: Machine) -> list[Check]:
    """The MIDI ports."""
    try:
        names = ports()
    except Lost as lost:
        sentence, _, mend = str(lost).rpartition(": ")
        return [Check("midi", "warn", sentence, pip("python-rtmidi") if mend.startswith("pip") else mend)]
    if not names:
        return [Check("midi", "skip", "nothing is plugged in")]
    return [Check("midi", "ok", ", ".join(f'"{midiports.stable(name)}"' for name in names))]


def gamepads(machine: Machine) -> list[Check]:
    """The gamepads, as the window of a show hears them."""
    found = pads()
    strange = [name[2:] for name in found.values() if name.startswith("? ")]
    if strange:
        mend = 'give the input a mapping = "..." line of SDL\'s game controller database'
        return [Check("gamepads", "warn", f"no layout is known for {', '.join(strange)}", mend)]
    return [Check("gamepads", "ok" if found else "skip", ", ".join(found.values()) or "none is plugged in")]
