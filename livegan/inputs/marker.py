"""Props before a camera that anyone can print or paint: ArUco tags and coloured things, each by its own name.

senses/tags.py and senses/blobs.py find them. Runs in its own process.
"""

from collections.abc import Sequence
from typing import Annotated

import cv2
import numpy as np
from pydantic import AfterValidator, Field, model_validator

from livegan.frame import Feature, Frame, groups
from livegan.inputs.base import Detector, DetectorSettings
from livegan.senses.blobs import Blobs, colour, searched
from livegan.senses.hold import Hold
from livegan.senses.tags import Tags, dictionary_size, placed
from livegan.settings import Seconds

ANY = "any.prop"
"""The first group: whatever prop is there, the input has something to say."""


def _dictionary(value: str) -> str:
    if not dictionary_size(value):
        raise ValueError(f'a dictionary is one of OpenCV\'s, such as "DICT_4X4_50", found "{value}"')
    return value


_Hue = Annotated[float, Field(ge=0, le=360)]
_Name = Annotated[str, Field(pattern="^[a-z][a-z0-9_]*$")]


class MarkerSettings(DetectorSettings):
    """Which props are looked for.

    tags: numbers of printed tags of `dictionary`. colours: name of a prop to its colour: a name such as "red",
    "#d02020", or two hues in degrees. tolerance: degrees to either side of a "#d02020". saturation, brightness: what
    counts as coloured, 0..1. area: the share of the picture that a coloured prop covers at least. hold: how long
    what is missed for a moment stays.
    """

    tags: tuple[Annotated[int, Field(ge=0)], ...] = ()
    dictionary: Annotated[str, AfterValidator(_dictionary)] = "DICT_4X4_50"
    colours: dict[_Name, str | tuple[_Hue, _Hue]] = Field(default_factory=dict)
    tolerance: float = Field(15.0, gt=0, lt=180)
    saturation: float = Field(0.4, ge=0.1, le=1)
    brightness: float = Field(0.2, ge=0.02, le=1)
    area: float = Field(0.002, ge=0.0002, le=0.5)
    hold: Seconds = Field(0.15, ge=0, le=5)

    @model_validator(mode="after")
    def _something_that_can_be_found(self) -> "MarkerSettings":
        if not self.tags and not self.colours:
            raise ValueError("say what is looked for: tags = [0, 1], or a table of colours")
        known = dictionary_size(self.dictionary)
        if beyond := [number for number in self.tags if number >= known]:
            raise ValueError(f"{self.dictionary} has tags 0 to {known - 1}, found {beyond[0]}")
        if len(set(self.tags)) < len(self.tags):
            raise ValueError("tags names one tag twice; name each once")
        for asked in self.colours.values():
            colour(asked, self.tolerance, self.saturation)
        return self


class Marker(Detector):
    """The tags and coloured props in the newest picture, a group of features each."""

    Settings = MarkerSettings

    @staticmethod
    def features(settings: MarkerSettings) -> list[Feature]:
        return [Feature("count", "step", ANY), *_of_props(settings)]

    def begin(self, settings: MarkerSettings) -> None:
        self._tags = Tags(settings.dictionary, settings.tags) if settings.tags else None
        self._blobs = {name: _blobs(asked, settings) for name, asked in settings.colours.items()}
        props = _of_props(settings)
        self._hold = Hold(props, settings.hold)
        self._whole = np.array([not group.endswith(".axis") for group in groups(props)])
        self._number = 0

    def look(self, picture: Frame) -> Frame:
        found = self._found_tags(picture.data) | self._found_blobs(picture.data)
        values, present = self._hold.follow(found, picture.seen)
        there = int(present[self._whole].sum())
        self._number = there or self._number
        values, present = np.append(np.float32(self._number), values), np.append(there > 0, present)
        return Frame(values, picture.seen, present, cut=picture.cut)

    def forget(self) -> None:
        self._hold.forget()
        for blobs in self._blobs.values():
            blobs.forget()

    def _found_tags(self, picture: np.ndarray) -> dict[str, Sequence[float]]:
        if self._tags is None:
            return {}
        height, width = picture.shape[:2]
        found = self._tags.find(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY))
        return {f"tag.{number}": placed(corners, width, height) for number, corners in found.items()}

    def _found_blobs(self, picture: np.ndarray) -> dict[str, Sequence[float]]:
        if not self._blobs:
            return {}
        small, found = searched(picture), {}
        for name, blobs in self._blobs.items():
            blob = blobs.find(small)
            if blob is not None:
                found[name] = blob.x, blob.y, blob.size
                if blob.axis is not None:
                    found[f"{name}.axis"] = (blob.axis,)
        return found


def _of_props(settings: MarkerSettings) -> list[Feature]:
    found = []
    for tag in (f"tag.{number}" for number in settings.tags):
        turned = Feature(f"{tag}.angle", "angle", tag, unit=0.5), Feature(f"{tag}.tilt", group=tag, unit=0.3)
        found += [*_placed(tag), *turned]
    for name in settings.colours:
        found += [*_placed(name), Feature(f"{name}.axis", "angle", f"{name}.axis")]
    return found


def _placed(prop: str) -> list[Feature]:
    return [Feature(f"{prop}.{part}", group=prop, unit=0.1) for part in ("x", "y", "size")]


def _blobs(asked: str | tuple[float, float], settings: MarkerSettings) -> Blobs:
    hues = colour(asked, settings.tolerance, settings.saturation)
    return Blobs(hues, settings.area, settings.saturation, settings.brightness)
