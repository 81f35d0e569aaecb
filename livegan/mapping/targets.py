"""What each example asks for, as numbers: those recorded with it, or the z or w of its look."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from livegan.errors import BadRequest
from livegan.latent.look import seeded_z
from livegan.mapping.taught import Taught, TaughtLook

WOf = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Latent:
    """Where the z and w of a look come from."""

    w_of: WOf | None
    z_dim: int | None

    def z(self, look: TaughtLook) -> np.ndarray:
        """float32 [z_dim]; raises BadRequest when it is not known."""
        if look.z is not None:
            return look.z
        if look.seed is None or self.z_dim is None:
            raise BadRequest(f'the z of the look "{look.name}" is not known: fit it with its model, or to "anchors"')
        return seeded_z(look.seed, self.z_dim)

    def w(self, look: TaughtLook) -> np.ndarray:
        """float32 [num_ws, w_dim]; raises BadRequest when it is not known."""
        if look.w is not None:
            return look.w
        if self.w_of is None:
            raise BadRequest(f'the w of the look "{look.name}" comes from its model: name the model to fit "w"')
        return np.asarray(self.w_of(self.z(look)[None]), np.float32)[0]


def targets_of(name: str, shape: str, taught: Taught, outputs: str | tuple[str, ...], latent: Latent) -> np.ndarray:
    """What each example asks for, float32 [N, O]; NaN where it does not ask."""
    if isinstance(outputs, str):
        made = _look_targets(shape, taught, outputs, latent)
        rows = [made[look] if look >= 0 else wanted for look, wanted in zip(taught.look, taught.outputs, strict=True)]
    else:
        rows = list(taught.outputs)
    if any(row is None for row in rows):
        raise BadRequest(f"{name} has an example with no numbers for {_told(outputs)}: leave its round out")
    size = len(rows[0]) if isinstance(outputs, str) else len(outputs)
    if other := {len(row) for row in rows} - {size}:
        raise BadRequest(f"{name} has an example of {min(other)} numbers for {size} outputs")
    targets = np.array(rows, np.float32)
    if (never := np.isnan(targets).all(axis=0)).any():
        raise BadRequest(f"no example of {name} has a number for output {int(never.argmax()) + 1} of {size}")
    return targets


def _told(outputs: str | tuple[str, ...]) -> str:
    return outputs if isinstance(outputs, str) else ", ".join(outputs[:4])


def _look_targets(shape: str, taught: Taught, outputs: str, latent: Latent) -> dict[int, np.ndarray]:
    used = sorted(set(taught.look) - {-1})
    if outputs == "z":
        drawn = {index: latent.z(taught.looks[index]) for index in used}
        uniform = shape == "uniform"
        return {index: ndtr(z).astype(np.float32) if uniform else z for index, z in drawn.items()}
    layered = {index: latent.w(taught.looks[index]) for index in used}
    # Straight from the mapping network every layer has the same w: one is enough, and 18 times quicker.
    same = all((w == w[0]).all() for w in layered.values())
    return {index: w[0] if same else w.reshape(-1) for index, w in layered.items()}
