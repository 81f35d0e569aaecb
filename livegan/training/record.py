"""What a training leaves in its folder: log, sheets, video, models and, last of all, the checkpoint to go on from.

Never changes what is trained. Whatever it draws, it draws from the same z at every step.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from livegan.files import write_atomic
from livegan.generators import weights
from livegan.latent.look import seeded_z
from livegan.training import batches, checkpoint, quality, sheet
from livegan.training.checkpoint import Checkpoint
from livegan.training.logbook import Line, Log
from livegan.training.plan import Job
from livegan.training.quality import Quality
from livegan.training.trainer import Trainer

Draw = Callable[[list[Line]], bytes]
"""Draws a log as a PNG."""

PSI = 0.8
"""Of the sheets: what a performer will most often see."""

_LARGEST = 65504.0
"""In float16."""


class Record:
    """The folder of a training; `saved` is the step of its last checkpoint, None where there is none yet."""

    def __init__(self, job: Job, trainer: Trainer, device: str, saved: int | None, draw: Draw) -> None:
        self._job, self._config, self._trainer, self._draw = job, job.plan.config, trainer, draw
        self.saved = saved
        self.log = Log(job.out / "log.csv", -1 if saved is None else saved)
        self._chosen = self._held_out()
        parts = np.array_split(self._chosen, -(-len(self._chosen) // self._config.batch))
        self._quality = Quality(lambda: (self._read(part) for part in parts), len(self._chosen), device)
        if job.fid is not None:
            job.fid.begin(job.out, job.dataset.train, self._read, f"{job.plan.dataset} {self._config.size}")

    def show(self, step: int, seconds: float, speed: float | None) -> None:
        """The sheet, the video, the quality and the plot of a step. Raises Failure."""
        out = self._job.out
        checkpoint.refuse_full(out, 0)
        sheet.write_sheet(out / "samples", step, self._sheet())
        sheet.write_progress(out / "samples", out / "progress.mp4")
        measured = self._quality.distance(self._drawn(self._chosen))
        self.log.line(step, self._trainer.pictures, seconds, speed, measured)
        self._write_log()

    def keep(self, step: int, seconds: float) -> None:
        """The log and the models of a step, then its checkpoint, which stands for all of them. Raises Failure."""
        self.log.write()
        self._write_model(step)
        state = Checkpoint(step, seconds, self._trainer.tensors(), self._trainer.numbers())
        checkpoint.save_checkpoint(self._job.out / "checkpoints", state)
        self.saved = step

    def measure(self) -> None:
        """FID of what was shown last, if that is to be measured; nothing is lost when it is cut off. Raises Failure."""
        fid = self._job.fid
        found = None if fid is None else fid.distance(self._drawn(fid.chosen))
        if found is not None:
            self.log.measured(found)
            self._write_log()

    def _write_log(self) -> None:
        self.log.write()
        write_atomic(self._job.out / "log.png", self._draw(self.log.lines))

    def _read(self, chosen: np.ndarray) -> np.ndarray:
        return batches.shrunk(self._job.dataset.pictures(chosen), self._config.size)

    def _held_out(self) -> np.ndarray:
        """Pictures to compare with: none that was learnt from, where there are such."""
        dataset = self._job.dataset
        return quality.compared(dataset.held_out if len(dataset.held_out) else dataset.train, self._config.size)

    def _drawn(self, chosen: np.ndarray) -> Iterator[np.ndarray]:
        """As many pictures as are chosen to compare with, of the same classes."""
        labels = self._job.dataset.label(chosen) if self._config.classes else None
        dice = torch.Generator().manual_seed(self._job.plan.seed)
        z = torch.randn(len(chosen), self._config.z_dim, generator=dice)
        return self._images(z, 1.0, None if labels is None else torch.from_numpy(labels))

    def _sheet(self) -> np.ndarray:
        count, classes = sheet.COLUMNS * sheet.ROWS, self._config.classes
        z = np.stack([seeded_z(self._job.plan.seed + place, self._config.z_dim) for place in range(count)])
        labels = torch.arange(count) % classes if classes else None
        return np.concatenate([*self._images(torch.from_numpy(z), PSI, labels)])

    def _images(self, z: Tensor, psi: float, labels: Tensor | None) -> Iterator[np.ndarray]:
        """Pictures of the averaged generator, in parts that fit into memory as a batch does."""
        for first in range(0, len(z), self._config.batch):
            part = slice(first, first + self._config.batch)
            found = self._trainer.images(z[part], psi, None if labels is None else labels[part])
            yield sheet.enlarged(found.numpy(), self._config.size)

    def _write_model(self, step: int) -> None:
        """The averaged generator as a model for the stage, among those of all steps and as the newest."""
        out, model = self._job.out, self._trainer.ema_model(self._job.out.name)
        small = replace(model, tensors={name: _small(name, array) for name, array in model.tensors.items()})
        path = out / "models" / f"{step:06d}.safetensors"
        checkpoint.refuse_full(out, 2 * sum(array.nbytes for array in small.tensors.values()))
        weights.dump(path, small, {"training": out.name, "step": step, "pictures": self._trainer.pictures})
        write_atomic(out / "model.safetensors", path.read_bytes())


def _small(name: str, array: np.ndarray) -> np.ndarray:
    """Half as many bytes, where nothing that is seen is lost by it."""
    fits = name != "mapping.w_avg" and np.abs(array).max(initial=0) < _LARGEST
    return array.astype(np.float16) if fits else array
