"""Screens: which there are, how often they are drawn, and whether they go dark in the middle of a show."""

import os
import re
from collections.abc import Mapping

from livegan.control.doctor.check import Check, Machine, said


def monitors(machine: Machine) -> list[Check]:
    """The monitors with their sizes and rates, the primary one first."""
    import glfw

    from livegan.stage import screen

    if not screen.monitors():
        mend = "start it at a screen; from a terminal elsewhere: export DISPLAY=:0" if machine.linux else "connect one"
        return [Check("monitors", "warn", "there is none: a show is rendered to a file, in out/", mend)]
    told = []
    for monitor in glfw.get_monitors():
        mode = glfw.get_video_mode(monitor)
        rate = f" at {mode.refresh_rate} Hz" if mode.refresh_rate else ", which tells no rate"
        told.append(f'"{glfw.get_monitor_name(monitor).decode()}" {mode.size.width} x {mode.size.height}{rate}')
    return [Check("monitors", "ok", "; ".join(told))]


def sleep(machine: Machine, surroundings: Mapping[str, str] = os.environ) -> list[Check]:
    """Whether the screen saver, or sleep, comes while nobody touches keyboard or mouse."""
    if machine.system == "darwin":
        minutes = re.search(r"^\s*displaysleep\s+(\d+)", said("pmset", "-g"), re.MULTILINE)
        return [_dark(60 * int(minutes[1]) if minutes else None, "caffeinate -di livegan play")]
    if not machine.linux:
        return [Check("sleep", "skip", "not to be read here: in Settings, Power, let screen and sleep be never")]
    if not {"DISPLAY", "WAYLAND_DISPLAY"} & set(surroundings):
        return [Check("sleep", "skip", "there is no screen")]
    if "GNOME" in surroundings.get("XDG_CURRENT_DESKTOP", ""):
        idle = re.search(r"uint32 (\d+)", said("gsettings", "get", "org.gnome.desktop.session", "idle-delay"))
        return [_dark(int(idle[1]) if idle else None, "gsettings set org.gnome.desktop.session idle-delay 0")]
    told = said("xset", "q")
    seconds = [int(found) for found in re.findall(r"(?:timeout|Standby|Suspend|Off):\s+(\d+)", told)]
    if "DPMS is Disabled" in told:
        seconds = seconds[:1]
    soonest = min((one for one in seconds if one), default=0)
    return [_dark(soonest if told else None, "xset s off -dpms")]


def _dark(seconds: int | None, mend: str) -> Check:
    if seconds is None:
        found = "not to be read here: systemd-inhibit --what=idle:sleep livegan play keeps this machine awake"
        return Check("sleep", "skip", found)
    if seconds:
        return Check("sleep", "warn", f"the screen goes dark after {seconds / 60:.3g} minutes without a key", mend)
    return Check("sleep", "ok", "the screen stays on")
