"""What is trained, and how: everything that rules a step, frozen when a training starts.

Holds numbers only: nothing is drawn, built or read here. Published values: Karras et al. 2020 (arXiv 1912.04958) for
the losses, Karras et al. 2020b (arXiv 2006.06676) for the augmentation.
"""

from math import log2
from typing import Literal

from pydantic import Field, model_validator

from livegan.errors import BadRequest
from livegan.generators.stylegan import MappingConfig
from livegan.generators.stylegan2_plain import Config as ModelConfig
from livegan.generators.stylegan2_plain import Layout
from livegan.generators.weights import Model
from livegan.settings import Settings

GROUP = 4
"""Pictures, one after another in a batch, whose spread the discriminator is shown (minibatch standard deviation)."""

_ALIKE = ("z_dim", "w_dim", "architecture", "resample_filter", "conv_clamp", "use_noise")
"""What a Config and the config of a model's file call the same."""
_WIDTHS = ("channel_base", "channel_max")
"""So too, but 0 in a file that does not say by which rule its widths were made."""


class Config(Settings):
    """A generator, the discriminator that fits it, and how both are trained.

    size: px, a power of 2. widths: channels from 4 px up; empty: min(channel_base // px, channel_max). mapping_width
    and embed_width: 0 is w_dim. classes: 0 for pictures without labels. batch: of all processes together.
    conv_clamp: features are held within it; 256 for float16 where nothing is said.
    r1_gamma: None is 0.0005 * size^2 / batch. pl_weight, ada_target, start_size, freeze_d: 0 is off.
    *_kimg: thousands of real pictures seen; ema_kimg is a half-life, grow_kimg how long each size before the last is
    trained, fade_kimg how long a new size is faded in, warm_kimg how long lr takes to its height, from the start and
    from each new size, ada_kimg how long p takes from 0 to 1 at the fastest.
    """

    size: int = Field(64, ge=8, le=1024)
    channel_base: int = Field(4096, ge=1, lt=1 << 24)
    channel_max: int = Field(128, ge=1, lt=1 << 24)
    widths: tuple[int, ...] = ()
    z_dim: int = Field(512, ge=1, le=4096)
    w_dim: int = Field(512, ge=1, le=4096)
    classes: int = Field(0, ge=0, le=100_000)
    mapping_layers: int = Field(4, ge=1, le=64)
    mapping_rate: float = Field(0.01, gt=0, le=100)
    mapping_width: int = Field(0, ge=0)
    embed_width: int = Field(0, ge=0)
    architecture: Literal["skip", "resnet", "orig"] = "skip"
    resample_filter: tuple[float, ...] = Field((1, 3, 3, 1), min_length=1, max_length=32)
    conv_clamp: float | None = Field(None, gt=0)
    use_noise: bool = True

    batch: int = Field(16, ge=GROUP, multiple_of=GROUP)
    lr: float = Field(0.0025, gt=0, le=1)
    warm_kimg: float = Field(2, ge=0)
    r1_gamma: float | None = Field(None, ge=0)
    r1_every: int = Field(16, ge=1)
    pl_weight: float = Field(0, ge=0)
    pl_every: int = Field(4, ge=1)
    mixing: float = Field(0.9, ge=0, le=1)
    ema_kimg: float = Field(10, gt=0)
    ada_target: float = Field(0.6, ge=0, lt=1)
    ada_kimg: float = Field(500, gt=0)
    ada_every: int = Field(4, ge=1)
    precision: Literal["float32", "bfloat16", "float16"] = "float32"
    freeze_d: int = Field(0, ge=0)
    start_size: int = Field(0, ge=0)
    grow_kimg: float = Field(100, gt=0)
    fade_kimg: float = Field(20, gt=0)

    @model_validator(mode="before")
    @classmethod
    def _within_float16(cls, found: object) -> object:
        if isinstance(found, dict) and found.get("precision") == "float16" and found.get("conv_clamp") is None:
            return found | {"conv_clamp": 256}
        return found

    @model_validator(mode="after")
    def _fits(self) -> "Config":
        start = self.start_size or self.size
        for size in (self.size, start):
            if 2 ** round(log2(size)) != size:
                raise ValueError(f"a size is a power of 2, such as 64 or 256, found {size}")
        if not 8 <= start <= self.size:
            raise ValueError(f"a training starts between 8 px and its size of {self.size}, found {start}")
        if self.start_size and self.architecture != "skip":
            raise ValueError(f'only the architecture "skip" can grow, found "{self.architecture}"')
        if self.widths and len(self.widths) != round(log2(self.size)) - 1:
            raise ValueError(f"widths has a number for each of 4, 8 ... {self.size} px, found {len(self.widths)}")
        return self

    def channels(self, px: int) -> int:
        """How many channels the features of `px` pixels have."""
        by_rule = max(1, min(self.channel_base // px, self.channel_max))
        return self.widths[round(log2(px)) - 2] if self.widths else by_rule

    def size_at(self, pictures: int) -> int:
        """The size that is trained after so many real pictures, where it is grown from start_size."""
        doublings = int(pictures / (1000 * self.grow_kimg)) if self.start_size else 64
        return min(self.size, (self.start_size or self.size) << min(doublings, 16))

    def gamma(self, size: int) -> float:
        """The weight of R1 at a size."""
        return 0.0005 * size * size / self.batch if self.r1_gamma is None else self.r1_gamma

    def of_model(self, size: int) -> dict:
        """The config in the file of a model of `size` px, as ModelConfig reads it."""
        mapping = MappingConfig(
            num_layers=self.mapping_layers,
            lr_multiplier=self.mapping_rate,
            embed_features=self.embed_width or None,
            layer_features=self.mapping_width or None,
        )
        found = {name: getattr(self, name) for name in (*_ALIKE, *_WIDTHS)} | {"c_dim": self.classes}
        return ModelConfig(img_resolution=size, mapping=mapping, **found).model_dump(mode="json", exclude_none=True)

    def like(self, model: Model) -> "Config":
        """These settings with the shape of `model`, to train on from it, at its full size from the start.

        Where noise is off here, it is left out.

        Raises BadRequest where its size, classes or colours are others than those asked for, or it is too large.
        """
        layout = Layout(model)
        found = layout.config
        if layout.size[0] != layout.size[1]:
            told = f"{layout.size[1]} x {layout.size[0]} pixels"
            raise BadRequest(f"the model {model.name} draws {told} and only square ones are trained: choose another")
        for what, its, mine in [
            ("pixels", found.img_resolution, self.size),
            ("classes", found.c_dim, self.classes),
            ("colour channels", found.img_channels, 3),
        ]:
            if its != mine:
                raise BadRequest(f"the model {model.name} has {its} {what} and {mine} are to be trained: match them")
        mapping = {
            "mapping_layers": found.mapping.num_layers,
            "mapping_rate": found.mapping.lr_multiplier,
            "mapping_width": found.mapping.layer_features or 0,
            "embed_width": found.mapping.embed_features or 0,
        }
        widths = tuple(len(model.tensors[f"synthesis.b{px}.conv1.bias"]) for px in layout.blocks)
        shape = mapping | {"widths": widths, "start_size": 0} | {name: getattr(found, name) for name in _ALIKE}
        shape |= {name: value for name in _WIDTHS if (value := getattr(found, name)) > 0}
        shape["use_noise"] = self.use_noise and found.use_noise
        return settings(self.model_dump() | shape, f"the model {model.name} cannot be trained on")


def settings(found: dict, trouble: str = "these settings do not fit") -> Config:
    """A Config of these numbers. Raises BadRequest in one sentence, which begins with `trouble`."""
    try:
        return Config.model_validate(found)
    except ValueError as error:
        first = error.errors()[0]
        where, said = ".".join(map(str, first["loc"])), first["msg"].removeprefix("Value error, ")
        raise BadRequest(f"{trouble}: {where + ': ' if where else ''}{said}") from None
