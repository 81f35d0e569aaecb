"""Broken, odd and hostile files, made as strangers' folders have them, and what is to become of each."""

import io
import os
import struct
import zipfile
import zlib
from pathlib import Path

import av
import numpy as np
from PIL import Image, PngImagePlugin

SIDE = 96


def painting(seed: int, width: int = SIDE, height: int = SIDE) -> Image.Image:
    """A picture unlike that of any other seed."""
    rough = np.random.default_rng(seed).integers(0, 255, (5, 5, 3), np.uint8)
    return Image.fromarray(rough).resize((width, height), Image.Resampling.BICUBIC)


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    """A file's bytes."""
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    """A part of a PNG."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png_head(width: int, height: int, data: bytes = b"") -> bytes:
    """A PNG that claims to be as large as it likes."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")


def _turned() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    # Red above, blue below as stored; red is to the right when it is shown.
    pixels = np.array(painting(3))
    pixels[: SIDE // 2, :, 0], pixels[SIDE // 2 :, :, 2] = 255, 255
    return saved(Image.fromarray(pixels), "JPEG", exif=exif, quality=95)


def _sixteen(seed: int) -> Image.Image:
    return Image.fromarray(np.asarray(painting(seed).convert("L")).astype(np.uint16) * 257)


def _bytes_of_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("inside.png", saved(painting(90), "PNG"))
    return out.getvalue()


def _text_bomb() -> bytes:
    """A picture whose comment unfolds to 100 MB."""
    info = PngImagePlugin.PngInfo()
    info.add(b"zTXt", b"comment\x00\x00" + zlib.compress(b" " * 100_000_000))
    return saved(painting(91), "PNG", pnginfo=info)


def _transparent() -> Image.Image:
    """Nothing on the left, a picture on the right."""
    image = painting(22).convert("RGBA")
    image.paste((0, 0, 0, 0), (0, 0, SIDE // 2, SIDE))
    return image


def _palette_transparent() -> bytes:
    return saved(painting(23).quantize(32), "PNG", transparency=3)


def _animated(first: int) -> dict:
    return {"save_all": True, "append_images": [painting(first + k) for k in (1, 2)], "duration": 50}


def _half(data: bytes) -> bytes:
    return data[: len(data) // 2]


def film(path: Path, frames: int = 40, rate: int = 10, title: str = "") -> None:
    """Write a video whose picture is another one every five frames."""
    with av.open(str(path), "w") as out:
        out.metadata["title"] = title
        stream = out.add_stream("mpeg4", rate=rate)
        stream.width, stream.height, stream.pix_fmt, stream.bit_rate = 96, 80, "yuv420p", 4_000_000
        for number in range(frames):
            frame = av.VideoFrame.from_image(painting(number // 5, 96, 80))
            out.mux(stream.encode(frame))
        out.mux(stream.encode())


def _second_page_without_width() -> bytes:
    """A TIFF of two pages, the first of which is well."""
    data = saved(painting(70), "TIFF", save_all=True, append_images=[painting(71)])
    first = struct.unpack_from("<I", data, 4)[0]
    entries = struct.unpack_from("<H", data, first)[0]
    second = struct.unpack_from("<I", data, first + 2 + 12 * entries)[0]
    return data[: second + 2] + b"\xff\xfe" + data[second + 4 :]


def _second_frame_without_kind() -> bytes:
    """A GIF that ends with the mark of an extension."""
    data = saved(painting(72), "GIF", **_animated(72))
    mark = b"!\xf9\x04"
    return data[: data.index(mark, data.index(mark) + 1) + 1]


GOOD = {
    "plain.png": saved(painting(1), "PNG"),
    "plain.jpg": saved(painting(2), "JPEG", quality=95),
    "turned.jpg": _turned(),
    "cmyk.jpg": saved(painting(4).convert("CMYK"), "JPEG"),
    "sixteen.png": saved(_sixteen(5), "PNG"),
    "sixteen.tif": saved(_sixteen(6), "TIFF"),
    "fractions.tif": saved(Image.fromarray(np.asarray(painting(7).convert("L"), np.float32) / 255), "TIFF"),
    "palette.gif": saved(painting(8), "GIF"),
    "palette.png": saved(painting(9).quantize(64), "PNG"),
    "grey.jpg": saved(painting(10).convert("L"), "JPEG"),
    "grey-alpha.png": saved(painting(11).convert("LA"), "PNG"),
    "two-levels.png": saved(painting(12).convert("1"), "PNG"),
    "animated.gif": saved(painting(13), "GIF", **_animated(13)),
    "animated.webp": saved(painting(16), "WEBP", **_animated(16)),
    "really-a-png.jpg": saved(painting(19), "PNG"),
    "no ending": saved(painting(20), "PNG"),
    "CAPITALS.JPG": saved(painting(21), "JPEG"),
    "transparent.png": saved(_transparent(), "PNG"),
    "palette-transparent.png": _palette_transparent(),
    "wide.png": saved(painting(24, 300, 96), "PNG"),
    "small-but-enough.png": saved(painting(25, 40, 40), "PNG"),
    "progressive.jpg": saved(painting(26, 900, 700), "JPEG", progressive=True),
    "bad-profile.png": saved(painting(27), "PNG", icc_profile=b"no profile at all"),
    "ümläut 月.png": saved(painting(28), "PNG"),
    "-rf *;$(x) '\".png": saved(painting(29), "PNG"),
    "new\nline\x1b[2J.png": saved(painting(30), "PNG"),
    "l" * 200 + ".png": saved(painting(31), "PNG"),
    "picture.bmp": saved(painting(32), "BMP"),
    "picture.ppm": saved(painting(33), "PPM"),
}
"""Files that are used."""

BAD = {
    "cut-off.jpg": (_half(GOOD["plain.jpg"]), "cut off or damaged"),
    "cut-off.png": (_half(GOOD["plain.png"]), "cut off or damaged"),
    "cut-off.gif": (GOOD["palette.gif"][:-2000], "damaged"),
    "second-page.tif": (_second_page_without_width(), "damaged"),
    "second-frame.gif": (_second_frame_without_kind(), "damaged"),
    "damaged.webp": (GOOD["animated.webp"][:90] + bytes(400), "its content is not"),
    "empty.png": (b"", "empty"),
    "one-byte.jpg": (b"\xff", "its content is not"),
    "text.png": (b"Dear picture, " * 20, "its content is not"),
    "notes.txt": (b"buy milk", "no picture"),
    "bomb.png": (png_head(30_000, 30_000), "80 million"),
    "wide-bomb.png": (png_head(9_500, 9_400, bytes(1000)), "80 million"),
    "endless.png": (png_head(0x7FFFFFFF, 0x7FFFFFFF), "80 million"),
    "no-size.png": (png_head(0, 0), ""),
    "comment-bomb.png": (_text_bomb(), ""),
    "bad-checksum.png": (GOOD["plain.png"].replace(b"IDAT", b"IDAT\x00", 1), ""),
    "one-pixel.png": (saved(painting(40, 1, 1), "PNG"), "1 x 1"),
    "line.png": (saved(painting(41, 2000, 2), "PNG"), "2000 x 2"),
    "tiny.jpg": (saved(painting(42, 20, 20), "JPEG"), "at least 32"),
    "black.jpg": (saved(Image.new("RGB", (SIDE, SIDE)), "JPEG"), "all black"),
    "one-colour.png": (saved(Image.new("RGB", (SIDE, SIDE), "orange"), "PNG"), "one colour"),
    "clear.png": (saved(Image.new("RGBA", (SIDE, SIDE), (9, 9, 9, 0)), "PNG"), "one colour"),
    "zz-again.png": (GOOD["plain.png"], "same picture as plain.png"),
    "zz-smaller.jpg": (saved(painting(2).resize((64, 64)), "JPEG", quality=60), "same picture as plain.jpg"),
    "nested.zip": (_bytes_of_zip(), "zip"),
    "drawing.svg": (b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
    "phone.heic": (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(60), "HEIC"),
    "phone.jpg": (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(61), "HEIC"),
    "paper.pdf": (b"%PDF-1.7\n", "PDF"),
    "script.eps": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 96 96\nquit\n", "PostScript"),
    "film.mp4": (b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2" + bytes(500), "video"),
    "playlist.avi": (b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n", "no picture"),
    ".hidden.png": (GOOD["plain.png"], "hidden"),
    "Thumbs.db": (b"\xd0\xcf\x11\xe0" * 50, "no picture"),
}
"""Files that are left out, and a part of why."""


def folder(path: Path) -> tuple[set[str], dict[str, str]]:
    """Put all of them into `path`, with what is no file; the names that are used, and what is told of the others."""
    path.mkdir()
    for name, content in GOOD.items():
        (path / name).write_bytes(content)
    for name, (content, _) in BAD.items():
        (path / name).write_bytes(content)
    left = {name: why for name, (_, why) in BAD.items()}
    return set(GOOD), left | _no_files(path)


def _no_files(path: Path) -> dict[str, str]:
    secret = path.parent / "secret.png"
    secret.write_bytes(saved(painting(50), "PNG"))
    (path / "out.png").symlink_to(secret)
    (path / "up.png").symlink_to(Path("..") / "secret.png")
    (path / "nowhere.png").symlink_to("missing.png")
    (path / "circle.png").symlink_to("circle.png")
    (path / "zz-inside.png").symlink_to("plain.jpg")
    (path / "above").symlink_to("..", target_is_directory=True)
    (path / "folder.png").mkdir()
    os.mkfifo(path / "pipe.png")
    left = {
        "out.png": "link out of the folder",
        "up.png": "link out of the folder",
        "nowhere.png": "leads nowhere",
        "circle.png": "leads nowhere",
        "zz-inside.png": "same picture as plain.jpg",
        "above": "link out of the folder",
        "folder.png": "it is a folder",
        "pipe.png": "pipe",
    }
    if os.geteuid() != 0:
        (path / "locked.png").write_bytes(GOOD["plain.png"])
        (path / "locked.png").chmod(0)
        left["locked.png"] = "cannot be read"
    return left
