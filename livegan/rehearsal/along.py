"""Play-along: the kept looks play as a path, the next one announced, and the performer moves along.

What was seen becomes examples of the looks that were on stage, after the performer's lag is estimated; the take is
kept, so that it can be used again without her. Nothing here waits.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from livegan.frame import Frame
from livegan.latent.space import Anchors
from livegan.letters import Letter
from livegan.mapping.taught import TaughtLook
from livegan.rehearsal.looks import FILE as LOOKS
from livegan.rehearsal.looks import Kept, dumped
from livegan.rehearsal.path import Path
from livegan.rehearsal.rounds import Asks, Post, Round, Rounds
from livegan.rehearsal.teaching import Lesson
from livegan.show.feed import Feed
from livegan.show.show import Show, Tick

HOLD, MORPH, LASTING = 2.0, 1.5, 40.0
"""Seconds that each look is held, that it takes to go over to the next, and that the whole lasts at least."""

LEAST_ROWS = 60

PATH = "path.json"
"""Beside the frames of each input and the looks, in the folder of a take."""


@dataclass(frozen=True)
class Take:
    """What was seen along a path. times: float64 [T], seconds from its beginning; rows: float32 [T, F]."""

    path: Path
    looks: tuple[TaughtLook, ...]
    times: np.ndarray
    rows: np.ndarray


class _Keeping:
    """The frames of a feed from now on, beside whoever else keeps them."""

    def __init__(self, feed: Feed) -> None:
        self.feed, self._own = feed, feed.kept is None
        feed.kept = [] if feed.kept is None else feed.kept
        self._start = len(feed.kept)

    def end(self) -> list[Frame]:
        """Keep no more of them; those that came."""
        found = self.feed.kept[self._start :]
        self.feed.kept = None if self._own else self.feed.kept
        return found


class Along:
    """One play-along after the other. say: tells the performer; ended: called with a round on disk and its lag."""

    def __init__(
        self,
        show: Show,
        lesson: Lesson,
        rounds: Rounds,
        study: Asks,
        scribe: Asks,
        post: Post,
        say: Callable[[str, bool], None],
        ended: Callable[[Round, float], None],
    ) -> None:
        self._show, self._lesson, self._rounds = show, lesson, rounds
        self._study, self._scribe, self._post = study, scribe, post
        self._say, self._ended = say, ended
        self._path: Path | None = None
        self._begun: float | None = None
        self._looks: tuple[TaughtLook, ...] = ()
        self._seen: list[tuple[float, np.ndarray]] = []
        self._kept: list[_Keeping] = []
        self.take: Take | None = None

    @property
    def running(self) -> bool:
        """Whether a path plays."""
        return self._path is not None

    def start(self, looks: list[tuple[Kept, np.ndarray]], lasting: float) -> Path:
        """Play a path through these looks (each with its w in this model), for at least so many seconds."""
        self._path = Path.through([kept.name for kept, _ in looks], HOLD, MORPH, lasting)
        self._begun, self._seen = None, []
        self._looks = tuple(kept.look for kept, _ in looks)
        space = Anchors(np.stack([w for _, w in looks]), np.array([one.psi for one in self._looks], np.float32))
        base, path = self._show.rest(0.0), self._path
        self._show.steering.choose(lambda moment: space.look(path.weights(moment - self._since(moment)), base))
        self._kept = [_Keeping(feed) for feed in self._feeds()]
        return path

    def step(self, tick: Tick) -> None:
        """After each tick: note what is seen; at the end of the path look at it."""
        if self._path is None or self._begun is None:
            return
        row = self._lesson.row(tick)
        if row is not None:
            self._seen.append((tick.moment - self._begun, row))
        if tick.due - self._begun > self._path.lasts:
            self.stop()

    def stop(self) -> None:
        """End the path, and make examples of what was seen."""
        path, self._path = self._path, None
        self._show.steering.choose(None)
        frames = {one.feed.name: one.end() for one in self._kept}
        if path is None or len(self._seen) < LEAST_ROWS:
            self._say("hardly anybody was seen along the path: nothing was taught", True)
            return
        times = np.array([moment for moment, _ in self._seen])
        self.take = Take(path, self._looks, times, np.stack([row for _, row in self._seen]))
        self._seen = []
        self._write(path, frames)
        self._estimate(self.take)

    def cancel(self) -> bool:
        """End the path and make nothing of it; whether one played."""
        if self._path is None:
            return False
        self._path, self._seen = None, []
        for one in self._kept:
            one.end()
        self._show.steering.choose(None)
        return True

    def teach(self, take: Take, lag: float) -> None:
        """Make a round of a take, the performer having been `lag` seconds behind."""

        def add(names: list[str], error: str) -> None:
            if error:
                self._say(error, True)
                return
            outputs = np.zeros((len(take.times), len(self._rounds.looks)), np.float32)
            places = [self._rounds.looks.index(name) for name in names]
            outputs[:, places] = take.path.weights(take.times - lag)
            self._rounds.write(take.rows, outputs, lambda one: self._ended(one, lag))

        self._rounds.know(take.looks, add)

    def announced(self, now: float) -> tuple[str, float | None]:
        """What the performer must know now: the look that comes next, and how near it is, 0..1."""
        if self._path is None or self._begun is None:
            return "move along", None
        after = self._path.next(now - self._begun)
        if after is None:
            return "the last one", None
        index, wait = after
        step = self._path.hold + self._path.morph
        return f"next: {self._path.ids[index]}", min(1.0, max(0.0, 1.0 - wait / step))

    def _since(self, moment: float) -> float:
        """When the first picture of the path is shown."""
        if self._begun is None:
            self._begun = moment
        return self._begun

    def _feeds(self) -> list[Feed]:
        return [self._show.feeds[place] for place in self._lesson.inputs]

    def _estimate(self, take: Take) -> None:
        features = [asdict(feature) for feature in self._lesson.features]
        words = {"do": "lag", "path": take.path.to_json(), "features": features}

        def hear(answer: Letter) -> None:
            if answer.words["error"]:
                self._say(answer.words["error"], True)
                return
            found: dict[str, Any] = answer.words
            clear = "" if found["clear"] else ", which is a guess: correct it with lag"
            self._say(f"you moved {1e3 * found['seconds']:.0f} ms behind the looks{clear}", False)
            self.teach(take, found["seconds"])

        letter = Letter(words, {"times": take.times, "rows": take.rows})
        self._study.ask(letter, lambda answer: self._post(lambda: hear(answer)))

    def _write(self, path: Path, frames: dict[str, list[Frame]]) -> None:
        """Keep the take: one file for each input, and the path, in a folder of its own."""
        root, place = str(self._rounds.folder), f"takes/{self._rounds.next}"
        told = json.dumps({"path": json.loads(path.to_json()), "begun": self._begun})
        self._file(root, f"{place}/{PATH}", told.encode())
        self._file(root, f"{place}/{LOOKS}", dumped(tuple(Kept(look) for look in self._looks)))
        for feed in self._feeds():
            self._frames_of(root, f"{place}/{feed.name}.safetensors", feed, frames[feed.name])

    def _frames_of(self, root: str, path: str, feed: Feed, frames: list[Frame]) -> None:
        if not frames:
            return
        arrays = {
            "data": np.array([frame.data for frame in frames], np.float32),
            "seen": np.array([frame.seen for frame in frames]),
            "present": np.array([frame.present for frame in frames], bool),
            "cut": np.array([frame.cut for frame in frames], bool),
        }
        words = {"root": root, "path": path}
        features = [{**asdict(f), "name": f.name.removeprefix(f"{feed.name}.")} for f in feed.features]
        self._asked(Letter({**words, "do": "frames", "first": 0}, arrays))
        self._asked(Letter({**words, "do": "take", "features": features}))

    def _file(self, root: str, path: str, data: bytes) -> None:
        self._asked(Letter({"do": "file", "root": root, "path": path}, {"data": np.frombuffer(data, np.uint8)}))

    def _asked(self, letter: Letter) -> None:
        def hear(answer: Letter) -> None:
            if answer.words["error"]:
                self._say(answer.words["error"], True)

        self._scribe.ask(letter, lambda answer: self._post(lambda: hear(answer)))
