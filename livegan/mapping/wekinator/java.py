"""What a modelN.xml of Wekinator says, which is a Java object stream: its settings and examples, as text.

Only strings at known places are taken; the trained object between them is never built, nor looked into.
"""

import re
from dataclasses import dataclass

from livegan.errors import BadRequest

_HEAD = b"\xac\xed\x00\x05"
_STRING, _LONG, _BLOCK, _LONG_BLOCK = b"\x74\x7c\x77\x7a"
_EXAMPLES = b"\x74\x00\x09instances"
_CHUNK = 1024


@dataclass(frozen=True)
class Stored:
    """path: XML that tells the kind of model and its output. model: the class of the trained model, "" when there is
    none. examples: the ARFF text of what this output was taught, or None."""

    path: str
    model: str
    examples: str | None


def read(data: bytes) -> Stored:
    """What is in the bytes of a modelN.xml. Raises BadRequest, without the file's name."""
    if not data.startswith(_HEAD):
        raise BadRequest("it is not a model of Wekinator's: another magic number")
    path, at = _string(data, len(_HEAD))
    model, at = _string(data, at)
    return Stored(path, "" if model == "null" else model, _examples(data, at))


def _string(data: bytes, at: int) -> tuple[str, int]:
    """The string that begins at `at`, and where it ends."""
    wide = {_STRING: 2, _LONG: 8}.get(data[at] if at < len(data) else -1)
    if wide is None:
        raise BadRequest(f"a string was expected at byte {at}")
    return _text(*_counted(data, at + 1, wide))


def _counted(data: bytes, at: int, wide: int) -> tuple[bytes, int]:
    """The bytes after a count of `wide` bytes, and where they end."""
    start = at + wide
    end = start + int.from_bytes(data[at:start], "big")
    if end > len(data):
        raise BadRequest(f"it is cut off: it ends at byte {len(data)}, within what should end at byte {end}")
    return data[start:end], end


def _text(data: bytes, end: int) -> tuple[str, int]:
    """Java's UTF-8: letters beyond 16 bits are pairs of halves, and 0 is two bytes."""
    try:
        halves = data.replace(b"\xc0\x80", b"\0").decode("utf-8", "surrogatepass")
        return halves.encode("utf-16", "surrogatepass").decode("utf-16"), end
    except UnicodeError as error:
        raise BadRequest(f"a string that ends at byte {end} is not text") from error


def _examples(data: bytes, least: int) -> str | None:
    """The text in the blocks after the last string "instances"."""
    at = data.rfind(_EXAMPLES, least)
    if at < 0:
        return None
    at += len(_EXAMPLES)
    blocks = list[bytes]()
    while at < len(data) and (wide := {_BLOCK: 1, _LONG_BLOCK: 4}.get(data[at])):
        block, at = _counted(data, at + 1, wide)
        blocks.append(block)
    whole = b"".join(blocks)
    try:
        return whole.decode("utf-8")
    except UnicodeDecodeError:
        return whole.decode("cp1252", "replace")


def write(stored: Stored) -> bytes:
    """The bytes of a modelN.xml without a trained model, which Wekinator then trains itself."""
    head = _HEAD + _written(stored.path) + _written("null")
    if stored.examples is None:
        return head + _written("null")
    data = stored.examples.encode()
    return head + _EXAMPLES + b"".join(_block(data[at : at + _CHUNK]) for at in range(0, len(data), _CHUNK))


def _block(data: bytes) -> bytes:
    if len(data) < 256:
        return bytes((_BLOCK, len(data))) + data
    return bytes((_LONG_BLOCK,)) + len(data).to_bytes(4, "big") + data


def _written(text: str) -> bytes:
    beyond = re.sub(r"[^\0-\uffff]", lambda one: _pair(ord(one[0])), text)
    data = beyond.encode("utf-8", "surrogatepass").replace(b"\0", b"\xc0\x80")
    if len(data) < 1 << 16:
        return bytes((_STRING,)) + len(data).to_bytes(2, "big") + data
    return bytes((_LONG,)) + len(data).to_bytes(8, "big") + data


def _pair(code: int) -> str:
    return chr(0xD7C0 + (code >> 10)) + chr(0xDC00 + (code & 0x3FF))
