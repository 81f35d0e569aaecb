"""What one named output of a mapping is: a number, a class or a gesture, within which limits, by which kind of model.

Only says so; nothing here fits or plays.
"""

from typing import Annotated, Literal, Self

import numpy as np
from pydantic import Field, field_validator, model_validator

from livegan.settings import Seconds, Settings

Type = Literal["number", "class", "gesture"]
# What an OSC address may hold that is no pattern.
_Message = Annotated[str, Field(pattern=r"^/[^\x00-\x20\x7f-\x{10ffff}#*,?\[\]{}]{1,200}$")]
_USUAL = {"number": "rbf", "class": "knn", "gesture": "dtw"}


class OutputSettings(Settings):
    """An [output.NAME] table of mapping.toml.

    model: the kind that is fitted, a file in mapping/kinds, with its params; left out, the usual one. features: those
    of the mapping's that this output is told of; left out, all. min, max: its range, which "hard" limits hold it in;
    "soft" ones cut nothing, as none do: that is Wekinator's word, kept for its projects. integer: how it becomes a
    whole number. classes: how many there are of a class or a gesture, counted from 1 (0 is "none"). probabilities: also
    give those of none and of each class. messages: the OSC address that a server tells each gesture by, instead of
    /NAME_1 and so on. smooth: in a show, seconds that it may be late when it hardly moves. record, train, run: whether
    it takes part.
    """

    type: Type = "number"
    model: str | None = Field(None, pattern="^[a-z_]+$")
    params: dict[str, bool | int | float | str] = Field({})
    features: list[str] | None = Field(None, min_length=1)
    min: float = 0.0
    max: float = 1.0
    limits: Literal["none", "soft", "hard"] = "none"
    integer: Literal["no", "round", "truncate"] = "no"
    classes: int = Field(0, ge=0, le=1000)
    probabilities: bool = False
    messages: list[_Message] | None = None
    smooth: Seconds = Field(0.0, ge=0, le=10)
    record: bool = True
    train: bool = True
    run: bool = True

    @field_validator("features")
    @classmethod
    def _different(cls, names: list[str] | None) -> list[str] | None:
        if twice := next((name for name in names or () if (names or []).count(name) > 1), None):
            raise ValueError(f'"{twice}" is there twice')
        return names

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        if self.min > self.max:
            raise ValueError(f"its min, {self.min}, is above its max, {self.max}")
        if self.type == "number" and self.classes:
            raise ValueError('classes are for the types "class" and "gesture"')
        if self.type != "number" and not self.classes:
            raise ValueError(f"say how many there are of this {self.type}: classes = 3")
        if self.messages is not None and (self.type != "gesture" or len(self.messages) != self.classes):
            raise ValueError("messages are for gestures, one for each of its classes")
        if self.smooth and not self.flows:
            raise ValueError("smooth is for numbers that need not be whole")
        return self

    @property
    def kind(self) -> str:
        """The kind of model that is fitted."""
        return self.model or _USUAL[self.type]

    @property
    def flows(self) -> bool:
        """Whether what lies between two of its values means something, so that it can be smoothed."""
        return self.type == "number" and self.integer == "no"

    def message(self, gesture: int, usual: str) -> str:
        """The address that a gesture, counted from 1, is told by; `usual` when it has none of its own."""
        return self.messages[gesture - 1] if self.messages else usual

    @property
    def default(self) -> float:
        """What it gives before it was ever trained: its min, or class 1."""
        return self.min if self.type == "number" else 1.0

    def allows(self, value: float) -> bool:
        """Whether an example may ask this output for `value`; NaN, not recorded, it always may."""
        if np.isnan(value):
            return True
        if self.type != "number":
            return value in range(self.classes + 1)
        return bool(np.isfinite(value)) and (self.limits != "hard" or self.min <= value <= self.max)
