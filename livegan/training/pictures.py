"""Read and check one picture: whatever bytes a file holds become square RGB pixels, or a reason why not.

Pictures are known by their content, never by their names. Nothing is decoded before its size is known to be bearable.
"""

import io
import zlib
from dataclasses import dataclass, field
from pathlib import PurePath

import numpy as np
from PIL import Image, ImageCms, ImageOps

MOST_BYTES = 200 << 20
MOST_PIXELS = 80_000_000
"""Of one picture; decoded it takes three or four bytes each."""

# Formats that only describe pixels; others (EPS, PDF, WMF) are programs.
_READ = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "PPM", "AVIF", "JPEG2000")
_ENDINGS = {
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "MPO": (".jpg", ".jpeg", ".mpo"),
    "PNG": (".png", ".apng"),
    "WEBP": (".webp",),
    "GIF": (".gif",),
    "BMP": (".bmp", ".dib"),
    "TIFF": (".tif", ".tiff"),
    "PPM": (".ppm", ".pgm", ".pbm", ".pnm"),
    "AVIF": (".avif",),
    "JPEG2000": (".jp2", ".j2k", ".jpx", ".jpf"),
}
_FOREIGN = (
    (b"ftypheic", "HEIC"),
    (b"ftypheix", "HEIC"),
    (b"ftypmif1", "HEIF"),
    (b"<svg", "SVG"),
    (b"%PDF", "PDF"),
    (b"%!PS", "PostScript"),
    (b"8BPS", "Photoshop"),
    (b"\x00\x00\x01\x00", "an icon"),
    (b"#?RADIANCE", "HDR"),
    (b"v/1\x01", "OpenEXR"),
)
_PLAIN = 6  # levels of 255 between the darkest and the brightest; compressed black is not exactly black


@dataclass(frozen=True)
class Cut:
    """How a picture becomes square: size in px, crop "centre", "random" or "none" (all of it, on `fill`).

    alpha: the colour behind transparent pixels; both are (red, green, blue), 0 to 255.
    """

    size: int
    crop: str = "centre"
    fill: tuple[int, int, int] = (0, 0, 0)
    alpha: tuple[int, int, int] = (255, 255, 255)
    seed: int = 0


class Unfit(Exception):
    """This picture is left out. kind: for counting, such as "damaged"; the message says why."""

    def __init__(self, kind: str, why: str) -> None:
        super().__init__(why)
        self.kind = kind


@dataclass
class Picture:
    """pixels: uint8 [size, size, 3]. notes: what was odd about it though it is used."""

    pixels: np.ndarray
    notes: list[str] = field(default_factory=list)


def picture(content: bytes | Image.Image, name: str, cut: Cut) -> Picture:
    """A picture out of a file's bytes, or of a decoded frame. Raises Unfit."""
    notes: list[str] = []
    try:
        image = content if isinstance(content, Image.Image) else _opened(content, name, cut, notes)
        _refuse_size(image.size, cut.size)
        pixels = np.asarray(_square(_plain(image, cut, notes), name, cut))
    except (Unfit, MemoryError):
        raise
    except (OSError, SyntaxError) as error:
        raise Unfit("damaged", f"it is cut off or damaged ({_short(error)})") from None
    # Decoders fail on strangers' bytes in any way there is.
    except Exception as error:
        raise Unfit("damaged", f"it is damaged ({type(error).__name__}: {_short(error)})") from None
    _refuse_empty(pixels)
    return Picture(pixels, notes)


def _opened(content: bytes, name: str, cut: Cut, notes: list[str]) -> Image.Image:
    """The picture in the file, its size checked and nothing decoded yet."""
    if not content:
        raise Unfit("damaged", "it is empty")
    try:
        image = Image.open(io.BytesIO(content), formats=_READ)
    except Image.DecompressionBombError:
        raise _bomb() from None
    except Exception:
        raise _foreign(content, name) from None
    if image.width * image.height > MOST_PIXELS:
        raise _bomb(image.size)
    ending, kind = PurePath(name).suffix.lower(), image.format or ""
    if ending not in _ENDINGS.get(kind, ()):
        notes.append(f"it is {kind}, though its name ends in {ending or 'nothing'}")
    if getattr(image, "n_frames", 1) > 1 and kind != "MPO":
        notes.append(f"it has {image.n_frames} frames; the first is used")
    # A large photograph is decoded no larger than it is needed.
    image.draft("RGB" if image.mode == "RGB" else None, (2 * cut.size, 2 * cut.size))
    return image


def _bomb(size: tuple[int, int] | None = None) -> Unfit:
    found = f"{size[0]} x {size[1]} pixels" if size else "far more pixels"
    return Unfit("too large", f"it claims {found}, {MOST_PIXELS // 1_000_000} million are read at most")


def _foreign(content: bytes, name: str) -> Unfit:
    start = content[:1024]
    for mark, kind in _FOREIGN:
        if mark in (start if mark.startswith((b"<", b"ftyp")) else start[: len(mark)]):
            return Unfit("not supported", f"it is {kind}, which is not read: save it as PNG or JPEG")
    if start[:4] == b"PK\x03\x04":
        return Unfit("not supported", "it is a zip inside: unpack it")
    if PurePath(name).suffix.lower() in {ending for endings in _ENDINGS.values() for ending in endings}:
        return Unfit("not a picture", "its name is a picture's, its content is not")
    return Unfit("not a picture", "it is no picture")


def _refuse_size(size: tuple[int, int], wanted: int) -> None:
    if min(size) < wanted / 2:
        raise Unfit("too small", f"it is {size[0]} x {size[1]}, at least {wanted // 2} each way are wanted")


def _plain(image: Image.Image, cut: Cut, notes: list[str]) -> Image.Image:
    """Upright RGB of 8 bits, in sRGB."""
    # The size in the head is a promise; the first decoding shows whether it is kept.
    image.load()
    if image.getexif().get(0x0112, 1) != 1:
        notes.append("it is turned as its EXIF says")
        image = ImageOps.exif_transpose(image)
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        notes.append("it has more than 8 bits")
        image = _eight_bits(image)
    if image.mode == "CMYK":
        notes.append("it is CMYK; its colours may shift")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        ground = Image.new("RGBA", image.size, (*cut.alpha, 255))
        return Image.alpha_composite(ground, image).convert("RGB")
    return _managed(image).convert("RGB")


def _eight_bits(image: Image.Image) -> Image.Image:
    """Whole numbers are taken for 16 bits, fractions for [0, 1] if they fit."""
    levels = np.nan_to_num(np.asarray(image, np.float32))
    top = 65535.0 if image.mode != "F" else max(1.0, float(levels.max()))
    return Image.fromarray(np.clip(levels * (255 / top) + 0.5, 0, 255).astype(np.uint8))


def _managed(image: Image.Image) -> Image.Image:
    """Its colours in sRGB, where it carries a profile of others that can be used."""
    profile = image.info.get("icc_profile")
    if not profile or image.mode not in ("RGB", "CMYK", "L"):
        return image
    try:
        other = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        return ImageCms.profileToProfile(image, other, ImageCms.createProfile("sRGB"), outputMode="RGB") or image
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image


def _square(image: Image.Image, name: str, cut: Cut) -> Image.Image:
    size, side = (cut.size, cut.size), min(image.size)
    if cut.crop == "none":
        return ImageOps.pad(image, size, Image.Resampling.LANCZOS, cut.fill)
    spare = image.width - side, image.height - side
    # Of its own name, so that what else is in the folder changes nothing.
    share = (0.5, 0.5)
    if cut.crop == "random":
        share = np.random.default_rng([cut.seed, zlib.crc32(name.encode("utf-8", "replace"))]).random(2)
    left, top = (int(part * room) for part, room in zip(share, spare, strict=True))
    return image.resize(size, Image.Resampling.LANCZOS, (left, top, left + side, top + side))


def _refuse_empty(pixels: np.ndarray) -> None:
    spread = pixels.reshape(-1, 3).max(0).astype(int) - pixels.reshape(-1, 3).min(0)
    if spread.max() < _PLAIN:
        raise Unfit("empty", "it is all black" if pixels.max() < 16 else "it is all one colour")


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:80]
