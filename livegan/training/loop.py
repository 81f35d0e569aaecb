"""A training from where its folder stands to its last step, or to where it is told to stop.

What is in the folder is whole at every moment: after Ctrl-C, kill -9, or when something fails, the same call goes on
from the last checkpoint as if it had never stopped. Only where it would fail again another one is told.
"""

import json
import shlex
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from livegan.clock import Clock
from livegan.errors import Failure
from livegan.training import batches, checkpoint
from livegan.training.left import Left, told
from livegan.training.plan import Job
from livegan.training.record import Draw, Record
from livegan.training.spread import Spread, lost
from livegan.training.threads import Threads
from livegan.training.trainer import Ended, Trainer, out_of_memory

Say = Callable[[str], None]

_LINES = 20
"""Of the log, from one checkpoint to the next."""
_PROGRESS = 2.0
_PATIENCE = 30.0
"""Seconds after which speed and time left are told, though not every kind of step was seen."""


@dataclass(frozen=True)
class Telling:
    """Where sentences go, where the line of progress goes, and what draws the log."""

    say: Say
    progress: Say
    draw: Draw


def train(job: Job, spread: Spread, clock: Clock, telling: Telling, stop: Callable[[], bool]) -> int:
    """Train until all steps are done or `stop` says so; the step reached, with its checkpoint on disk.

    Raises Failure in one sentence where it cannot go on; the last checkpoint is then kept.
    """
    run = _Run(job, spread, clock, telling)
    try:
        run.start()
        while run.done < job.plan.steps and not spread.any(stop()):
            run.step()
        run.end()
    except (MemoryError, torch.OutOfMemoryError) as error:
        ended = out_of_memory(job.plan.config, spread.ranks)
        raise Failure(f"{ended}; {run.anew(ended.cure)}") from error
    except Ended as error:
        raise Failure(f"{error}; {run.anew(error.cure)}") from error
    except Failure as error:
        raise Failure(f"{str(error).rstrip('. ')}; {run.kept()}") from error
    except RuntimeError as error:
        if spread.ranks > 1 and lost(error):
            raise Failure(f"another process of this training is gone; {run.kept()}") from error
        raise
    return run.done


class _Run:
    """One process of a training; `done` steps are behind it. Only the first process has a record."""

    def __init__(self, job: Job, spread: Spread, clock: Clock, telling: Telling) -> None:
        self._job, self._spread, self._clock, self._telling = job, spread, clock, telling
        self._plan, self._config = job.plan, job.plan.config
        self._left = Left(self._config, job.plan.every)
        self._record: Record | None = None
        self._before = 0.0
        self._saved: int | None = None
        self._threads = Threads(spread.device == "cpu" and spread.ranks == 1)
        self._warm = self._promised = False
        self.done = 0

    def start(self) -> None:
        """Build what is trained, and go on from the last checkpoint, or measure and show where it begins."""
        spread, plan = self._spread, self._plan
        self._trainer = Trainer(self._config, spread.device, plan.seed, spread.rank, spread.ranks)
        if spread.first:
            self._resume()
        if spread.ranks > 1:
            self._hear()
        self._began = self._told_at = self._clock.now()
        if spread.first:
            self._record = Record(self._job, self._trainer, spread.device, self._saved, self._telling.draw)
            if self._record.saved is None:
                self._keep()

    def step(self) -> None:
        """One step of all processes, and a checkpoint when it is time."""
        self._threads.begin()
        began = self._clock.now()
        self._trainer.grow(self._config.size_at(self._trainer.pictures))
        found = self._trainer.step(self.done, *self._batch())
        self.done += 1
        self._threads.end(self._clock.now() - began)
        if self._record is None:
            return
        self._note(found, self._clock.now() - began)
        if self._due():
            self._keep()

    def end(self) -> None:
        """Keep what no checkpoint holds yet, and nothing besides, since somebody waits."""
        if self._record is not None and self.done > self._record.saved:
            self._record.keep(self.done, self._seconds())

    def kept(self) -> str:
        """What is left when it cannot go on."""
        if self._record is None or self._record.saved is None:
            return "there is no new checkpoint"
        return f"the checkpoint of step {self._record.saved:,} is kept, and the same command goes on from it"

    def anew(self, cure: str) -> str:
        """What to do where the same command would end alike."""
        if not cure:
            return "begin a new folder with a smaller --size"
        saved = self._record.saved if self._record else self._saved
        if not saved:
            return f"begin a new folder with {cure}"
        model, judge = (str(self._job.out / room / f"{saved:06d}.safetensors") for room in ("models", "checkpoints"))
        words = shlex.join(["--from", model, "--from-discriminator", judge])
        return f"the checkpoint of step {saved:,} is kept: begin a new folder with {words} {cure}"

    def _resume(self) -> None:
        checkpoint.clear(self._job.out)
        found, sentences = checkpoint.newest(self._job.out / "checkpoints")
        for sentence in sentences:
            self._telling.say(sentence)
        if found is not None:
            self._trainer.restore(found.tensors, found.numbers)
            self.done, self._saved, self._before = found.step, found.step, found.seconds
            self._telling.say(f"Going on from step {found.step:,} of {self._plan.steps:,}.")
        elif self._job.model is not None:
            self._trainer.begin(self._job.model, self._job.discriminator)

    def _hear(self) -> None:
        """Be where the first process is."""
        text = self._spread.text(lambda: json.dumps({"done": self.done, "trainer": self._trainer.numbers()}))
        tensors, numbers = self._spread.tensors(self._trainer.tensors()), json.loads(text)
        self.done = numbers["done"]
        self._trainer.restore(tensors, numbers["trainer"])

    def _batch(self) -> tuple[Tensor, Tensor | None]:
        """The real pictures of this process's part of the step, and their labels."""
        dataset, batch = self._job.dataset, self._config.batch
        places = batches.places(len(dataset.train), batch, self._plan.seed, self.done)
        mine = batch // self._spread.ranks
        chosen = dataset.train[places[self._spread.rank * mine :][:mine]]
        reals = torch.from_numpy(batches.shrunk(dataset.pictures(chosen), self._config.size))
        return reals, torch.from_numpy(dataset.label(chosen)) if self._config.classes else None

    def _keep(self) -> None:
        began = self._clock.now()
        self._record.show(self.done, self._seconds(), self._left.rate(self.done) or None)
        self._record.keep(self.done, self._seconds())
        self._record.measure()
        self._left.saved(self._clock.now() - began)

    def _due(self) -> bool:
        return self.done % self._plan.every == 0 or self.done == self._plan.steps

    def _seconds(self) -> float:
        """Of training so far, all starts together."""
        return self._before + self._clock.now() - self._began

    def _note(self, found: dict[str, float], took: float) -> None:
        if self._warm:  # the first step after a start also finds memory and ways to compute
            self._left.stepped(self.done - 1, took)
        self._warm = self._threads.settled
        log, every = self._record.log, max(1, self._plan.every // _LINES)
        log.note(found)
        if self.done % every == 0 and not self._due():
            log.line(self.done, self._trainer.pictures, self._seconds(), self._left.rate(self.done) or None)
        self._promise()
        if self._clock.now() - self._told_at >= _PROGRESS and self._warm:
            self._told_at = self._clock.now()
            log.write()
            self._telling.progress(self._progress(found))

    def _promise(self) -> None:
        """Tell the speed of this machine and how long all will take, once."""
        rate = 0.0 if self._promised else self._left.rate(self.done)
        if rate and (self._left.known(self.done) or self._clock.now() - self._began > _PATIENCE):
            self._promised = True
            left = told(self._left.seconds(self.done, self._plan.steps))
            ahead = self._plan.steps - self.done
            self._telling.say(f"About {rate:.3g} pictures a second here: {ahead:,} steps take {left}.")

    def _progress(self, found: dict[str, float]) -> str:
        left = told(self._left.seconds(self.done, self._plan.steps))
        return (
            f"step {self.done:,} of {self._plan.steps:,}, {left} left, {self._left.rate(self.done):.3g} pictures a "
            f"second, losses D {found['d_loss']:.2f} G {found['g_loss']:.2f}, ADA p {found['ada_p']:.2f}"
        )
