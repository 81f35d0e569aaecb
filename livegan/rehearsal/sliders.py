"""Numbers set by hand: what a mapping of named outputs is to give for a pose, before it is taught, and while it is.

They are shown at once, and let go when the mapping plays again. Nothing here waits.
"""

from collections.abc import Mapping

import numpy as np

from livegan.errors import BadRequest
from livegan.latent.space import Numbers
from livegan.mapping.outputs import OutputSettings
from livegan.show.wiring import ByHand, Wire


class Sliders:
    """Values of the outputs of one mapping, which stand in its wire while they are held. recorded: by name."""

    def __init__(self, outputs: Mapping[str, OutputSettings], wire: Wire) -> None:
        self._outputs, self._wire = outputs, wire
        self._values = {name: one.default for name, one in outputs.items()}
        self.recorded = {name: one.record for name, one in outputs.items()}

    @property
    def names(self) -> list[str]:
        """Of the outputs, in their order."""
        return [*self._outputs]

    @property
    def holds(self) -> bool:
        """Whether the numbers are set by hand now."""
        return self._wire.by_hand is not None

    @property
    def wanted(self) -> np.ndarray:
        """What a pose is to mean, float32 [O]; NaN for what is not recorded."""
        return np.array([self._values[name] if self.recorded[name] else np.nan for name in self.names], np.float32)

    def set(self, name: str, value: float) -> str:
        """Give an output a value, the others what they have now; tells all of them. Raises BadRequest."""
        self._refuse_unknown(name)
        if not self._outputs[name].allows(value):
            raise BadRequest(f'"{name}" cannot be {value:g}: beyond its limits, or no such class')
        if not self.holds:
            self.take()
        self._values[name] = value
        self._hold()
        return self.told()

    def take(self) -> None:
        """Hold what the mapping gives now, as far as it gives anything."""
        played = self._wire.played
        if played is not None:
            self._values.update(zip(self.names, played.outputs.tolist(), strict=True))
        self._hold()

    def record(self, name: str, yes: bool) -> str:
        """Whether examples say anything about an output; tells all of them. Raises BadRequest."""
        self._refuse_unknown(name)
        if not yes and sum(self.recorded.values()) == self.recorded[name]:
            raise BadRequest(f'"{name}" is the last output that is recorded: record another first')
        self.recorded[name] = yes
        return self.told()

    def let_go(self) -> None:
        """The mapping plays."""
        self._wire.by_hand = None

    def told(self) -> str:
        """Such as "psi 0.5, zoom 2 (not recorded)"."""
        marks = {True: "", False: " (not recorded)"}
        return ", ".join(f"{name} {self._values[name]:.3g}{marks[self.recorded[name]]}" for name in self.names)

    def _hold(self) -> None:
        self._wire.by_hand = ByHand(Numbers(self.names), np.array([*self._values.values()], np.float32))

    def _refuse_unknown(self, name: str) -> None:
        if name not in self._outputs:
            raise BadRequest(f'the mapping has no output "{name}"; it has {", ".join(self.names)}')
