"""What each example asks for, as numbers: those recorded with it, weights over the looks, or their z, w or place in w.

Nothing here fits; which kind of model suits the numbers is all that is said about it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from scipy.special import ndtr

from livegan.errors import BadRequest
from livegan.latent.directions import Directions, pca_count
from livegan.latent.look import seeded_z
from livegan.mapping.mapping import MappingSettings
from livegan.mapping.taught import Taught, TaughtLook, padded

# From so many looks on, their middles are no longer what a performer asks for, and w is fitted itself.
MANY_LOOKS = 10

Kind = Literal["rbf", "ridge", "each"]
WOf = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Task:
    """What is to be fitted: examples to targets float32 [N, O], which for "anchors" are weights over `looks`.

    looks: those that any example asks for; none for numbers. never: names of outputs that no example asks for, and
    whose targets are 0.
    """

    kind: Kind
    outputs: str | tuple[str, ...]
    taught: Taught
    looks: tuple[TaughtLook, ...]
    targets: np.ndarray
    never: tuple[str, ...] = ()


@dataclass(frozen=True)
class Latent:
    """Where the z and w of a look come from, and the model's principal directions, for outputs along these.

    looks_w: w [num_ws, w_dim] by the name of the look, where it is known.
    """

    w_of: WOf | None
    z_dim: int | None
    looks_w: Mapping[str, np.ndarray] = field(default_factory=dict)
    directions: Directions | None = None

    def z(self, look: TaughtLook) -> np.ndarray:
        """float32 [z_dim]; raises BadRequest when it is not known."""
        if look.z is not None:
            return look.z
        if look.seed is None or self.z_dim is None:
            raise BadRequest(f'the z of the look "{look.name}" is not known: fit it with its model, or to "anchors"')
        return seeded_z(look.seed, self.z_dim)

    def w(self, look: TaughtLook) -> np.ndarray:
        """float32 [num_ws, w_dim]; raises BadRequest when it is not known."""
        w = self.looks_w.get(look.name, look.w)
        if w is not None:
            return w
        if self.w_of is None:
            raise BadRequest(f'the w of the look "{look.name}" comes from its model: name the model to fit "w"')
        return np.asarray(self.w_of(self.z(look)[None]), np.float32)[0]

    def along(self, look: TaughtLook, count: int) -> np.ndarray:
        """Its place along the first principal directions, float32 [count]; raises BadRequest when that is not known."""
        known = 0 if self.directions is None else len(self.directions.steps)
        if known < count:
            told = f"the model has {known}" if known else "name the model to fit them"
            raise BadRequest(f"{count} principal directions are wanted: {told}")
        return self.directions.first(count).along(self.w(look))


def task_of(name: str, taught: Taught, settings: MappingSettings, latent: Latent) -> Task:
    """The task of fitting `taught` as the settings ask. Raises BadRequest when it cannot be."""
    outputs = settings.outputs
    if settings.table:
        return Task("each", tuple(settings.table), taught, (), _numbers(name, taught, tuple(settings.table)))
    if outputs is None and not taught.looks:
        raise BadRequest(f"the mapping {name} was taught numbers: name them in mapping.toml as outputs")
    if isinstance(outputs, list) or (outputs != "anchors" and not taught.looks):
        named = tuple(outputs) if isinstance(outputs, list) else outputs
        _refuse_model(name, settings, "ridge", named)
        targets = _numbers(name, taught, named)
        never = np.isnan(targets).all(axis=0)
        _refuse_never(name, named, never)
        told = tuple(one for one, left in zip(named, never, strict=True) if left) if never.any() else ()
        return Task("ridge", named, taught, (), np.where(never, np.float32(0), targets), told)
    weights = _weights(name, taught)
    used = np.flatnonzero(weights.any(axis=0))
    looks, weights = tuple(taught.looks[index] for index in used), weights[:, used]
    outputs = outputs or ("anchors" if len(looks) < MANY_LOOKS else "w")
    _refuse_model(name, settings, "rbf" if outputs == "anchors" else "ridge", outputs)
    if outputs == "anchors":
        return Task("rbf", outputs, taught, looks, weights)
    return Task("ridge", outputs, taught, looks, _mixed(weights, looks, outputs, settings.shape, latent))


def _refuse_model(name: str, settings: MappingSettings, right: Kind, outputs: str | tuple[str, ...]) -> None:
    if settings.model not in (None, right):
        asked = outputs if isinstance(outputs, str) else "numbers"
        raise BadRequest(f'{name}/mapping.toml: {asked} are fitted by "{right}", not by "{settings.model}"')


def _weights(name: str, taught: Taught) -> np.ndarray:
    """How much of each look each example asks for, float32 [N, K], of sum 1. Raises BadRequest."""
    weights = np.zeros((len(taught.rows), len(taught.looks)), np.float32)
    for row, look, wanted in zip(weights, taught.look, taught.outputs, strict=True):
        if look >= 0:
            row[look] = 1
        else:
            shares = _shares(name, wanted, len(row))
            row[: len(shares)] = shares
    return weights


def _shares(name: str, wanted: np.ndarray | None, looks: int) -> np.ndarray:
    """The weights of an example without a look; they may be fewer than there are looks now."""
    if wanted is None:
        raise BadRequest(f"{name} has an example with neither a look nor weights over the looks: leave its round out")
    if len(wanted) > looks:
        raise BadRequest(f"{name} has an example of {len(wanted)} weights for {looks} looks: leave its round out")
    # Not "min < 0": a NaN is no weight either.
    if not (wanted >= 0).all() or not wanted.any():
        raise BadRequest(f"{name} has an example whose weights are not all 0 or more, or all 0: leave its round out")
    return wanted / wanted.sum()


def _numbers(name: str, taught: Taught, outputs: str | tuple[str, ...]) -> np.ndarray:
    """The numbers recorded with each example, float32 [N, O]; NaN where it does not ask. Raises BadRequest.

    An example from before a name was added does not ask for it.
    """
    told = outputs if isinstance(outputs, str) else ", ".join(outputs[:4])
    if any(row is None for row in taught.outputs):
        raise BadRequest(f"{name} has an example with no numbers for {told}: leave its round out")
    size = (pca_count(outputs) or len(taught.outputs[0])) if isinstance(outputs, str) else len(outputs)
    rows = taught.outputs if isinstance(outputs, str) else [padded(row, size) for row in taught.outputs]
    if other := {len(row) for row in rows} - {size}:
        raise BadRequest(f"{name} has an example of {min(other)} numbers for {size} outputs")
    return np.array(rows, np.float32)


def _refuse_never(name: str, outputs: str | tuple[str, ...], never: np.ndarray) -> None:
    # A named output waits to be taught; without one of its numbers a latent is none.
    if never.all() or (isinstance(outputs, str) and never.any()):
        raise BadRequest(f"no example of {name} has a number for output {int(never.argmax()) + 1} of {len(never)}")


def _mixed(weights: np.ndarray, looks: tuple[TaughtLook, ...], outputs: str, shape: str, latent: Latent) -> np.ndarray:
    """The z [N, z_dim], w [N, w_dim or num_ws * w_dim] or places along directions that weights [N, K] of looks make.

    Raises BadRequest.
    """
    if (count := pca_count(outputs)) is not None:
        return weights @ np.stack([latent.along(look, count) for look in looks])
    drawn = [(latent.z if outputs == "z" else latent.w)(look) for look in looks]
    if other := [numbers for numbers in drawn if numbers.shape != drawn[0].shape]:
        raise BadRequest(
            f"the looks come from two kinds of model ({drawn[0].shape}, {other[0].shape}): fit them with one"
        )
    if outputs == "z":
        z = weights @ np.stack(drawn)
        return ndtr(z).astype(np.float32) if shape == "uniform" else z
    # Straight from the mapping network every layer has the same w: one is enough, and 18 times quicker.
    same = all((w == w[0]).all() for w in drawn)
    return weights @ np.stack([w[0] if same else w.reshape(-1) for w in drawn])
