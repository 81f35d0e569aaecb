"""What a session has to say: OSC messages, and where they go. Sends nothing itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

ERROR = "/livegan/error"


@dataclass(frozen=True)
class Out:
    """An OSC message. values: numbers, all sent as floats in 32 bits, or one sentence."""

    address: str
    values: Sequence[float] | np.ndarray | str = ()
    to: Literal["outputs", "errors"] = "outputs"


def refusal(sentence: str) -> Out:
    """A sentence about what was not done."""
    return Out(ERROR, sentence, "errors")
