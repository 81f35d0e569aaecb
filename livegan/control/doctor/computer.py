"""The machine itself: processor, how fast it may run, memory, disk, clock."""

import datetime
import os
import re
import shutil
from pathlib import Path

import numpy as np
import psutil

from livegan.clock import SystemClock
from livegan.control.doctor.check import Check, Machine, pip

_FLAGS = {"avx2": "AVX2", "avx512f": "AVX-512", "avx512_bf16": "AVX512-BF16", "amx_bf16": "AMX-BF16"}
_GIGABYTE = 1 << 30
_LITTLE_MEMORY, _LITTLE_DISK = 2.0, 1.0
"""Gigabytes that should be free."""

_LATE = 0.002
"""Seconds by which a clock may wake late; a picture at 60 a second lasts 17 ms."""


def processor(machine: Machine) -> list[Check]:
    """How many cores, what they multiply in hardware, and the type of number that pictures are drawn in, or the GPU."""
    try:
        from livegan.generators.device import CPU, chosen
        from livegan.generators.stylegan2_cpu import best_type
    except (ImportError, OSError) as error:
        return [
            Check(
                "processor",
                "missing",
                f"torch does not start: {error}",
                pip("--force-reinstall torch -c constraints.txt"),
            )
        ]
    told = machine.text("proc/cpuinfo")
    name = re.search(r"^model name\s*:\s*(.+)$", told, re.MULTILINE)
    flags = set(" ".join(re.findall(r"^(?:flags|Features)\s*:\s*(.+)$", told, re.MULTILINE)[:1]).split())
    has = ", ".join(label for flag, label in _FLAGS.items() if flag in flags) or "no AVX2"
    device = chosen("auto")
    drawn = f"in {str(best_type()).removeprefix('torch.')}" if device == CPU else f"on the GPU {device}"
    cores = os.cpu_count() or 1
    found = f"{name[1] if name else 'processor'}, {cores} core{'s' * (cores > 1)}"
    found += f" ({has})" * bool(flags) + f": pictures are drawn {drawn}"
    slow = cores < 2 or ("sse2" in flags and "avx2" not in flags)
    mend = "livegan bench tells how many pictures a second that allows; fps = 10 in the patch asks for fewer"
    return [Check("processor", "warn" if slow else "ok", found, mend if slow else "")]


def speed(machine: Machine) -> list[Check]:
    """Whether the processor is kept slow to save power."""
    if not machine.linux:
        return _power("this system does not tell how it saves power")
    folder = "sys/devices/system/cpu/cpu0/cpufreq"
    governor, driver = (machine.text(f"{folder}/scaling_{what}") for what in ("governor", "driver"))
    wish = machine.text(f"{folder}/energy_performance_preference")
    if not governor:
        return _power("the processor's speed is not ruled from here")
    # In these two drivers' active mode "powersave" goes up to full speed as well; what counts is their preference.
    active = driver in ("intel_pstate", "amd-pstate-epp")
    told = f'governor "{governor}"' + f', preference "{wish}"' * bool(wish)
    if (active and wish == "power") or (governor == "powersave" and not active):
        mend = "echo performance | sudo tee /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor"
        return [Check("speed", "warn", f"{told}: the processor is kept slow", mend)]
    return _power(told)


def _power(told: str) -> list[Check]:
    battery = psutil.sensors_battery() if hasattr(psutil, "sensors_battery") else None
    if battery is not None and battery.power_plugged is False:
        return [Check("speed", "warn", f"{told}; on battery at {battery.percent:.0f} %", "plug the charger in")]
    return [Check("speed", "ok", told)]


def memory(machine: Machine) -> list[Check]:
    """How much memory is free."""
    found = psutil.virtual_memory()
    free, total = found.available / _GIGABYTE, found.total / _GIGABYTE
    told = f"{free:.1f} of {total:.1f} GB free"
    if free < _LITTLE_MEMORY:
        return [Check("memory", "warn", f"{told}; {_LITTLE_MEMORY:g} should be", "close other programs")]
    return [Check("memory", "ok", told)]


def disk(machine: Machine, here: Path | None = None) -> list[Check]:
    """Whether mappings/ and patches/ of the current folder can be written, and how much room there is."""
    here = here or Path.cwd()
    folders = [folder if folder.is_dir() else here for folder in (here / "mappings", here / "patches")]
    closed = sorted({str(folder) for folder in folders if not os.access(folder, os.W_OK | os.X_OK)})
    if closed:
        mend = f"sudo chown -R $USER {' '.join(closed)}, or start livegan in a folder of your own"
        return [Check("disk", "warn", f"{' and '.join(closed)} cannot be written: nothing taught can be kept", mend)]
    free = shutil.disk_usage(here).free / _GIGABYTE
    if free < _LITTLE_DISK:
        found = f"{free:.1f} GB are free; recordings and takes want more than {_LITTLE_DISK:g}"
        return [Check("disk", "warn", found, "make room: delete old recordings, or sudo apt clean")]
    return [Check("disk", "ok", f"mappings/ and patches/ can be written, {free:.0f} GB are free")]


def clock(machine: Machine) -> list[Check]:
    """How finely the clock counts, how late it wakes, and whether the date can be right."""
    one = SystemClock()
    late = []
    for _ in range(40):
        due = one.now() + 0.001
        one.sleep_until(due)
        late.append(one.now() - due)
    usual, source = float(np.median(late)), machine.text(_SOURCE)
    told = f"wakes {1e3 * usual:.1f} ms late" + f", counted by {source}" * bool(source)
    if source in ("hpet", "acpi_pm", "jiffies"):
        mend = "echo tsc | sudo tee /sys/devices/system/clocksource/clocksource0/current_clocksource"
        return [Check("clock", "warn", f"{told}, which is slow to ask", mend)]
    if datetime.datetime.now().year < 2026:
        return [Check("clock", "warn", f"{told}; the date is in the past", "set it: sudo timedatectl set-ntp true")]
    if usual > _LATE:
        return [Check("clock", "warn", f"{told}; pictures will come unevenly", "close other programs")]
    return [Check("clock", "ok", told)]


_SOURCE = "sys/devices/system/clocksource/clocksource0/current_clocksource"
