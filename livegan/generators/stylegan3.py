"""StyleGAN3 as a generator: models in livegan's format, the plain path for sheets, the fast path for the stage.

One thread starts pictures; weights are read once and nothing is read or learnt while playing. The picture can be
moved, turned and zoomed by a look's transform and by the numbers `translate_x`, `translate_y`, `rotate` and `zoom`.
"""

import os
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from livegan.generators import weights
from livegan.generators.base import Generator, Info, Picture
from livegan.generators.bending import Amounts
from livegan.generators.device import CPU, Landing, chosen, compared, levels, opening
from livegan.generators.stylegan import StyleGANSettings, truncated
from livegan.generators.stylegan3_cpu import FastCpu, Weights
from livegan.generators.stylegan3_plain import INPUT, Plain
from livegan.generators.weights import Model
from livegan.latent.look import Look, seeded_z, transform

_SAMPLES = 512
_CONTROLS = ("translate_x", "translate_y", "rotate", "zoom")
_LEAST = 1e-3
"""Of a zoom: a smaller one would come near to dividing by zero."""


class StyleGAN3Settings(StyleGANSettings):
    """What the `[generator]` table of a StyleGAN3 may hold."""


class StyleGAN3(Generator):
    """StyleGAN3-T and -R. Raises BadRequest for a wrong file."""

    Settings = StyleGAN3Settings

    def __init__(self, settings: StyleGAN3Settings, path: Path) -> None:
        self._threads = settings.threads or max(1, (os.cpu_count() or 2) - 1)
        self.use_threads(None)
        self._device = chosen(settings.device)
        model = weights.load(path)
        self._plain = Plain(model, bend=settings.bend)
        self._average = self._plain.tensors["mapping.w_avg"]
        config = self._plain.layout.config
        size = (config.img_resolution, config.img_resolution)
        with opening(self._device):
            self._landing = Landing(size, self._device)
            self._fast = self._opened(model, settings)
        self._look: Look | None = None
        self._placed: np.ndarray | None = None
        self._styles: list[Weights] = []
        self._shown: Picture | None = None
        self.info = Info(
            name=model.name,
            z_dim=config.z_dim,
            w_dim=config.w_dim,
            num_ws=self._plain.layout.num_ws,
            channels=config.img_channels,
            size=size,
            classes=config.c_dim,
            w_avg=model.tensors["mapping.w_avg"],
            w_std=self._spread(config.z_dim),
            sha256=model.sha256,
            device=str(self._device),
            precision=str(self._fast.type).removeprefix("torch."),
            controls=(*_CONTROLS, *self._plain.bends.names),
        )

    def use_threads(self, count: int | None) -> None:
        """As the contract says."""
        torch.set_num_threads(count or self._threads)

    @torch.inference_mode()
    def w(self, z: np.ndarray, label: np.ndarray | None = None) -> np.ndarray:
        """As the contract says; without a label every class weighs nothing."""
        given = None if label is None else torch.from_numpy(np.ascontiguousarray(label, np.float32))
        w = self._plain.w(torch.from_numpy(np.ascontiguousarray(z, np.float32)), given)
        return w[:, None].expand(-1, self._plain.layout.num_ws, -1).numpy()

    @torch.inference_mode()
    def images(self, looks: list[Look]) -> np.ndarray:
        """As the contract says."""
        drawn = [(self._ws(look), torch.from_numpy(self._place(look)), self._amounts(look)) for look in looks]
        return torch.cat([self._plain.picture(*one) for one in drawn]).numpy()

    @torch.inference_mode()
    def start(self, look: Look) -> Picture:
        """Draw at once, or start it on a GPU; a look equal to the one before gives the same picture again."""
        same_w, place = _same_w(look, self._look), self._place(look)
        same_place = self._placed is not None and np.array_equal(place, self._placed)
        same_bends = self._look is not None and self._amounts(look) == self._amounts(self._look)
        if not (same_w and same_place and same_bends):
            ws = self._ws(look).to(self._device)
            self._styles = self._styles if same_w else self._fast.styles(ws)
            waves = self._fast.waves(ws[0], torch.from_numpy(place).to(self._device))
            image = self._fast.draw(self._styles, waves, self._amounts(look))
            self._shown = self._landing.land(levels(image))
        self._look, self._placed = look, place
        return self._shown

    @torch.inference_mode()
    def _opened(self, model: Model, settings: StyleGAN3Settings) -> FastCpu:
        """What draws: on a GPU in float32, on weights of its own there; its first picture must be the plain path's."""
        if self._device == CPU:
            return FastCpu(self._plain)
        fast = FastCpu(Plain(model, str(self._device), settings.bend), torch.float32)
        ws = self._average.expand(self._plain.layout.num_ws, -1)
        place = self._plain.tensors[f"{INPUT}.transform"]
        there = ws.to(self._device)
        image = fast.draw(fast.styles(there), fast.waves(there[0], place.to(self._device)))
        compared(self._landing.land(levels(image)), self._plain.picture(ws, place)[0])
        return fast

    def _ws(self, look: Look) -> Tensor:
        return truncated(self._average, torch.from_numpy(np.array(look.w, np.float32)), look.psi, look.cutoff)

    def _amounts(self, look: Look) -> Amounts:
        return self._plain.bends.amounts(look.numbers)

    def _place(self, look: Look) -> np.ndarray:
        """From places on the picture to those of the input's features, float32 [3, 3]: the inverse of what is wanted.

        A transform that cannot be undone, because it is flat or not finite, is left out.
        """
        place = self._plain.tensors[f"{INPUT}.transform"].numpy()
        if look.transform is not None and _can_be_undone(look.transform):
            place = _inverse(look.transform)
        x, y, turn, zoom = (look.numbers.get(name, rest) for name, rest in zip(_CONTROLS, (0, 0, 0, 1), strict=True))
        if (x, y, turn, zoom) != (0, 0, 0, 1):
            place = place @ _inverse(transform((x, y), turn, max(zoom, _LEAST)))
        return place

    def _spread(self, z_dim: int) -> np.ndarray:
        z = np.stack([seeded_z(seed, z_dim) for seed in range(_SAMPLES)])
        return self.w(z)[:, 0].std(axis=0)


def _inverse(matrix: np.ndarray) -> np.ndarray:
    return np.linalg.inv(matrix.astype(np.float64)).astype(np.float32)


def _can_be_undone(matrix: np.ndarray) -> bool:
    return bool(np.isfinite(matrix).all() and abs(np.linalg.det(matrix)) > _LEAST**2)


def _same_w(look: Look, before: Look | None) -> bool:
    if before is None or (look.psi, look.cutoff) != (before.psi, before.cutoff):
        return False
    return np.array_equal(look.w, before.w)
