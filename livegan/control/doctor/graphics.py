"""Graphics: the card, its driver and torch's build for it, and OpenGL with and without a window."""

import ast
import importlib.util
import re
from dataclasses import dataclass
from pathlib import Path

from livegan.control.doctor.check import Check, Machine, pip, said

_NVIDIA, _INTEL, _AMD = "0x10de", "0x8086", "0x1002"
_LEAST = {13: 580, 12: 525, 11: 450}
"""The oldest NVIDIA driver for each major version of CUDA, by NVIDIA's table of minor version compatibility."""

_NEWEST = 13
_SLOW = re.compile("llvmpipe|softpipe|swrast|swiftshader|software|basic render|gdi generic", re.IGNORECASE)


@dataclass(frozen=True)
class Card:
    """An NVIDIA card. driver: its version, or "" when there is none."""

    name: str
    driver: str

    @property
    def major(self) -> int:
        """The driver's number as its users say it; 0 without one."""
        return int(self.driver.partition(".")[0] or 0)


def torch(machine: Machine, package: Path | None = None) -> list[Check]:
    """Whether torch's build and the graphics card's driver fit each other; `package`: the folder of torch."""
    built = _built(package)
    if built is None:
        return [Check("torch", "missing", "torch is not installed", pip("torch", "-c constraints.txt"))]
    version, cuda = built
    card = nvidia(machine)
    told = f"torch {version} for {f'CUDA {cuda}' if cuda else 'the processor'}"
    if card is None:
        return [Check("torch", "ok", f"{told}; no NVIDIA card is here")]
    if not card.driver:
        return [Check("torch", "warn", f"{told}; {card.name} has no driver", driver_line(machine))]
    told = f"{told}; {card.name}, driver {card.driver}"
    if cuda and card.major < _LEAST.get(int(cuda.partition(".")[0]), 0):
        least = _LEAST[int(cuda.partition(".")[0])]
        return [Check("torch", "warn", f"{told}, which is too old: {least} is needed", driver_line(machine))]
    if cuda is None:
        return [Check("torch", "warn", f"{told}, which this build cannot use", _build_line(machine, version, card))]
    return [Check("torch", "ok", told)]


def driver_line(machine: Machine) -> str:
    """What installs or updates NVIDIA's driver."""
    if "ubuntu" in machine.text("etc/os-release").lower():
        return "sudo ubuntu-drivers install"
    return machine.install("nvidia-driver", "", "install the newest driver from nvidia.com/drivers")


def _build_line(machine: Machine, version: str, card: Card) -> str:
    """What brings the build for the newest CUDA; its driver first, where that is too old."""
    cuda = f"cu{_NEWEST}0"
    plain = version.partition("+")[0]
    line = pip(f"torch=={plain}+{cuda}", f"--index-url https://download.pytorch.org/whl/{cuda}")
    return line if card.major >= _LEAST[_NEWEST] else f"{driver_line(machine)}, restart, then {line}"


def _built(package: Path | None) -> tuple[str, str | None] | None:
    """Version and CUDA version that torch was built with, out of its own text; None without torch."""
    if package is None:
        found = importlib.util.find_spec("torch")
        package = Path(found.origin).parent if found and found.origin else None
    if package is None or not (package / "version.py").is_file():
        return None
    stated = {}
    for node in ast.parse((package / "version.py").read_text("utf-8")).body:
        target = node.target if isinstance(node, ast.AnnAssign) else getattr(node, "targets", [None])[0]
        if isinstance(target, ast.Name) and isinstance(getattr(node, "value", None), ast.Constant):
            stated[target.id] = node.value.value
    return str(stated.get("__version__", "?")), stated.get("cuda")


def nvidia(machine: Machine) -> Card | None:
    """The first NVIDIA card, as its driver tells of it, else as the bus does; None when there is none."""
    if version := re.search(r"\b\d{3,}\.\d{2,3}(?:\.\d+)?\b", machine.text("proc/driver/nvidia/version")):
        told = [path.read_text() for path in sorted(machine.root.glob("proc/driver/nvidia/gpus/*/information"))]
        names = re.findall(r"^Model:\s*(.+?)\s*$", "\n".join(told), re.MULTILINE)
        return Card(names[0] if names else "an NVIDIA card", version[0])
    told = said("nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader").splitlines()
    if told and "," in told[0]:
        name, _, driver = told[0].rpartition(",")
        return Card(name.strip(), driver.strip())
    return Card("an NVIDIA card", "") if _NVIDIA in cards(machine) else None


def cards(machine: Machine) -> set[str]:
    """The makers' numbers of the graphics cards on the bus; empty where the system does not tell."""
    devices = machine.root.glob("sys/bus/pci/devices/*")
    inside = (path.relative_to(machine.root) for path in devices)
    return {machine.text(f"{one}/vendor") for one in inside if machine.text(f"{one}/class").startswith("0x03")}


def opengl(machine: Machine) -> list[Check]:
    """OpenGL without a window, as `--stage offscreen` and recordings use it."""
    import moderngl

    from livegan.errors import Failure
    from livegan.stage.offscreen import Offscreen, StageSettings

    stage = Offscreen()
    try:
        stage.open(StageSettings(kind="offscreen", size=(64, 64)))
    except Failure as error:
        mend = machine.install("libegl1 libgl1 libgl1-mesa-dri", "", "update the graphics card's driver")
        return [Check("opengl", "missing", str(error), mend)]
    stage.close()
    backend = {"backend": "egl"} if machine.linux else {}
    with moderngl.create_context(require=330, standalone=True, **backend) as context:
        told = context.info["GL_RENDERER"], context.version_code
    context.release()
    return [drawn_by("opengl", *told, machine)]


def window(machine: Machine) -> list[Check]:
    """OpenGL in a window, by one that is never seen."""
    import glfw
    import moderngl

    from livegan.stage import screen

    if not screen.monitors():
        return [Check("window", "skip", "there is no screen to open a window on")]
    with screen.quiet():
        for hint, value in {"VISIBLE": 0, "CONTEXT_VERSION_MAJOR": 3, "CONTEXT_VERSION_MINOR": 3}.items():
            glfw.window_hint(getattr(glfw, hint), value)
        glfw.window_hint(glfw.OPENGL_PROFILE, glfw.OPENGL_CORE_PROFILE)
        glfw.window_hint(glfw.OPENGL_FORWARD_COMPAT, True)
        opened = glfw.create_window(64, 64, "livegan doctor", None, None)
        if not opened:
            why = (glfw.get_error()[1] or b"it gave no reason").decode(errors="replace").strip(" .")
            return [Check("window", "missing", f"no window with OpenGL 3.3 opens: {why}", _faster(machine))]
        glfw.make_context_current(opened)
        context = moderngl.create_context(require=330, context=screen.Loader())
        told = context.info["GL_RENDERER"], context.version_code
        context.release()
        glfw.make_context_current(None)
        glfw.destroy_window(opened)
    return [drawn_by("window", *told, machine)]


def drawn_by(name: str, renderer: str, version: int, machine: Machine) -> Check:
    """What draws: a graphics card, or the processor in its place, which takes time from all else."""
    told = f"OpenGL {version // 100}.{version % 100 // 10} by {renderer}"
    if _SLOW.search(renderer):
        return Check(name, "warn", f"{told}: the processor draws in place of a graphics card, slowly", _faster(machine))
    return Check(name, "ok", told)


def _faster(machine: Machine) -> str:
    here = cards(machine)
    if _NVIDIA in here:
        return driver_line(machine)
    if here & {_INTEL, _AMD} or not machine.linux:
        return machine.install("libgl1-mesa-dri", "", "install the driver of the graphics card from its maker")
    return "no graphics card was found: a small window costs less, size = [640, 360] in [stage.main]"
