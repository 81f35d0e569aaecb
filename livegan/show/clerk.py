"""Clerks: children that carry out letters in order and answer each, such as the scribe and the fitter.

Nobody who asks ever waits. What a child had not answered when it died is told to the next one: letters must bear
being carried out twice.
"""

import multiprocessing
import signal
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from livegan.clock import Clock
from livegan.letters import Letter, pack
from livegan.show.desk import GRACE, LARGEST, Desk, main, opened
from livegan.show.host import FORGIVEN, Health, backoff
from livegan.show.letterbox import DEADLY, Asked, Hear, Letterbox

STILLBORN = 5
"""So many children in a row may die before they are ready, until what waits is given up."""


class Clerk:
    """A child that does `work` (a function at the top of its module), brought back whenever it dies.

    One thread, named after it, starts the child, tells it letters and hears its answers. low_priority: what it does
    may take its time, and ends at once when the parent has gone.
    """

    def __init__(self, name: str, work: Callable[[Desk], None], clock: Clock, low_priority: bool = False) -> None:
        self.name = name
        self._task, self._clock = (work, low_priority), clock
        self._box = Letterbox()
        self._ear, self._bell = multiprocessing.Pipe(duplex=False)
        self._ringing, self._rung = threading.Lock(), False
        self._end: float | None = None
        self._process: BaseProcess | None = None
        self._desk: Connection | None = None
        self._ready = self._dropped = False
        self._started = self._due = clock.now()
        self._deaths = self._stillborn = self._starts = 0
        self._died = self._told = self._fault = ""
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def ask(self, letter: Letter, hear: Hear = lambda _: None) -> None:
        """Have a letter carried out; never waits, and any thread may ask.

        hear: called in the clerk's own thread with each answer; the last has words["done"] true. Raises ValueError
        for a letter that cannot be sent.
        """
        data = pack(letter)
        if len(data) > LARGEST - 8:
            raise ValueError(f"a letter of {len(data)} bytes is too large, {LARGEST - 8} are allowed")
        self._box.add(data, hear)
        self._ring()

    def drop(self) -> None:
        """Forget everything that was not answered, and stop what is being done; nothing more is heard of it.

        But an answer that is being heard in this very moment is heard to its end.
        """
        _, told = self._box.empty()
        if told:
            self._dropped = True
            self._kill()

    @property
    def waiting(self) -> int:
        """How many letters are not answered yet."""
        return len(self._box)

    def health(self) -> Health:
        """How the child is. restarts: those that nobody asked for."""
        dead = self._process is None and self._died != ""
        state = "dead" if dead else "open" if self._ready else "opening"
        return Health(state, self._died if dead else self._fault, 0, max(0, self._starts - 1), self._died)

    def pid(self) -> int | None:
        """The child's number while it runs."""
        process = self._process
        return process.pid if process else None

    def close(self, patience: float = 5.0) -> None:
        """Wait until everything asked is answered, at most `patience` seconds, then end the child."""
        self._end = self._clock.now() + patience
        self._ring()
        self._thread.join(patience + 2 * GRACE)
        self._kill()  # for a child that was stopped, and so would hold the thread
        self._thread.join(2 * GRACE)

    def _ring(self) -> None:
        with self._ringing:
            if not self._rung:
                self._rung = True
                self._bell.send_bytes(b"")

    def _kill(self) -> None:
        process = self._process
        if process is not None:
            process.kill()

    def _run(self) -> None:
        if hasattr(signal, "pthread_sigmask"):
            # Inherited by the child: Ctrl-C is for the show, which then closes its clerks.
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        while self._end is None or (len(self._box) and self._clock.now() < self._end):
            if self._process is not None:
                self._attend()
            elif self._end is not None or self._clock.now() >= self._due:
                self._start()
            else:
                self._listen(self._due - self._clock.now())
        self._let_go()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._desk, theirs = context.Pipe()
        process = context.Process(target=main, args=(theirs, *self._task), name=self.name, daemon=True)
        self._started, self._starts, self._told = self._clock.now(), self._starts + 1, ""
        try:
            with theirs:
                process.start()
            self._process = process
        except Exception as error:
            self._desk.close()
            self._bury(f"could not be started ({error})")

    def _attend(self) -> None:
        """Tell what is to be told; then wait for the bell, an answer, or the child's end."""
        try:
            for asked in self._box.take() if self._ready else ():
                self._desk.send_bytes(asked.number.to_bytes(8, "little") + asked.data)
            if self._listen(None if self._end is None else self._end - self._clock.now()):
                self._hear(self._desk.recv_bytes(LARGEST))
        except (EOFError, OSError, ValueError) as error:
            self._desk.close()
            status = _gone(self._process)
            garbled = f"sent what is no letter ({error})" if isinstance(error, ValueError) else ""
            self._bury(garbled or self._told or f"its process ended with status {status}")

    def _listen(self, seconds: float | None) -> bool:
        """Wait for an answer or the bell; whether there is an answer."""
        doors = [self._ear] if self._process is None else [self._ear, self._desk]
        open_doors = wait(doors, None if seconds is None else max(0.0, seconds))
        if self._ear in open_doors:
            with self._ringing:
                self._ear.recv_bytes()
                self._rung = False
        return self._desk in open_doors

    def _hear(self, data: bytes) -> None:
        number, letter = opened(data)
        if number == 0:  # about the child itself: that it is ready, or why it ends
            self._told = letter.words.get("failed", "")
            self._ready = self._ready or not self._told
            return
        done = letter.words.get("done") is True
        asked = self._box.answered(number, done)
        self._deaths = 0 if done else self._deaths
        if asked is not None:
            self._pass_on(asked, letter)

    def _pass_on(self, asked: Asked, letter: Letter) -> None:
        try:
            asked.hear(letter)
        except Exception as error:  # a listener's fault must not end the clerk
            self._fault = f"{self.name}: an answer was not taken ({type(error).__name__}: {error})"

    def _bury(self, why: str) -> None:
        """The child is gone: when is the next one due, and what need not be told to it?"""
        now, dropped, ready = self._clock.now(), self._dropped, self._ready
        self._process, self._ready, self._dropped, self._due = None, False, False, now
        given_up = self._box.put_back(blame=not dropped)
        if dropped:
            self._starts -= 1
            return
        self._died = f"{self.name}: {why}"
        self._deaths = 1 if now - self._started >= FORGIVEN else self._deaths + 1
        self._due = now + backoff(self._deaths)
        self._stillborn = 0 if ready else self._stillborn + 1
        if given_up:
            self._give_up([given_up], f"the {self.name} broke over this {DEADLY} times ({why}) and left it out")
        if self._stillborn >= STILLBORN:
            self._give_up(self._box.empty()[0], f"the {self.name} does not start ({why}): nothing of this was done")

    def _give_up(self, letters: list[Asked], error: str) -> None:
        for asked in letters:
            self._pass_on(asked, Letter({"done": True, "error": error}))

    def _let_go(self) -> None:
        if self._process is not None:
            self._desk.close()  # it hears that, and goes
            _gone(self._process)
            self._process = None
        with self._ringing:
            self._rung = True
            self._ear.close()
            self._bell.close()


def _gone(process: BaseProcess) -> int | None:
    """Have the process gone, by itself or not; its exit status."""
    process.join(GRACE)
    if process.is_alive():
        process.kill()
        process.join(GRACE)
    return process.exitcode
