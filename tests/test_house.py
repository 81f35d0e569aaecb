"""The laws of the house, held by reading its code: imports run one way, nothing risky, nothing heavy at the door."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "livegan"
GROUND = {"frame", "clock", "ring", "files", "osc", "errors", "settings", "letters"}
LEVELS = [
    GROUND,
    {"patch", "senses"},
    {"inputs", "mapping", "latent", "generators", "stage"},
    {"importers"},
    {"training"},
    {"show"},
    {"rehearsal", "serving"},
    {"control"},
    {"__main__"},
]
CONTRACTS = {("generators", "latent"), ("mapping", "latent")}
HEAVY = {
    "torch": {"generators", "importers", "training", "latent"},
    "mediapipe": {"inputs", "senses"},
    "sounddevice": {"inputs", "stage"},
}
RISKY = re.compile(r"\bpickle\b|\bjoblib\b|(?<![.\w])eval\(|(?<![.\w])exec\(|torch\.load|allow_pickle=True|\bmarshal\b")
FILES = sorted(PACKAGE.rglob("*.py"))


def level(room):
    return next(i for i, rooms in enumerate(LEVELS) if room in rooms)


def room(path):
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return parts[0]


def imported(path):
    """Every module that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module == "livegan":
            yield from (f"livegan.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_point_one_way(path):
    here = room(path)
    if here == "__init__":
        return
    for module in imported(path):
        if not module.startswith("livegan."):
            continue
        there = module.split(".")[1]
        if there == here:
            assert here not in ("inputs",) or module in ("livegan.inputs.base",), f"{module}: siblings"
        else:
            lower = level(there) < level(here) or (here in GROUND and there in GROUND)
            assert lower or (here, there) in CONTRACTS, f"{path.name} imports {module}"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_heavy_parts_stay_in_their_rooms(path):
    for module in imported(path):
        top = module.split(".")[0]
        assert room(path) in HEAVY.get(top, {room(path)}), f"{path.name} imports {top}"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_nothing_that_could_run_a_strangers_code(path):
    text = path.read_text("utf-8")
    if room(path) == "importers":  # speaks of pickles, and reads them without the module that runs them
        text = re.sub(r"\bpickle\b", "", text)
    assert not RISKY.search(text)
    assert not {"pickle", "_pickle", "cPickle"} & set(imported(path))


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_files_and_functions_stay_small(path):
    text = path.read_text("utf-8")
    assert text.count("\n") <= 400
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            lines = node.end_lineno - node.lineno + 1
            doc = ast.get_docstring(node, clean=False)
            assert lines - (doc.count("\n") + 1 if doc else 0) <= 45, f"{path.name}: {node.name} has {lines} lines"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_what_is_public_says_what_it_is(path):
    tree = ast.parse(path.read_text("utf-8"))
    assert path.name == "__init__.py" or ast.get_docstring(tree), f"{path.name} does not say what it is for"
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), f"{path.name}: {node.name} has no docstring"


def test_only_the_clock_asks_the_system_for_the_time():
    asking = [p.name for p in FILES if "time" in {m.split(".")[0] for m in imported(p)}]
    assert asking == ["clock.py"]


def modules_after(statement):
    code = f"import sys; {statement}; print(' '.join(sys.modules))"
    return set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())


def test_importing_livegan_is_light():
    assert not modules_after("import livegan") & {"torch", "cv2", "numpy", "mediapipe"}


def test_a_child_imports_neither_torch_nor_a_window():
    assert not modules_after("import livegan.show.child") & {"torch", "moderngl", "glfw", "mediapipe", "sqlite3"}
