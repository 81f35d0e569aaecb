"""What `livegan doctor` finds on machines made of folders, and on this one; and that nothing it asks can hold it up."""

import contextlib
import json
import multiprocessing
import os
import signal
import socket
import struct
import sys
import threading
from pathlib import Path

import numpy as np
import psutil
import pytest
from rich.console import Console

from livegan.control.doctor import (
    apart,
    cameras,
    computer,
    devices,
    graphics,
    needs,
    ports,
    screens,
    software,
    table,
    v4l2,
)
from livegan.control.doctor.check import Check, Machine, said
from livegan.control.doctoring import as_text, doctor
from livegan.errors import Lost
from tests.shows import STEADY, free_port, livegan

STATES = {"ok", "warn", "missing", "skip"}


def made(root: Path, files: dict[str, str]) -> Machine:
    """A Debian machine with these files."""
    for name, text in {"etc/debian_version": "12", **files}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return Machine(root=root, system="linux")


def program(folder: Path, name: str, says: str, monkeypatch) -> None:
    """A program of that name that says this, before all others."""
    path = folder / "bin" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\ncat <<'E'\n{says}\nE\n")
    path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{path.parent}{os.pathsep}{os.environ['PATH']}")


def only(found: list[Check]) -> Check:
    assert len(found) == 1
    return found[0]


def answering(name: str, machine: Machine) -> list[Check]:
    """What a process of its own is asked in these tests; beyond the dots it stands for drivers at their worst."""
    if name == "hangs":
        threading.Event().wait()
    if name == "crashes":
        os.kill(os.getpid(), signal.SIGKILL)
    if name == "raises":
        raise ValueError("odd")
    if name == "chatters":
        os.write(2, b"ALSA lib: unable\n")
    return [Check(name, "ok", str(os.getpid()))]


def test_what_hangs_crashes_or_raises_is_told_and_the_rest_answered():
    names = ["a", "hangs", "b", "crashes", "c", "raises", "chatters"]
    found = {name: only(one) for name, one in zip(names, apart.answers(names, Machine(), answering, 1.0), strict=True)}
    assert [found[name].state for name in names] == ["ok", "warn", "ok", "warn", "ok", "warn", "ok"]
    assert found["hangs"].found == "gave no answer within 1 s"
    assert "status -9" in found["crashes"].found
    assert "ValueError: odd" in found["raises"].found
    assert found["c"].found == found["chatters"].found != str(os.getpid())
    assert not multiprocessing.active_children()


def test_this_machine_is_told_of_as_a_table_and_as_json_and_is_left_as_it_was(tmp_path):
    running = livegan("doctor", "--json", cwd=tmp_path)
    out, err = running.communicate(timeout=300)
    checks = json.loads(out)["checks"]
    assert {*table.CHECKS} - {"cameras"} <= {one["name"] for one in checks}
    for one in checks:
        assert one.keys() == {"name", "state", "found", "mend"}
        assert one["state"] in STATES
        assert one["found"]
        assert one["mend"] or one["state"] in ("ok", "skip"), one
    missing = [one for one in checks if one["state"] == "missing"]
    assert running.returncode == (1 if missing else 0)
    assert err.count("\n") == 1
    assert not [*tmp_path.iterdir()]


def test_the_table_says_what_mends_in_one_unbroken_line():
    line = "sudo apt install " + "libportaudio2 " * 12 + "# and then once more"
    found = [
        Check("sound", "warn", "PortAudio is not here", line),
        Check("midi", "skip", "nothing"),
        Check("a", "ok", "b"),
    ]
    text = as_text(found, Console(width=60, highlight=False))
    assert f"sound: {line}" in text.splitlines()
    assert "1 ok, 1 to look at, 0 missing, 1 left out. A show can play here." in text
    assert "is missing." in as_text([Check("opengl", "missing", "[none]", "x")])
    assert "[none]" in as_text([Check("opengl", "missing", "[none]", "x")])


def test_exit_status_is_whether_something_is_missing(monkeypatch):
    monkeypatch.setattr(table, "names", lambda machine: ["a"])
    for state in STATES:
        monkeypatch.setattr(apart, "answers", lambda *_, state=state: [[Check("a", state, "b")]])
        said_: list[str] = []
        assert doctor(Machine(), True, said_.append, lambda _: None) == (state != "missing")
        assert json.loads(said_[0]) == {"checks": [{"name": "a", "state": state, "found": "b", "mend": ""}]}


@pytest.mark.parametrize(("version", "state"), [((3, 10, 9), "missing"), ((3, 11, 0), "ok"), ((3, 13, 1), "missing")])
def test_python(tmp_path, version, state):
    one = only(software.python(made(tmp_path, {}), version))
    assert one.state == state
    assert ("sudo apt install python3.11" in one.mend) == (state == "missing")


def test_packages_in_other_versions_than_tried_are_told(tmp_path, monkeypatch):
    assert only(software.packages(Machine())).state == "ok"
    (tmp_path / "c.txt").write_text("numpy==1.0\nPillow==0.1\n")
    one = only(software.packages(Machine(), tmp_path / "c.txt"))
    assert one.state == "warn"
    assert "(tried with 1.0)" in one.found
    assert "numpy==1.0 pillow==0.1" in one.mend
    monkeypatch.setattr(software.metadata, "requires", lambda _: ["numpy>=2", "unheard-of>=1; python_version>'3'"])
    assert only(software.packages(Machine())).found == "not installed: unheard-of"


def test_two_opencvs_are_told(monkeypatch):
    monkeypatch.setattr(software, "_there", lambda: dict.fromkeys([*software._needed(), "opencv-python"], "1"))
    one = only(software.packages(Machine(), Path("none")))
    assert "pip uninstall -y opencv-python opencv-contrib-python && " in one.mend


TORCH = "from typing import Optional\n__version__ = '2.13.0{}'\ndebug = False\ncuda: Optional[str] = {!r}\n"
OPEN = "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  {}  Release Build  (root@host)\nGCC version: 12.2.0\n"
CARD = "Model: \t\t NVIDIA GeForce RTX 4070\nIRQ:   \t\t 16\n"
PCI = {"sys/bus/pci/devices/0/vendor": "0x10de\n", "sys/bus/pci/devices/0/class": "0x030000\n"}


@pytest.mark.parametrize(
    ("cuda", "driver", "state", "says", "mend"),
    [
        (None, "580.65.06", "warn", "RTX 4070, driver 580.65.06, which this build cannot use", "torch==2.13.0+cu130"),
        (None, "470.256.02", "warn", "cannot use", "sudo apt install nvidia-driver, restart, then"),
        ("13.0", "580.65.06", "ok", "CUDA 13.0", ""),
        ("13.0", "550.54.15", "warn", "too old: 580 is needed", "sudo apt install nvidia-driver"),
        ("12.8", "550.54.15", "ok", "driver 550.54.15", ""),
        ("13.0", "", "warn", "has no driver", "sudo apt install nvidia-driver"),
        (None, None, "ok", "no NVIDIA card", ""),
    ],
)
def test_torch_and_the_driver_must_fit(tmp_path, cuda, driver, state, says, mend):
    files = {"torch/version.py": TORCH.format("" if cuda else "+cpu", cuda)}
    if driver is not None:
        files |= PCI
    if driver:
        files |= {"proc/driver/nvidia/version": OPEN.format(driver), "proc/driver/nvidia/gpus/0/information": CARD}
    one = only(graphics.torch(made(tmp_path, files), tmp_path / "torch"))
    assert (one.state, says in one.found, mend in one.mend) == (state, True, True), one


def test_a_driver_that_only_tells_by_its_own_program_is_asked(tmp_path, monkeypatch):
    program(tmp_path, "nvidia-smi", "NVIDIA GeForce RTX 3080, 555.42.02", monkeypatch)
    assert graphics.nvidia(Machine(root=tmp_path)) == graphics.Card("NVIDIA GeForce RTX 3080", "555.42.02")


def test_no_torch_is_missing(tmp_path):
    assert only(graphics.torch(made(tmp_path, {}), tmp_path)).state == "missing"


@pytest.mark.parametrize("renderer", ["llvmpipe (LLVM 15.0.6, 256 bits)", "softpipe", "GDI Generic"])
def test_a_processor_in_place_of_a_graphics_card_is_told(tmp_path, renderer):
    one = graphics.drawn_by("opengl", renderer, 450, made(tmp_path, PCI))
    assert (one.state, one.mend) == ("warn", "sudo apt install nvidia-driver")
    assert graphics.drawn_by("opengl", "NVIDIA GeForce RTX 4070/PCIe/SSE2", 460, Machine()).state == "ok"


def test_opengl_windows_and_monitors_here(display):
    for check in (graphics.opengl, graphics.window):
        one = only(check(Machine()))
        assert one.found.startswith("OpenGL ")
        assert one.state in ("ok", "warn")
    assert "1280 x 800" in only(screens.monitors(Machine())).found


XSET = "Screen Saver:\n  timeout:  {}    cycle:  600\nDPMS\n  Standby: 900    Suspend: 900    Off: 300\n  DPMS is {}\n"


@pytest.mark.parametrize(
    ("saver", "dpms", "state", "says"),
    [(600, "Disabled", "warn", "10 minutes"), (600, "Enabled", "warn", "5 minutes"), (0, "Disabled", "ok", "stays on")],
)
def test_a_screen_that_goes_dark_is_told(tmp_path, monkeypatch, saver, dpms, state, says):
    program(tmp_path, "xset", XSET.format(saver, dpms), monkeypatch)
    one = only(screens.sleep(Machine(), {"DISPLAY": ":0"}))
    assert (one.state, says in one.found) == (state, True)
    assert one.mend == ("xset s off -dpms" if state == "warn" else "")
    assert only(screens.sleep(Machine(), {})).state == "skip"


def test_gnome_is_asked_in_its_own_way(tmp_path, monkeypatch):
    program(tmp_path, "gsettings", "uint32 300", monkeypatch)
    one = only(screens.sleep(Machine(), {"WAYLAND_DISPLAY": "wayland-0", "XDG_CURRENT_DESKTOP": "ubuntu:GNOME"}))
    assert one.found == "the screen goes dark after 5 minutes without a key"


def test_a_program_that_never_ends_is_not_waited_for(tmp_path, monkeypatch):
    program(tmp_path, "endless", "x", monkeypatch)
    (tmp_path / "bin/endless").write_text("#!/bin/sh\nexec sleep 60\n")
    assert said("endless", seconds=0.2) == ""
    assert said("no-such-program") == ""


CPU = "sys/devices/system/cpu/cpu0/cpufreq"


@pytest.mark.parametrize(
    ("governor", "driver", "wish", "state"),
    [
        ("powersave", "acpi-cpufreq", "", "warn"),
        ("powersave", "intel_pstate", "balance_performance", "ok"),
        ("powersave", "amd-pstate-epp", "power", "warn"),
        ("performance", "intel_pstate", "performance", "ok"),
        ("schedutil", "acpi-cpufreq", "", "ok"),
    ],
)
def test_a_processor_kept_slow_is_told(tmp_path, monkeypatch, governor, driver, wish, state):
    monkeypatch.setattr(psutil, "sensors_battery", lambda: None, raising=False)
    names = {"scaling_governor": governor, "scaling_driver": driver, "energy_performance_preference": wish}
    one = only(computer.speed(made(tmp_path, {f"{CPU}/{name}": text for name, text in names.items()})))
    assert (one.state, "scaling_governor" in one.mend) == (state, state == "warn")


def test_the_processor_and_what_it_draws_in(tmp_path):
    flags = "processor : 0\nmodel name\t: A Chip 9\nflags\t\t: fpu sse2 {}\n"
    few = only(computer.processor(made(tmp_path, {"proc/cpuinfo": flags.format("sse4_2")})))
    assert (few.state, "A Chip 9" in few.found, "no AVX2" in few.found) == ("warn", True, True)
    many = only(computer.processor(made(tmp_path, {"proc/cpuinfo": flags.format("avx2 avx512_bf16 amx_bf16")})))
    assert "(AVX2, AVX512-BF16, AMX-BF16): pictures are drawn in " in many.found


def test_a_torch_that_does_not_start_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "livegan.generators.stylegan2_cpu", None)
    one = only(computer.processor(Machine()))
    assert (one.state, "torch does not start" in one.found) == ("missing", True)


def test_memory_disk_and_clock_of_this_machine(tmp_path, monkeypatch):
    assert "GB free" in only(computer.memory(Machine())).found
    assert (
        "can be written" in only(computer.disk(Machine(), tmp_path)).found
        or "GB" in only(computer.disk(Machine())).found
    )
    assert "ms late" in only(computer.clock(Machine())).found
    (tmp_path / "mappings").mkdir()
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != "mappings")
    one = only(computer.disk(Machine(), tmp_path))
    assert one.state == "warn"
    assert f"{tmp_path / 'mappings'} cannot be written" in one.found


def test_a_slow_source_of_time_is_told(tmp_path):
    one = only(computer.clock(made(tmp_path, {computer._SOURCE: "hpet\n"})))
    assert one.state == "warn"
    assert one.mend.startswith("echo tsc | sudo tee")


MJPG, YUYV = (int.from_bytes(letters, "little") for letters in (b"MJPG", b"YUYV"))
SIZES = {MJPG: [(640, 480), (1920, 1080)], YUYV: [(640, 480), (1280, 720)]}
RATES = {
    (YUYV, 1280): [(1, 10)],
    (YUYV, 640): [(1, 30), (1, 15)],
    (MJPG, 640): [(1, 60)],
    (MJPG, 1920): [(1001, 30000)],
}


def driver(captures: bool = True, stepwise: bool = False):
    """A camera's driver, by the structures of linux/videodev2.h."""

    def size(told: bytearray) -> bytes:
        index, letters = struct.unpack_from("<2I", told)
        if stepwise:
            return struct.pack("<9I", index, letters, 3, 160, 1920, 8, 120, 1080, 8) if index == 0 else b""
        return struct.pack("<5I", index, letters, 1, *SIZES[letters][index]) if index < len(SIZES[letters]) else b""

    def interval(told: bytearray) -> bytes:
        index, letters, width, height = struct.unpack_from("<4I", told)
        rates = RATES.get((letters, width), [])
        return struct.pack("<7I", index, letters, width, height, 1, *rates[index]) if index < len(rates) else b""

    def form(told: bytearray) -> bytes:
        index, kind = struct.unpack_from("<2I", told)
        assert kind == 1
        return struct.pack("<3I32sI", index, 1, 0, b"any", (MJPG, YUYV)[index]) if index < 2 else b""

    def capability(told: bytearray) -> bytes:
        return struct.pack("<16s32s32s3I", b"uvcvideo", b"HD Webcam", b"usb-1", 0, 0x84A00001, 0x04200000 + captures)

    answers = {(0, 104): capability, (2, 64): form, (74, 44): size, (75, 52): interval}

    def ask(request: int, told: bytearray) -> None:
        number, length = request & 0xFF, request >> 16 & 0x3FFF
        assert request >> 8 & 0xFF == ord("V")
        assert request >> 30 == (2 if number == 0 else 3)  # told to us, or both ways
        assert len(told) == length
        answer = answers[number, length](told)
        if not answer:
            raise OSError(22, "Invalid argument")
        told[: len(answer)] = answer

    return ask


def test_a_cameras_modes_are_those_of_its_driver():
    name, modes = v4l2.modes(driver())
    assert name == "HD Webcam"
    assert {(m.format, m.width, m.height): round(m.rate, 2) for m in modes} == {
        ("MJPG", 640, 480): 60,
        ("MJPG", 1920, 1080): 29.97,
        ("YUYV", 640, 480): 30,
        ("YUYV", 1280, 720): 10,
    }
    assert v4l2.told(modes) == "MJPG 1920 x 1080 at 29.97, YUYV 1280 x 720 at 10 or 640 x 480 at 30"


def test_sizes_in_steps_are_told_by_the_largest_and_further_nodes_have_none():
    assert {(m.width, m.height) for m in v4l2.modes(driver(stepwise=True))[1]} == {(1920, 1080)}
    assert v4l2.modes(driver(captures=False))[1] == []


def test_what_is_no_camera_is_not_asked_for_ever(tmp_path):
    (tmp_path / "video0").write_text("")
    with pytest.raises(OSError, match=r"ioctl|Inappropriate"):
        v4l2.opened_modes(tmp_path / "video0")


def camera_machine(root: Path, control: str = "auto") -> Machine:
    usb = "sys/devices/usb1/1-2"
    machine = made(
        root,
        {
            f"{usb}/idVendor": "046d",
            f"{usb}/power/control": control,
            f"{usb}/1-2:1.0/video4linux/video0/name": "HD Webcam\n",
            "dev/video0": "",
        },
    )
    node = root / "sys/class/video4linux/video0"
    node.parent.mkdir(parents=True)
    node.symlink_to(root / usb / "1-2:1.0/video4linux/video0")
    (root / usb / "1-2:1.0/video4linux/video0/device").symlink_to(root / usb / "1-2:1.0")
    (root / "dev/v4l/by-id").mkdir(parents=True)
    (root / "dev/v4l/by-id/usb-HD-index0").symlink_to("../../video0")
    return machine


def test_a_camera_is_told_by_the_name_that_it_keeps(tmp_path, monkeypatch):
    machine = camera_machine(tmp_path)
    monkeypatch.setattr(v4l2, "opened_modes", lambda device: v4l2.modes(driver()))
    one = only(cameras.cameras(machine))
    assert (one.name, one.state) == ("camera 0", "ok")
    assert one.found.startswith("HD Webcam: MJPG 1920 x 1080 at 29.97")
    assert one.found.endswith('source = "camera:usb-HD-index0"')


def test_who_has_a_camera_is_told(tmp_path, monkeypatch):
    machine = camera_machine(tmp_path)
    monkeypatch.setattr(v4l2, "opened_modes", lambda device: v4l2.modes(driver()))
    made(tmp_path, {"proc/77/comm": "obs\n"})
    (tmp_path / "proc/77/fd").mkdir()
    (tmp_path / "proc/77/fd/5").symlink_to(tmp_path / "dev/video0")
    one = only(cameras.cameras(machine))
    assert (one.state, one.mend) == ("warn", "close obs (77)")


def test_a_camera_that_may_not_be_used_is_told_and_how_to_be_let_in(tmp_path, monkeypatch):
    machine = camera_machine(tmp_path)
    monkeypatch.setattr(os, "access", lambda path, mode: "video" not in Path(path).name)
    assert "usermod -aG video $USER" in only(cameras.cameras(machine)).mend
    one = only(cameras.permission(machine))
    assert (one.state, "usermod -aG video $USER" in one.mend) == ("warn", True)


def test_no_camera_is_no_fault_and_none_is_opened_unasked(tmp_path):
    assert only(cameras.cameras(made(tmp_path, {}))).state == "warn"
    one = only(cameras.cameras(Machine(root=tmp_path, system="darwin")))
    assert (one.state, "--open" in one.found) == ("skip", True)


def test_a_camera_that_may_be_put_to_sleep_is_told(tmp_path):
    one = only(cameras.usb_power(camera_machine(tmp_path)))
    assert (one.state, one.mend) == ("warn", "echo on | sudo tee /sys/bus/usb/devices/1-2/power/control")
    (tmp_path / "sys/devices/usb1/1-2/power/control").write_text("on\n")
    assert only(cameras.usb_power(Machine(root=tmp_path))).state == "ok"
    assert only(cameras.usb_power(Machine(root=tmp_path / "none"))).state == "skip"


def test_sound_cards_and_midi_controllers_that_may_be_put_to_sleep_are_told_with_the_cameras(tmp_path):
    machine = camera_machine(tmp_path)
    for number, place in enumerate(["usb1/1-2/1-2:1.2", "usb1/1-4/1-4:1.0", "pci0000:00/0000:00:1f.3"]):
        made(tmp_path, {f"sys/devices/{place}/sound/card{number}/id": "a card\n"})
        card = tmp_path / f"sys/class/sound/card{number}"
        card.parent.mkdir(parents=True, exist_ok=True)
        card.symlink_to(tmp_path / f"sys/devices/{place}/sound/card{number}")
        (card / "device").symlink_to(tmp_path / f"sys/devices/{place}")
    made(tmp_path, {"sys/devices/usb1/1-4/idVendor": "1235", "sys/devices/usb1/1-4/power/control": "auto\n"})
    controls = [f"/sys/bus/usb/devices/{port}/power/control" for port in ("1-2", "1-4")]
    one = only(cameras.usb_power(machine))
    assert (one.state, one.mend) == ("warn", f"echo on | sudo tee {' '.join(controls)}")
    (tmp_path / "sys/devices/usb1/1-2/power/control").write_text("on\n")
    one = only(cameras.usb_power(machine))
    assert (one.state, one.mend) == ("warn", f"echo on | sudo tee {controls[1]}")
    assert one.found.endswith("1 of 2")


def test_sound_midi_and_pads(tmp_path, monkeypatch):
    def lost():
        raise Lost("no sound can be heard (OSError): sudo apt install libportaudio2")

    machine = made(tmp_path, {})
    monkeypatch.setattr(devices, "ears", lost)
    assert only(devices.sound(machine)).mend == "sudo apt install libportaudio2"
    assert only(devices.sound(Machine(root=tmp_path, system="darwin"))).mend == "brew install portaudio"
    monkeypatch.setattr(devices, "ears", lambda: [{"name": "Scarlett", "max_input_channels": 2}])
    assert only(devices.sound(machine)).found == '"Scarlett" 2 in'
    monkeypatch.setattr(devices, "ports", lambda: ["nanoKONTROL2 20:0"])
    assert only(devices.midi(machine)).found == '"nanoKONTROL2"'
    monkeypatch.setattr(devices, "pads", lambda: {0: "? Old Stick (0300)"})
    assert "mapping" in only(devices.gamepads(machine)).mend


@contextlib.contextmanager
def held():
    """A port that somebody has."""
    with contextlib.closing(socket.socket(type=socket.SOCK_DGRAM)) as one:
        one.bind(("127.0.0.1", 0))
        yield one.getsockname()[1]


def test_who_has_a_port_is_told():
    with held() as port:
        one = ports.one(port, "commands", "missing")
        assert (one.state, one.name) == ("missing", f"port {port}")
        assert f"(process {os.getpid()}) has it (commands)" in one.found
        assert one.mend.startswith("close ")
    assert ports.one(port, "commands", "missing").state == "ok"


def patched(folder: Path, text: str) -> Machine:
    (folder / "show.toml").write_text(text)
    return Machine(patch=str(folder / "show.toml"))


def looked(machine: Machine) -> dict[str, Check]:
    return {one.name: one for name in needs.names(machine.patch) for one in needs.look(name, machine)}


def test_what_a_patch_needs(tmp_path):
    with held() as port:
        text = f'[input.desk]\nkind = "osc"\nport = {port}\n[input.desk.addresses]\n"/a" = "a"\n' + STEADY
        found = looked(patched(tmp_path, f"{text}[control]\nport = {free_port()}\n".replace('latency = "100 ms"', "")))
    assert found["patch"].state == found["input body"].state == found["input desk"].state == "ok"
    assert found["model"].found == "pattern draws 64 x 64 on the cpu"
    assert found[f"port {port}"].state == "missing"
    assert [one.state for name, one in found.items() if name.startswith("port ") and name != f"port {port}"] == ["ok"]


DEVICES = {
    "camera": ('[input.a]\nkind = "pose"\nsource = "camera:not here"\n', "not here"),
    "audio": ('[input.a]\nkind = "audio"\nsource = "device:not here"\n', "hear"),
    "midi": ('[input.a]\nkind = "midi"\nport = "not here"\n', "MIDI"),
    "gamepad": ('[input.a]\nkind = "gamepad"\npad = "not here"\n', 'no gamepad "not here"'),
}


@pytest.mark.parametrize(("text", "says"), DEVICES.values(), ids=DEVICES.keys())
def test_a_device_that_a_patch_needs_is_missing(tmp_path, text, says):
    one = looked(patched(tmp_path, text))["input a"]
    assert (one.state, says in one.found) == ("missing", True), one
    assert one.mend


def test_a_wrong_patch_and_a_damaged_model_are_told(tmp_path):
    one = looked(patched(tmp_path, '[input.a]\nkind = "nose"\n'))
    assert one.keys() == {"patch"}
    assert (one["patch"].state, "pose" in one["patch"].found) == ("missing", True)
    assert looked(Machine(patch="no such patch"))["patch"].state == "missing"
    header = json.dumps({"__metadata__": {"livegan": '{"architecture": "stylegan2"}'}}).encode()
    (tmp_path / "m.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + np.zeros(4).tobytes())
    found = looked(patched(tmp_path, f'[generator]\nmodel = "{tmp_path / "m.safetensors"}"\n'))
    assert found["model"].state == "missing"
