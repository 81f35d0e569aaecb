"""What a session has to say: OSC messages, and where they go. Sends nothing itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

ERROR = "/livegan/error"

_LONGEST = 500  # letters; a sentence that quotes a stranger must fit into a datagram


@dataclass(frozen=True)
class Out:
    """An OSC message. values: numbers, all sent as floats in 32 bits, or one sentence.

    to: "errors" is told in the terminal too; "terminal" goes nowhere else.
    """

    address: str
    values: Sequence[float] | np.ndarray | str = ()
    to: Literal["outputs", "errors", "terminal"] = "outputs"


def refusal(sentence: str) -> Out:
    """A sentence about what was not done."""
    return Out(ERROR, sentence if len(sentence) <= _LONGEST else f"{sentence[:_LONGEST]} ...", "errors")


def note(sentence: str) -> Out:
    """A sentence for whoever looks after the server; nothing is sent."""
    return Out("", sentence, "terminal")
