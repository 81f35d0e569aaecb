"""Letters: words and arrays in one blob, between processes and in files.

A blob is a .safetensors file, numbers and JSON. Reading one must never run anything, nor fail but by ValueError.
"""

import json
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

_DAMAGED = (SafetensorError, LookupError, TypeError, AttributeError, RecursionError, OverflowError)


@dataclass(frozen=True)
class Letter:
    """Words (whatever JSON can say) and arrays by name."""

    words: dict[str, Any]
    arrays: dict[str, np.ndarray] = field(default_factory=dict)


def pack(letter: Letter) -> bytes:
    """The letter as bytes, the same for the same letter. Raises ValueError for arrays that are not of numbers."""
    # safetensors reads memory as it lies, so strides would tear an array.
    whole = {name: np.asarray(array, order="C") for name, array in letter.arrays.items()}
    try:
        return save(whole, {"livegan": json.dumps(letter.words)})
    except (SafetensorError, TypeError) as error:
        raise ValueError(f"this letter cannot be sent: {error}") from error


def unpack(data: bytes) -> Letter:
    """The letter in `data`; its arrays cannot be written to. Raises ValueError."""
    try:
        arrays = load(data)
        head = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
        words = json.loads(head["__metadata__"]["livegan"])
    except _DAMAGED as error:
        raise ValueError(f"this is no letter: {error}") from error
    if not isinstance(words, dict):
        raise ValueError("this is no letter: its words have no names")
    return Letter(words, arrays)
