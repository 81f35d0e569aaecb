"""Fakes for what cannot be had in a test: a clock that obeys, a worker without a thread, frames out of the air."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import replace

import numpy as np

from livegan.frame import Frame
from livegan.ring import Arrival


class FakeClock:
    """Time that passes only when somebody sleeps; `on_sleep` hears of each new moment."""

    def __init__(self, start: float = 100.0) -> None:
        self.time = start
        self.on_sleep: Callable[[float], None] = lambda moment: None

    def now(self) -> float:
        return self.time

    def sleep_until(self, moment: float) -> None:
        self.time = max(self.time, moment)
        self.on_sleep(self.time)


class Inline(Executor):
    """A worker that works at once, in the caller's thread."""

    def submit(self, task: Callable, *args: object) -> Future:  # type: ignore[override]
        future: Future = Future()
        try:
            future.set_result(task(*args))
        except Exception as error:
            future.set_exception(error)
        return future


class Slow(Executor):
    """A worker whose tasks are done `took(n)` seconds after they were given to it, by a fake clock."""

    def __init__(self, clock: FakeClock, took: Callable[[int], float]) -> None:
        self._clock, self._took, self._count, self._free = clock, took, 0, 0.0

    def submit(self, task: Callable, *args: object) -> Future:  # type: ignore[override]
        future: Future = Future()
        took = self._took(self._count)
        result = replace(task(*args), took=took)
        self._free = max(self._free, self._clock.now()) + took
        ready = self._free
        self._count += 1
        future.done = lambda: self._clock.now() >= ready - 1e-9  # type: ignore[method-assign]
        future.result = lambda timeout=None: (self._clock.sleep_until(ready), result)[1]  # type: ignore[method-assign]
        return future


class FakeRing:
    """A ring without shared memory: frames are there from the moment they were written, by a fake clock."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self._arrivals: list[Arrival] = []

    def put(
        self, values: list[float], seen: float, written: float, present: bool | list[bool] = True, cut: bool = False
    ) -> None:
        count = len(self._arrivals) + 1
        frame = Frame(np.array(values, np.float32), seen, np.atleast_1d(present), count, cut)
        self._arrivals.append(Arrival(frame, written))

    def since(self, count: int) -> list[Arrival]:
        return [a for a in self._arrivals[count:] if a.written <= self._clock.now()]
