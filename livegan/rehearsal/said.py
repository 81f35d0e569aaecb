"""What is said to a performer: sentences. Plain data, and the shape of whoever says them."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Said:
    """A sentence for the performer, whether it tells of an error, and when it was said."""

    sentence: str
    error: bool
    at: float


class Says(Protocol):
    """Tells the performer something."""

    def __call__(self, sentence: str, error: bool = False) -> None:
        """Tell one sentence."""
