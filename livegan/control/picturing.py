"""The command `livegan picture`: draw pictures of a model by the exact path, as numbers, as a PNG or a contact sheet.

Reads .npy files of numbers only, and writes nothing but the file that was asked for.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, sqrt
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from livegan import files, patch
from livegan.errors import BadRequest
from livegan.generators.base import Generator, Info
from livegan.importers.convert import cached
from livegan.latent.look import Look, seeded_z

Say = Callable[[str], None]

MOST = 1024
"""Pictures of one request."""

_CAPTION = 14
"""Pixels under each picture of a sheet."""

_NOISES = ("const", "none", "random")
_MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}


@dataclass(frozen=True)
class Wanted:
    """What the command line asked for.

    model: a bundled name, a path, or "pattern". seed: of the first picture; the others follow. z: file with [z_dim] or
    [N, z_dim]; w: with [w_dim], [num_ws, w_dim], [N, w_dim] or [N, num_ws, w_dim]; as many rows as layers are layers.
    transform: file with the [3, 3] of StyleGAN3's input transform, which is the inverse of what the picture does.
    sheet: columns x rows, such as "5x4".
    """

    model: str
    out: Path
    seed: int | None = None
    z: Path | None = None
    w: Path | None = None
    label: int | None = None
    psi: float = 0.8
    cutoff: int | None = None
    noise: str = "const"
    transform: Path | None = None
    sheet: str | None = None


def picture(wanted: Wanted, say: Say) -> None:
    """Draw and write what is wanted. Raises BadRequest or Failure in one sentence."""
    _check(wanted)
    grid = _grid(wanted.sheet)
    generator = _opened(wanted.model, say)
    try:
        names, looks = _looks(wanted, generator, grid)
        # One at a time, so that a large sheet needs no more memory than its pictures.
        pictures = np.concatenate([generator.images([look]) for look in looks])
    finally:
        generator.close()
    files.write_atomic(wanted.out, _npy(pictures) if wanted.out.suffix == ".npy" else _png(pictures, names, grid))
    count = "1 picture" if len(pictures) == 1 else f"{len(pictures)} pictures"
    say(f"{count} of {generator.info.name} in {wanted.out}.")


def _check(wanted: Wanted) -> None:
    """What can be told before a model is opened."""
    if wanted.out.suffix not in (".npy", ".png"):
        raise BadRequest(f"pictures are written to a .png or .npy file, found {wanted.out}: change its ending")
    if not wanted.out.parent.is_dir():
        raise BadRequest(f"there is no folder {wanted.out.parent} for {wanted.out.name}: make it first")
    given = [f"--{name}" for name in ("seed", "z", "w") if getattr(wanted, name) is not None]
    if len(given) > 1:
        raise BadRequest(f"{' and '.join(given)} both say which picture is meant: give one of them")
    if wanted.w is not None and wanted.label is not None:
        raise BadRequest("--class chooses how z becomes w, and --w is w already: give one of them")
    if wanted.noise not in _NOISES:
        raise BadRequest(f"--noise is const, none or random, found {wanted.noise}")
    if not np.isfinite(wanted.psi):
        raise BadRequest(f"--psi is a number such as 0.8, found {wanted.psi}")
    if wanted.seed is not None and not 0 <= wanted.seed <= 2**32 - 1 - MOST:
        raise BadRequest(f"--seed is 0 to {2**32 - 1 - MOST}, found {wanted.seed}")


def _grid(sheet: str | None) -> tuple[int, int] | None:
    """Columns and rows."""
    if sheet is None:
        return None
    columns, _, rows = sheet.lower().partition("x")
    if not (columns.isdecimal() and rows.isdecimal() and 0 < int(columns) * int(rows) <= MOST):
        raise BadRequest(f"--sheet is columns x rows such as 5x4, {MOST} pictures at most, found {sheet}")
    return int(columns), int(rows)


def _opened(model: str, say: Say) -> Generator:
    if model in patch.kinds("generators") and not patch.load_class("generators", model).weighs:
        kind = patch.load_class("generators", model)
        return kind(kind.Settings(), None)
    path = cached(files.find("models", model, suffix=".safetensors"), say)
    kind = patch.load_class("generators", patch.architecture(path))
    return kind(kind.Settings(), path)


def _looks(wanted: Wanted, generator: Generator, grid: tuple[int, int] | None) -> tuple[list[str], list[Look]]:
    """The looks that are wanted, and what is written under each."""
    info = generator.info
    if wanted.cutoff is not None and not 0 <= wanted.cutoff <= info.num_ws:
        raise BadRequest(f"--cutoff is 0 to {info.num_ws}, the layers of {info.name}, found {wanted.cutoff}")
    transform, label = _transform(wanted.transform, info), _label(wanted.label, info)
    first = wanted.seed or 0
    if wanted.w is not None:
        w = _ws(_numbers(wanted.w), info)
        numbers, word = range(len(w)), "w"
    elif wanted.z is not None:
        z = _zs(_numbers(wanted.z), info)
        w, numbers, word = _mapped(generator, z, label), range(len(z)), "z"
    else:
        numbers, word = range(first, first + (grid[0] * grid[1] if grid else 1)), "seed"
        w = _mapped(generator, np.stack([seeded_z(seed, info.z_dim) for seed in numbers]), label)
    _refuse_count(len(w), grid)
    base = Look(w[0], wanted.psi, wanted.cutoff, wanted.noise, label=label, transform=transform, model=info.sha256)
    looks = [base.with_(w=one, noise_seed=number) for one, number in zip(w, numbers, strict=True)]
    return [f"{word} {number}" for number in numbers], looks


def _mapped(generator: Generator, z: np.ndarray, label: np.ndarray | None) -> np.ndarray:
    return generator.w(z, None if label is None else np.tile(label, (len(z), 1)))


def _refuse_count(count: int, grid: tuple[int, int] | None) -> None:
    most = grid[0] * grid[1] if grid else MOST
    if count > most:
        raise BadRequest(
            f"{count} pictures are asked for, and there is room for {most}: give fewer, or a larger --sheet"
        )


def _label(wanted: int | None, info: Info) -> np.ndarray | None:
    if wanted is None:
        return None
    if not info.classes:
        raise BadRequest(f"{info.name} has no classes: leave --class out")
    if not 0 <= wanted < info.classes:
        raise BadRequest(f"--class is 0 to {info.classes - 1} for {info.name}, found {wanted}")
    return np.eye(info.classes, dtype=np.float32)[wanted]


def _transform(path: Path | None, info: Info) -> np.ndarray | None:
    """What the picture is to do, for the value of the input's transform in a file."""
    if path is None:
        return None
    if "zoom" not in info.controls:
        raise BadRequest(f"{info.name} has no input transform, only StyleGAN3 has: leave --transform out")
    found = _numbers(path)
    if found.shape != (3, 3) or not np.array_equal(found[2], [0, 0, 1]) or abs(np.linalg.det(found)) < 1e-6:
        raise BadRequest(f"{path} is no input transform: [3, 3] that can be undone, its last row 0 0 1, is wanted")
    return np.linalg.inv(found.astype(np.float64)).astype(np.float32)


def _zs(found: np.ndarray, info: Info) -> np.ndarray:
    """z [N, z_dim]."""
    if found.ndim not in (1, 2) or found.shape[-1] != info.z_dim or not found.size:
        wanted = f"[{info.z_dim}] or [N, {info.z_dim}]"
        raise BadRequest(f"z of shape {list(found.shape)} was given, {info.name} takes {wanted}")
    return found.reshape(-1, info.z_dim)


def _ws(found: np.ndarray, info: Info) -> np.ndarray:
    """w [N, num_ws, w_dim]."""
    layers, dim = info.num_ws, info.w_dim
    fits = found.shape[-1:] == (dim,) and (found.ndim < 3 or found.shape[1] == layers)
    if not fits or found.ndim > 3 or not found.size:
        wanted = f"[{dim}], [N, {dim}], [{layers}, {dim}] or [N, {layers}, {dim}]"
        raise BadRequest(f"w of shape {list(found.shape)} was given, {info.name} takes {wanted}")
    if found.shape in ((layers, dim), (len(found), layers, dim)):
        return found.reshape(-1, layers, dim)
    return np.repeat(found.reshape(-1, 1, dim), layers, axis=1)


def _numbers(path: Path) -> np.ndarray:
    """The finite numbers in a .npy file, float32."""
    try:
        found = np.load(path, mmap_mode="r", allow_pickle=False)
    except FileNotFoundError:
        raise BadRequest(f"there is no file {path}") from None
    except (OSError, ValueError, EOFError, MemoryError) as error:
        raise BadRequest(f"{path} is not a .npy file of numbers ({error})") from None
    if not isinstance(found, np.ndarray) or found.dtype.kind not in "fiu":
        raise BadRequest(f"{path} is not a .npy file of numbers: one array, written by numpy.save, is wanted")
    numbers = np.array(found, np.float32)
    if not np.isfinite(numbers).all():
        raise BadRequest(f"{path} holds a number that is not finite")
    return numbers


def _npy(pictures: np.ndarray) -> bytes:
    out = io.BytesIO()
    np.save(out, pictures.astype(np.float32))
    return out.getvalue()


def _png(pictures: np.ndarray, names: list[str], grid: tuple[int, int] | None) -> bytes:
    """One picture as it is, or a sheet with a caption under each."""
    levels = np.clip(pictures * 127.5 + 128.0, 0, 255).astype(np.uint8).transpose(0, 2, 3, 1)
    mode = _MODES[levels.shape[3]]
    images = [Image.fromarray(one[..., 0] if mode == "L" else one, mode) for one in levels]
    out = io.BytesIO()
    (_sheet(images, names, grid) if grid or len(images) > 1 else images[0]).save(out, "PNG")
    return out.getvalue()


def _sheet(images: list[Image.Image], names: list[str], grid: tuple[int, int] | None) -> Image.Image:
    columns = grid[0] if grid else ceil(sqrt(len(images)))
    rows = grid[1] if grid else ceil(len(images) / columns)
    width, height = images[0].width, images[0].height + _CAPTION
    sheet = Image.new("RGB", (columns * width, rows * height))
    draw = ImageDraw.Draw(sheet)
    for place, (image, name) in enumerate(zip(images, names, strict=True)):
        left, top = place % columns * width, place // columns * height
        sheet.paste(image.convert("RGB"), (left, top))
        draw.text((left + 2, top + image.height + 1), name, fill=(200, 200, 200))
    return sheet
