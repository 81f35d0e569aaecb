"""What a fit says of itself: how well it keeps to what was taught, as numbers and as sentences. Fits nothing."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from livegan.mapping.targets import Kind

_MOST = 4


@dataclass(frozen=True)
class FitReport:
    """What was fitted, and how well.

    counts: examples for each look (none for numbers). error: for anchors the largest weight missing at a
    taught pose (0..1), else the root mean square of what is missed, over that of the outputs around their
    mean. unseen: features that no example has seen; they are ignored. warnings: one sentence each. against: id and
    look of the rounds that the newest one contradicts. held_out: what a round is missed by when it is not fitted,
    as `error` but for anchors the mean; None when no look has a second round. errors: the same for each output that
    has a model of its own, by its name, where it was taught in two rounds or more, for classes and gestures each of
    them: of a class or gesture, the share that it gets wrong; `error` and `held_out` are the means then. untold: those
    that were fitted and have no such error.
    """

    model: Kind
    outputs: str | tuple[str, ...]
    examples: int
    counts: dict[str, int]
    error: float
    unseen: tuple[str, ...]
    warnings: tuple[str, ...]
    against: tuple[tuple[int, str], ...]
    held_out: float | None
    errors: dict[str, float] = field(default_factory=dict)
    untold: tuple[str, ...] = ()

    def missed(self) -> Iterator[str]:
        """Sentences about what rounds are missed by that were not taught."""
        for output, error in self.errors.items():
            yield f"{output}: misses a round that it was not taught by {error:.1%}"
        if self.untold:
            yield f"{_some(self.untold)}: teach each number, class or gesture twice to know what a new one is missed by"
        if not self.errors and self.held_out is not None:
            yield f"it misses a round that it was not taught by {self.held_out:.1%}"


def _some(names: tuple[str, ...]) -> str:
    left = len(names) - _MOST
    return ", ".join(names[:_MOST]) + (f" and {left} more" if left > 0 else "")
