"""Datagrams for a show's control port: commands, what only looks like one, and seeded mutations of both."""

import struct
from collections.abc import Iterator

import numpy as np

from tests.hostile.osc_datagrams import HOSTILE, VALID, bundle, floats, message, mutated, text

GOOD = message(b"/livegan/teach", b"f", floats(5))

COMMANDS: dict[str, bytes] = {
    "a number": GOOD,
    "no arguments": message(b"/livegan/teach"),
    "a text": message(b"/livegan/name", b"s", text("größer".encode())),
    "two numbers": message(b"/livegan/psi", b"fT", floats(0.5)),
    "a press": message(b"/livegan/record", b"i", struct.pack(">i", 1)),
    "a release": message(b"/livegan/record", b"i", struct.pack(">i", 0)),
    "a key": message(b"/livegan/key", b"si", text(b"t") + struct.pack(">i", 1)),
    "a note": message(b"/livegan/note", b"ii", struct.pack(">ii", 60, 100)),
    "a port for replies": message(b"/livegan/reply", b"i", struct.pack(">i", 9001)),
    "several": bundle(GOOD, message(b"/livegan/record", b"i", struct.pack(">i", 1))),
}

SHAPELESS: dict[str, bytes] = {
    "elsewhere": message(b"/teach"),
    "no name": message(b"/livegan/"),
    "a deeper name": message(b"/livegan/teach/now"),
    "a hidden name": message(b"/livegan/__class__"),
    "a name in capitals": message(b"/livegan/Teach"),
    "a long name": message(b"/livegan/" + b"a" * 41),
    "many arguments": message(b"/livegan/teach", b"T" * 17),
    "a long text": message(b"/livegan/name", b"s", text(b"a" * 201)),
    "a text with a line break": message(b"/livegan/name", b"s", text(b"red\nsky")),
    "a text with an escape sequence": message(b"/livegan/name", b"s", text(b"\x1b[2J")),
    "much text": message(b"/livegan/name", b"s" * 16, text(b"a" * 199) * 16),
    "a reply": message(b"/livegan/reply", b"sis", text(b"teach") + struct.pack(">i", 1) + text(b"done")),
    "news": message(b"/livegan/said", b"s", text(b"fitted")),
    "news without words": message(b"/livegan/said"),
    "a good one beside a bad one": bundle(GOOD, message(b"/livegan/Teach")),
}
"""Right as OSC, and no command."""


def stream(seed: int, count: int) -> Iterator[bytes]:
    """`count` mutations, half of commands and half of everything else that a stranger could send."""
    chance = np.random.default_rng(seed)
    others = [one for one in [*SHAPELESS.values(), *VALID.values(), *HOSTILE.values()] if 0 < len(one) <= 4_000]
    seeds = [*(list(COMMANDS.values()) * len(others))[: len(others)], *others]
    for which, how, *where in chance.integers(0, 1 << 30, (count, 5)).tolist():
        yield mutated(bytearray(seeds[which % len(seeds)]), how % 6, *where)
