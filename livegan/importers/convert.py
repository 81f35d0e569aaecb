"""Importing a stranger's checkpoint: a limited child process reads it, its result is checked and put in place.

This process never reads the file itself, except for its checksum; what fails leaves the target as it was.
"""

import hashlib
import json
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

from livegan.clock import SystemClock
from livegan.errors import BadRequest, Failure
from livegan.files import sync_folder
from livegan.generators import stylegan2_plain, stylegan3_plain, weights
from livegan.generators.weights import Model
from livegan.importers import child

LARGEST = 8 << 30
SUFFIX = ".safetensors"
_LAYOUTS = {"stylegan2": stylegan2_plain.Layout, "stylegan3": stylegan3_plain.Layout}
_BLAS = 256 << 20
"""Bytes that Python and numpy take by themselves."""

_POLL = 0.02
_ANSWER = 1 << 16


@dataclass(frozen=True)
class Summary:
    """What was imported. size: (height, width) in pixels; parameters: how many numbers; sha256: of the source;
    notes: sentences."""

    architecture: str
    size: tuple[int, int]
    channels: int
    classes: int
    z_dim: int
    w_dim: int
    parameters: int
    sha256: str
    notes: tuple[str, ...] = ()


def convert(source: Path, target: Path, seconds: float = child.SECONDS) -> Summary:
    """Import the checkpoint `source` as the model file `target`, running nothing that is in it.

    seconds: after so many the child is killed. Raises BadRequest for a file that cannot be imported, Failure when
    the system fails; `target` is then as it was.
    """
    source, target = source.absolute(), target.absolute()
    size = _size(source, target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".importing-", dir=target.parent) as folder:
            found = answer(source, Path(folder), size, seconds)
            made = Path(folder) / child.MODEL
            summary = _summary(_checked(made, source), found)
            os.replace(made, target)
        sync_folder(target.parent)
    except OSError as error:
        raise Failure(f"could not write {target}: {error.strerror or error}; what was there is as it was") from error
    return summary


def cached(path: Path, say: Callable[[str], None] | None = None) -> Path:
    """The model file for `path`: itself, or for a stranger's checkpoint a copy that is imported once and kept.

    say: is told when that happens. Raises BadRequest or Failure as `convert` does.
    """
    if path.suffix.lower() == SUFFIX:
        return path
    target = _kept(path)
    if not target.is_file():
        if say:
            say(f"{path.name} is not in livegan's format yet: importing it once, to {target}.")
        for note in convert(path, target).notes:
            if say:
                say(note)
    return target


def discriminator(path: Path) -> Path:
    """A file with the tensors of the discriminator in a stranger's checkpoint, made once; without any, if it has none.

    Raises BadRequest or Failure in one sentence.
    """
    target = _kept(path, "-discriminator")
    try:
        if not target.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix=".importing-", dir=target.parent) as folder:
                answer(path.absolute(), Path(folder), _size(path, target), child.SECONDS, "discriminator")
                os.replace(Path(folder) / child.MODEL, target)
    except OSError as error:
        raise Failure(f"could not write {target}: {error.strerror or error}") from error
    return target


def _kept(path: Path, more: str = "") -> Path:
    """Where what is imported from `path` is kept."""
    return cache() / f"{path.stem}-{_sha256(path)[:16]}{more}{SUFFIX}"


def cache() -> Path:
    """The folder where imported models are kept, by the rules of the system."""
    home = Path.home()
    if sys.platform == "win32":
        place = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif sys.platform == "darwin":
        place = home / "Library" / "Caches"
    else:
        given = Path(os.environ.get("XDG_CACHE_HOME", ""))
        place = given if given.is_absolute() else home / ".cache"
    return place / "livegan" / "models"


def _size(source: Path, target: Path) -> int:
    """How many bytes `source` has. Raises BadRequest for what cannot be a checkpoint or a target."""
    if not source.is_file():
        raise BadRequest(f"there is no file {source} to import")
    if source.suffix.lower() == SUFFIX:
        raise BadRequest(f"{source.name} is a .safetensors file already: nothing of it can be imported")
    if target.suffix.lower() != SUFFIX or target.is_dir():
        raise BadRequest(f"a model is imported to a file that ends in {SUFFIX}, found {target.name}")
    size = source.stat().st_size
    if size > LARGEST:
        raise BadRequest(f"{source.name} has {size / 2**30:.1f} GB, livegan imports up to {LARGEST >> 30} GB")
    return size


def answer(source: Path, folder: Path, size: int, seconds: float, wanted: str = "generator") -> dict:
    """What the child found in `source` of `size` bytes; it leaves child.MODEL in `folder`. wanted: as child.main says.

    Raises BadRequest in one sentence with the file's name, or Failure.
    """
    stopped = _run(source, folder, size, seconds, wanted)
    found = {"error": stopped} if stopped else _told(folder / child.ANSWER)
    if "failure" in found:
        raise Failure(str(found["failure"]))
    if "error" in found:
        raise BadRequest(f"{source.name} cannot be imported: {found['error']}")
    return found


def _told(answer: Path) -> dict:
    """What the child left behind; it may have left nothing."""
    try:
        found = json.loads(answer.read_bytes()[:_ANSWER])
    except (OSError, ValueError):
        found = None
    return found if isinstance(found, dict) else {"error": "reading it ended without an answer, it is damaged"}


def _run(source: Path, folder: Path, size: int, seconds: float, wanted: str) -> str | None:
    """Run the child to its end; a sentence when it had to be stopped."""
    # Its own interpreter, with the same packages and one thread: what it needs stays small and foreseeable.
    names = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))} | dict.fromkeys(names, "1")
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", child.__name__, str(source), str(folder), wanted],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        return _watched(process, _BLAS + child.MEMORY + 4 * size, seconds)
    finally:
        process.kill()
        process.wait()


def _watched(process: subprocess.Popen, memory: int, seconds: float) -> str | None:
    """Wait for the child, and look at its memory: not every system holds a limit that was set."""
    clock = SystemClock()
    end = clock.now() + seconds
    while True:
        try:
            process.wait(_POLL)
            return None
        except subprocess.TimeoutExpired:
            if clock.now() > end:
                return f"reading it took more than {seconds:g} s"
            if _memory(process) > memory:
                return "it needs more memory than a model of its size does: it is damaged or hostile"


def _memory(process: subprocess.Popen) -> int:
    try:
        return psutil.Process(process.pid).memory_info().rss
    except psutil.Error:
        return 0


def _checked(made: Path, source: Path) -> Model:
    """The result, read again with nothing taken on trust. Raises BadRequest."""
    try:
        model = replace(weights.load(made), name=source.stem)
        _LAYOUTS[model.architecture](model)
    except BadRequest as error:
        # The generators' own advice is to import again, which is what was just done.
        reason = str(error).removesuffix(": import it again")
        raise BadRequest(f"{source.name} cannot be imported: {reason}") from None
    return model


def _summary(model: Model, answer: dict) -> Summary:
    config = model.config
    height, width = (config["img_resolution"] * side // 4 for side in config.get("start", (4, 4)))
    return Summary(
        architecture=model.architecture,
        size=(height, width),
        channels=config["img_channels"],
        classes=config["c_dim"],
        z_dim=config["z_dim"],
        w_dim=config["w_dim"],
        parameters=sum(math.prod(tensor.shape) for tensor in model.tensors.values()),
        sha256=str(answer.get("sha256", "")),
        notes=tuple(map(str, answer.get("notes", ()))),
    )


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise BadRequest(f"the model {path} cannot be read: {error.strerror}") from error
