"""StyleGAN2 as a generator: models in livegan's format, the plain path for sheets, the fast path for the stage.

One thread starts pictures; weights are read once and nothing is read or learnt while playing.
"""

import os
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from livegan.errors import BadRequest
from livegan.generators import weights
from livegan.generators.base import Generator, Info, Picture
from livegan.generators.bending import Amounts
from livegan.generators.device import CPU, chosen, compared, opening
from livegan.generators.stylegan import StyleGANSettings
from livegan.generators.stylegan2_cpu import FastCpu
from livegan.generators.stylegan2_gpu import FastGpu
from livegan.generators.stylegan2_plain import Plain
from livegan.latent.look import Look, seeded_z

_SAMPLES = 512


class StyleGAN2Settings(StyleGANSettings):
    """What the `[generator]` table of a StyleGAN2 may hold."""


class StyleGAN2(Generator):
    """StyleGAN2, StyleGAN2-ADA and what was converted to their layout. Raises BadRequest for a wrong file."""

    Settings = StyleGAN2Settings

    def __init__(self, settings: StyleGAN2Settings, path: Path) -> None:
        self._threads = settings.threads or max(1, (os.cpu_count() or 2) - 1)
        self.use_threads(None)
        device = chosen(settings.device)
        model = weights.load(path)
        self._plain = Plain(model, bend=settings.bend)
        with opening(device):
            self._fast = FastCpu(self._plain) if device == CPU else self._on(device)
        config = self._plain.layout.config
        self._look: Look | None = None
        self._shown: Picture | None = None
        self.info = Info(
            name=model.name,
            z_dim=config.z_dim,
            w_dim=config.w_dim,
            num_ws=self._plain.layout.num_ws,
            channels=config.img_channels,
            size=self._plain.layout.size,
            classes=config.c_dim,
            w_avg=model.tensors["mapping.w_avg"],
            w_std=self._spread(config.z_dim, model.name),
            sha256=model.sha256,
            device=str(device),
            precision=str(self._fast.type).removeprefix("torch."),
            controls=self._plain.bends.names,
        )

    def use_threads(self, count: int | None) -> None:
        """As the contract says."""
        torch.set_num_threads(count or self._threads)

    @torch.inference_mode()
    def w(self, z: np.ndarray, label: np.ndarray | None = None) -> np.ndarray:
        """As the contract says; without a label every class weighs nothing."""
        given = None if label is None else torch.from_numpy(np.asarray(label, np.float32))
        w = self._plain.w(torch.from_numpy(np.ascontiguousarray(z, np.float32)), given)
        return w[:, None].expand(-1, self._plain.layout.num_ws, -1).numpy()

    @torch.inference_mode()
    def images(self, looks: list[Look]) -> np.ndarray:
        """As the contract says."""
        drawn = [(self._truncated(look), self._noise(look), self._amounts(look)) for look in looks]
        return torch.cat([self._plain.picture(*one) for one in drawn]).numpy()

    @torch.inference_mode()
    def start(self, look: Look) -> Picture:
        """Draw at once, or start it on a GPU; a look equal to the one before gives the same picture again."""
        before, self._look = self._look, None
        same_noise = before is not None and _noise_key(look) == _noise_key(before)
        if not same_noise:
            self._fast.hear(self._noise(look))
        same = same_noise and _same_w(look, before) and self._amounts(look) == self._amounts(before)
        if self._shown is None or not same:
            self._shown = self._fast.draw(self._truncated(look), self._amounts(look))
        self._look = look
        return self._shown

    @torch.inference_mode()
    def _on(self, device: torch.device) -> FastGpu:
        """What draws on a GPU; its first picture must be the plain path's."""
        fast, noise = FastGpu(self._plain, device), self._plain.noise("const", 0, 1.0)
        ws = self._plain.tensors["mapping.w_avg"].expand(self._plain.layout.num_ws, -1)
        fast.hear(noise)
        compared(fast.draw(ws), self._plain.picture(ws, noise)[0])
        return fast

    def _truncated(self, look: Look) -> Tensor:
        return self._plain.truncated(torch.tensor(look.w, dtype=torch.float32), look.psi, look.cutoff)

    def _amounts(self, look: Look) -> Amounts:
        return self._plain.bends.amounts(look.numbers)

    def _noise(self, look: Look) -> dict[str, Tensor]:
        return self._plain.noise(look.noise, look.noise_seed, look.noise_strength)

    def _spread(self, z_dim: int, name: str) -> np.ndarray:
        with np.errstate(all="ignore"):
            found = self.w(np.stack([seeded_z(seed, z_dim) for seed in range(_SAMPLES)]))[:, 0].std(axis=0)
        if not np.isfinite(found).all():
            raise BadRequest(f"the model {name} makes numbers that are not finite: copy or import it again")
        return found


def _noise_key(look: Look) -> tuple:
    return look.noise, look.noise_strength, look.noise_seed if look.noise == "random" else 0


def _same_w(look: Look, before: Look) -> bool:
    return (look.psi, look.cutoff) == (before.psi, before.cutoff) and np.array_equal(look.w, before.w)
