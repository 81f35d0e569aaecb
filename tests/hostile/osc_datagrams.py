"""Datagrams that a stranger could send: valid ones, hostile ones, and seeded mutations of both.

Built here byte by byte and not with the codec under test. Nothing is sent by this file.
"""

import struct
from collections.abc import Iterator

import numpy as np

_IMMEDIATELY = struct.pack(">Q", 1)
_FAR_FUTURE = struct.pack(">Q", 0xFFFF_FFFF_0000_0000)


def text(content: bytes) -> bytes:
    """An OSC string: ended by a zero byte and padded to a multiple of 4."""
    return content + b"\0" * (4 - len(content) % 4)


def message(address: bytes, tags: bytes = b"", data: bytes = b"") -> bytes:
    """One OSC message with its type tag string, as it is told."""
    return text(address) + text(b"," + tags) + data


def bundle(*elements: bytes, time: bytes = _IMMEDIATELY) -> bytes:
    """An OSC bundle of packets that are already encoded."""
    return b"#bundle\0" + time + b"".join(struct.pack(">i", len(e)) + e for e in elements)


def floats(*values: float) -> bytes:
    """Numbers as OSC writes them: 32 bits, big endian."""
    return struct.pack(f">{len(values)}f", *values)


def _nested(depth: int) -> bytes:
    packet = message(b"/a")
    for _ in range(depth):
        packet = bundle(packet)
    return packet


GOOD = message(b"/wek/inputs", b"fff", floats(0.25, 0.5, 0.75))

VALID: dict[str, bytes] = {
    "three floats": GOOD,
    "no arguments": message(b"/a"),
    "no type tags at all": text(b"/a"),
    "all types": message(b"/all", b"ifhdsTF", struct.pack(">ifqd", -1, 0.5, 1 << 40, 0.1) + text("größe".encode())),
    "512 floats": message(b"/w", b"f" * 512, floats(*np.linspace(-3, 3, 512))),
    "bundle": bundle(GOOD, message(b"/b", b"T")),
    "bundle for the year 2036": bundle(GOOD, time=_FAR_FUTURE),
    "bundle in a bundle": bundle(bundle(GOOD), GOOD),
    "empty bundle": bundle(),
    "1,024 messages": bundle(*[message(b"/a", b"i", b"\0\0\0\1")] * 1024),
    "9,216 floats": message(b"/w", b"f" * 9216, floats(*[0.5] * 9216)),
}

HOSTILE: dict[str, bytes] = {
    "nothing": b"",
    "three bytes": b"/a\0",
    "zeros": bytes(16),
    "element of size -4": b"#bundle\0" + _IMMEDIATELY + struct.pack(">i", -4),
    "element of size 0": b"#bundle\0" + _IMMEDIATELY + bytes(4),
    "element of size 6": b"#bundle\0" + _IMMEDIATELY + struct.pack(">i", 6) + bytes(8),
    "element larger than the rest": b"#bundle\0" + _IMMEDIATELY + struct.pack(">i", 64) + message(b"/a"),
    "element of 2 GB": b"#bundle\0" + _IMMEDIATELY + struct.pack(">i", 0x7FFF_FFFC) + message(b"/a"),
    "bundle without its time": b"#bundle\0" + bytes(4),
    "pattern of 25 stars": message(b"/" + b"*!" * 12 + b"*"),
    "pattern of 40 kB": message(b"/*" + b"a" * 40_000),
    "wildcard": message(b"/wek/*"),
    "question mark": message(b"/wek/input?"),
    "set": message(b"/wek/[a-z]"),
    "alternatives": message(b"/{wek,a}/inputs"),
    "space": message(b"/wek inputs"),
    "address that is not UTF-8": b"/\xff\xff\0",
    "address that is not ASCII": message("/größe".encode()),
    "address without a slash": message(b"wek/inputs"),
    "string that is not UTF-8": message(b"/a", b"s", text(b"\xff\xfe")),
    "900 nested bundles": _nested(900),
    "three nested bundles": _nested(3),
    "NaN": message(b"/wek/inputs", b"fff", b"\x7f\xc0\0\0" + floats(0.6, 0.4)),
    "infinity": message(b"/wek/inputs", b"fff", b"\x7f\x80\0\0" + floats(0.6, 0.4)),
    "minus infinity in 64 bits": message(b"/a", b"d", b"\xff\xf0" + bytes(6)),
    "NaN in 64 bits": message(b"/a", b"d", b"\x7f\xf8" + bytes(6)),
    "fewer numbers than promised": message(b"/wek/inputs", b"fff", floats(1, 2)),
    "more numbers than promised": message(b"/wek/inputs", b"f", floats(1, 2)),
    "half a double": message(b"/a", b"d", floats(1)),
    "no end of the address": b"/abc",
    "no end of the tags": text(b"/a") + b",fff",
    "no end of a string": message(b"/a", b"s", b"abcd"),
    "padding that is not zero": b"/a\0x" + text(b","),
    "tags without a comma": text(b"/a") + text(b"f") + floats(1),
    "blob of -1 bytes": message(b"/a", b"b", b"\xff\xff\xff\xff"),
    "blob of 2 GB": message(b"/a", b"b", b"\x7f\xff\xff\xff"),
    "nil": message(b"/a", b"N"),
    "array of arrays": message(b"/a", b"[" * 900 + b"]" * 900),
    "MIDI": message(b"/a", b"m", bytes(4)),
    "time": message(b"/a", b"t", bytes(8)),
    "too many booleans": message(b"/a", b"T" * 60_000),
    "too many strings": message(b"/a", b"s" * 5_000, bytes(20_000)),
    "too many messages": bundle(*[text(b"/a")] * 1025),
    "longer than any datagram": message(b"/w", b"f" * 13_200, bytes(4 * 13_200)),
    "one bad message in a bundle": bundle(GOOD, message(b"/a", b"f", b"\x7f\xc0\0\0")),
}


def mutations(seed: int, count: int) -> Iterator[bytes]:
    """`count` mutations, half of valid ones: bytes set and flipped, pieces cut, doubled and swapped in."""
    chance = np.random.default_rng(seed)
    valid = [d for d in VALID.values() if len(d) <= 4_000]
    hostile = [d for d in HOSTILE.values() if 0 < len(d) <= 200]
    seeds = [*(valid * len(hostile))[: len(hostile)], *hostile]
    dice = chance.integers(0, 1 << 30, (count, 5)).tolist()
    for which, how, where, what, length in dice:
        yield mutated(bytearray(seeds[which % len(seeds)]), how % 6, where, what, length)


def mutated(data: bytearray, how: int, where: int, what: int, length: int) -> bytes:
    """One mutation of `data`, chosen by four dice."""
    at = where % len(data)
    if how == 0:
        data[at] = what % 256
    elif how == 1:
        data[at] ^= 1 << what % 8
    elif how == 2:
        del data[at : at + 1 + length % 8]
    elif how == 3:
        data[at:at] = data[at : at + 4 * (1 + length % 8)]
    elif how == 4:
        start = at - at % 4
        data[start : start + 4] = struct.pack(">i", (-8, -4, 0, 4, 8, 16, 1 << 20, -(1 << 31))[what % 8])
    else:
        data[at : at + 2] = what.to_bytes(4, "big")[: length % 5]
    return bytes(data)
