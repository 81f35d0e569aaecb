"""One input as the show sees it: its frames, its latency, and how it is."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from livegan.clock import Clock
from livegan.frame import Feature, Frame
from livegan.ring import Arrival
from livegan.show.host import Health
from livegan.show.law import Law
from livegan.show.report import numbers
from livegan.show.track import Sample, Track

_MOMENT = 1e-6
"""Seconds between what must not be seen at the same time."""


@dataclass(frozen=True)
class State:
    """How an input is: "absent", "silent", "live", "stale" or "wrong", and why.

    last: what was wrong last, also when that is over. restarts, replaced: of its process, for its end or its size.
    retries: how often what was lost was tried again.
    """

    state: str
    reason: str
    last: str
    restarts: int
    retries: int
    replaced: int


class Feed:
    """Frames of one input on their way into the show.

    arrivals: gives the frames above a count, oldest first, without waiting. health: its process's, None for an
    input that lives in the show. asked: the patch's latency in seconds, or None to measure it. moment: what was
    sampled last. kept: set to a list to keep every frame for a take.
    """

    def __init__(
        self,
        name: str,
        features: list[Feature],
        arrivals: Callable[[int], list[Arrival]],
        health: Callable[[], Health] | None,
        stale_after: float | None,
        asked: float | None,
        after: float,
    ) -> None:
        self.name = name
        self.features = [replace(feature, name=f"{name}.{feature.name}") for feature in features]
        self.track = Track(features, stale_after, after)
        self.law = Law(asked, bracketed=stale_after is not None)
        self.continuous = stale_after is not None
        self.moment = -np.inf
        self.frames = self.dropped = 0
        self.ages = numbers()
        self.kept: list[Frame] | None = None
        self.complaint = ""
        self._arrivals = arrivals
        self._health = health
        self._stale_after = stale_after
        self._count = 0
        self._events = np.array([feature.kind == "event" for feature in features], bool)
        self._came, self._gone = -np.inf, False
        self._last: Frame | None = None

    def pull(self) -> None:
        """Take in what has arrived since the last call; never waits."""
        for arrival in self._arrivals(self._count):
            frame = arrival.frame
            if self._count:
                self.dropped += frame.count - self._count - 1
            self._count = frame.count
            if frame.data.shape != (len(self.features),) or not frame.seen <= arrival.written:
                self.complaint = f"{self.name} gave a frame that is not of this show, or from the future"
                continue
            before = self.track.newest
            if self.track.push(frame):
                self.frames, self.complaint = self.frames + 1, ""
                if self.kept is not None:
                    self.kept.append(frame)
                self.ages.append(arrival.written - frame.seen)
                self.law.heard(frame.seen, arrival.written, before)
                self._came, self._last, self._gone = arrival.written, frame, False
        if self._last is not None and self._health and not self.continuous:
            self._follow(self._last, self._health())

    def _follow(self, last: Frame, health: Health) -> None:
        """The silence of a fader is rest: that it has gone, and is back, has to be said in its place."""
        gone = health.state not in ("open", "hung")
        if gone == self._gone or not last.present.any():
            return
        self._gone = gone
        seen = max(health.at, self.track.newest + _MOMENT)
        self.track.push(replace(last, data=np.where(self._events, 0, last.data), seen=seen, cut=False))
        if gone:
            self.track.push(replace(last, seen=seen + _MOMENT, present=np.zeros_like(last.present)))

    def sample(self, shown_at: float, lead: float, elapsed: float) -> tuple[float, Sample]:
        """The moment that the picture shown at `shown_at` tells of, and what the input did then."""
        self.moment = shown_at - self.law.tick(lead, elapsed)
        return self.moment, self.track.at(self.moment)

    def state(self, clock: Clock) -> State:
        """How it is now."""
        health = self._health() if self._health else Health("open")
        reason = health.reason or self.complaint
        counts = health.restarts, health.lost, health.replaced
        return State(self._word(health, clock.now()), reason, health.last, *counts)

    def _word(self, health: Health, now: float) -> str:
        if health.state == "hung":
            return "stale"
        if health.state != "open":
            return "absent"
        if health.reason or self.complaint:
            return "wrong"
        if not self.frames:
            return "silent"
        return "stale" if self.continuous and now - self._came > self._stale_after else "live"

    def summary(self, clock: Clock) -> dict[str, object]:
        """For the report."""
        state = self.state(clock)
        words = {name: word for name in ("reason", "last") if (word := getattr(state, name))}
        counts = {name: getattr(state, name) for name in ("restarts", "retries", "replaced")}
        return {"state": state.state, "frames": self.frames, "dropped": self.dropped, **counts, **words}
