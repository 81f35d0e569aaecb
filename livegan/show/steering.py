"""What is on stage instead of what the mappings play: a look that somebody chose, a held one, the safe one, black.

The last step before the generator. Every change is eased, so that the picture never jumps; nothing here waits.
"""

from collections.abc import Callable

from livegan.latent.look import Look, mix

MORPH = 0.5
"""Seconds from what was on stage to what is there instead."""

FADE = 0.7
"""Seconds to black, and back."""

Source = Callable[[float], Look]
"""The look for the picture shown at a moment in seconds."""


class Steering:
    """Three panic commands in rising order (freeze, safe, black), below them a look that mutes the mappings.

    Each is undone by itself; what lies below goes on and shows again. safe_look: gives the look that `safe` eases to.
    """

    def __init__(self, safe_look: Source) -> None:
        self._safe_look = safe_look
        self.safe = self.black = False
        self._chosen: Source | None = None
        self._frozen: Look | None = None
        self._last: Look | None = None
        self._from: Look | None = None
        self._since: float | None = None
        self._light, self._moment = 1.0, None

    @property
    def frozen(self) -> Look | None:
        """The look that is held, or None."""
        return self._frozen

    @property
    def look(self) -> Look | None:
        """The look that was given last."""
        return self._last

    @property
    def muted(self) -> bool:
        """Whether something else than the mappings decides the look."""
        return self._chosen is not None or self._frozen is not None or self.safe

    def choose(self, source: Source | None) -> None:
        """Show looks of this source instead of what the mappings play; None lets them play again."""
        self._chosen = source
        self._go_over()

    def freeze(self, on: bool) -> None:
        """Hold the picture, or let it go."""
        self._frozen = self._last if on else None
        self._go_over()

    def make_safe(self, on: bool) -> None:
        """Ease to the safe look, or back."""
        self.safe = on
        self._go_over()

    def renew(self, redrawn: Callable[[Look], Look]) -> None:
        """Another model draws from now on: what is held is redrawn, what was chosen is to be chosen again."""
        self._frozen = None if self._frozen is None else redrawn(self._frozen)
        self._chosen = self._last = self._from = self._since = None

    def steer(self, playing: Look, moment: float) -> tuple[Look, float]:
        """The look for the picture shown at `moment`, and its light (0 is black), when the mappings play `playing`."""
        look = self._wanted(playing, moment)
        if self._from is not None:
            self._since = moment if self._since is None else self._since
            share = (moment - self._since) / MORPH
            self._from, look = (None, look) if share >= 1.0 else (self._from, mix(self._from, look, share))
        self._last = look
        return look, self._lit(moment)

    def _wanted(self, playing: Look, moment: float) -> Look:
        if self.safe:
            return self._safe_look(moment)
        if self._frozen is not None:
            return self._frozen
        return playing if self._chosen is None else self._chosen(moment)

    def _lit(self, moment: float) -> float:
        step = 0.0 if self._moment is None else max(0.0, moment - self._moment) / FADE
        self._moment = moment
        self._light = max(0.0, self._light - step) if self.black else min(1.0, self._light + step)
        return self._light

    def _go_over(self) -> None:
        self._from, self._since = self._last, None
