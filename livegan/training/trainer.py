"""One step of a training, and all that it needs to go on.

Touches no file and no clock. All that is random is drawn for the whole batch from generators seeded by (seed, step,
what), and each process takes its slice: a training that goes on is one that never stopped, and several processes do
what one does.
"""

from math import isfinite

import torch
import torch.nn.functional as F
from torch import Tensor

from livegan.errors import BadRequest, Failure
from livegan.generators.weights import Model
from livegan.training.config import GROUP, Config
from livegan.training.dice import Dice, seed_of
from livegan.training.networks import Networks
from livegan.training.optimizer import mean_of_all
from livegan.training.phases import train_discriminator, train_generator, train_paths, train_slope

RAMP = 0.05
"""The averaged generator's half-life is at most this share of what was seen, so that it leaves the start behind."""


class Ended(Failure):
    """What the same settings will end in again. cure: the option of a new training that may not, "" for none."""

    def __init__(self, sentence: str, cure: str) -> None:
        super().__init__(sentence)
        self.cure = cure


def out_of_memory(config: Config, ranks: int, when: str = "") -> Ended:
    """Memory ran out; `when` says in which step."""
    least = GROUP * ranks
    smaller = config.batch // 2 // least * least
    return Ended(f"memory ran out{when} with --batch {config.batch}", f"--batch {smaller}" if smaller else "")


class Trainer:
    """A generator and a discriminator under training, on one device of one of `ranks` processes.

    Where `ranks` is above 1, torch.distributed must be initialised. Raises BadRequest where the batch cannot be split
    into whole groups of 4 for each process.
    """

    pictures: int
    """Real pictures seen so far, by all processes."""

    def __init__(self, config: Config, device: str, seed: int, rank: int = 0, ranks: int = 1) -> None:
        least = GROUP * ranks
        if config.batch % least:
            raise BadRequest(f"a batch of {config.batch} cannot be split over {ranks}: choose a multiple of {least}")
        self.config, self._seed, self._rank, self._ranks = config, seed, rank, ranks
        self._device = torch.device(device)
        self._start()

    @property
    def size(self) -> int:
        """Pixels of what is trained now."""
        return self._networks.size

    def begin(self, model: Model, discriminator: dict[str, Tensor] | None = None) -> None:
        """Start from a model (whose shape `Config.like` gave), and a discriminator of StyleGAN2-ADA's names.

        Raises BadRequest where a tensor is missing or of another shape.
        """
        self._networks.begin(model, discriminator)

    def step(self, number: int, reals: Tensor, labels: Tensor | None = None) -> dict[str, float]:
        """Train both networks once on this process's slice of batch `number` (from 0).

        reals: uint8 [batch / ranks, H, W, 3], of the present size or a multiple. labels: int64 [batch / ranks].
        Returns d_loss, g_loss, r1 and pl (0 in a step that does not measure them), real_sign, ada_p, pictures; the
        same in all processes. Raises Ended where a number is no longer finite, or memory is out.
        """
        try:
            return self._told(number, self._step(number, self._pixels(reals), self._label(labels)))
        except (MemoryError, RuntimeError) as error:
            if isinstance(error, MemoryError | torch.OutOfMemoryError) or "allocate memory" in str(error):
                raise out_of_memory(self.config, self._ranks, f" in step {number} at {self.size} px") from error
            raise

    def grow(self, size: int) -> None:
        """Go on at a larger size, keeping all that is learnt; nothing happens at the present one."""
        if size > self.config.size:
            raise BadRequest(f"a training of {self.config.size} px cannot grow to {size}: start one of that size")
        while self.size < size:
            self._networks.grow()
            self._grown_at = self.pictures

    def tensors(self) -> dict[str, Tensor]:
        """All that is learnt and kept, by name, copied to the CPU; with `numbers` enough to go on exactly."""
        found = self._networks.tensors() | {"pl_mean": self._pl_mean}
        return {name: tensor.detach().to("cpu", copy=True).contiguous() for name, tensor in found.items()}

    def numbers(self) -> dict[str, float]:
        """What is kept beside the tensors, for JSON: size, pictures, ada_p and others."""
        counted = {"size": self.size, "pictures": self.pictures, "grown_at": self._grown_at}
        return counted | {"ada_p": self._p, "signs": self._signs}

    def restore(self, tensors: dict[str, Tensor], numbers: dict[str, float]) -> None:
        """Go on exactly where `tensors` and `numbers` were taken. Raises BadRequest where they are of another shape."""
        self._start()
        self.grow(int(numbers["size"]))
        self._networks.restore(tensors)
        self._pl_mean.copy_(tensors["pl_mean"])
        self.pictures, self._grown_at = int(numbers["pictures"]), int(numbers["grown_at"])
        self._p, self._signs = float(numbers["ada_p"]), float(numbers["signs"])

    def ema_model(self, name: str, licence: str = "") -> Model:
        """The averaged generator as a model of the present size, float32, without a sha256."""
        return self._networks.model(name, licence)

    @torch.no_grad()
    def images(self, z: Tensor, psi: float, labels: Tensor | None = None) -> Tensor:
        """Pictures of the averaged generator, uint8 [N, H, W, 3] on the CPU, for z [N, z_dim] and labels int64 [N]."""
        drawn, label = self._networks.average, self._label(labels)
        ws = drawn.spread(drawn.truncated(drawn.mapping(z.to(self._device), label), psi))
        pictures = torch.cat([drawn.synthesis(some, None) for some in ws.split(self.config.batch)])
        return pictures.mul(127.5).add(128).clamp(0, 255).permute(0, 2, 3, 1).to("cpu", torch.uint8).contiguous()

    def _start(self) -> None:
        self._networks = Networks(self.config, self._device, self._seed, self._ranks)
        self._pl_mean = torch.zeros([], device=self._device)
        self.pictures, self._grown_at, self._p, self._signs = 0, 0, 0.0, 0.0

    def _pixels(self, reals: Tensor) -> Tensor:
        """Pictures [N, 3, size, size] in [-1, 1]."""
        wanted, px = self.config.batch // self._ranks, reals.shape[1]
        if reals.shape != (wanted, px, px, 3) or px % self.size:
            raise BadRequest(f"{wanted} pictures of {self.size} px are wanted, found {tuple(reals.shape)}")
        images = reals.to(self._device).permute(0, 3, 1, 2).float() / 127.5 - 1
        return F.avg_pool2d(images, px // self.size) if px > self.size else images

    def _label(self, labels: Tensor | None) -> Tensor | None:
        if (labels is None) == bool(self.config.classes):
            raise BadRequest(f"labels belong to a training with classes; this one has {self.config.classes}")
        return None if labels is None else F.one_hot(labels.to(self._device), self.config.classes).float()

    def _dice(self, number: int, what: str, every: int = 1) -> Dice:
        seed = seed_of(self._seed, number, what)
        return Dice(seed, self._device, self.config.batch, self._rank, self._ranks, every)

    def _step(self, number: int, reals: Tensor, label: Tensor | None) -> dict[str, Tensor]:
        """Losses and gradients' norms of this process, by name."""
        networks, config, p, found = self._networks, self.config, self._p, {}
        networks.discriminator.fade = self._faded()
        networks.pace(self._warmed())
        dice = self._dice(number, "generator")
        found["g_loss"], found["g_norm"] = train_generator(networks, p, dice, label, self._ranks)
        if config.pl_weight and number % config.pl_every == 0:
            dice, some = self._dice(number, "paths", 2), None if label is None else label[::2]
            found["pl"], found["pl_norm"] = train_paths(networks, self._pl_mean, dice, some, self._ranks)
        dice = self._dice(number, "discriminator")
        found["d_loss"], found["d_norm"], found["real_sign"] = train_discriminator(networks, p, dice, reals, label)
        if config.gamma(self.size) and number % config.r1_every == 0:
            dice = self._dice(number, "slope")
            found["r1"], found["r1_norm"] = train_slope(networks, p, dice, reals, label)
        return found

    def _told(self, number: int, found: dict[str, Tensor]) -> dict[str, float]:
        """The means over all processes, fetched at once; raises Ended where one is not finite."""
        values = mean_of_all([torch.stack([x.detach().float() for x in found.values()])], self._ranks)[0].tolist()
        means = dict(zip(found, values, strict=True))
        for name, value in means.items():
            if not isfinite(value):
                exact = self.config.precision == "float32"
                cure = f"--seed {self._seed + 1}" if exact else "--precision float32"
                raise Ended(f"the training came apart in step {number}: {name} is {value}", cure)
        self._count(number, means["real_sign"])
        told = {name: means.get(name, 0.0) for name in ("d_loss", "g_loss", "r1", "pl", "real_sign")}
        return told | {"ada_p": self._p, "pictures": self.pictures}

    def _count(self, number: int, sign: float) -> None:
        """What was seen, and what follows from it for the average and for p."""
        config = self.config
        self.pictures += config.batch
        half_life = min(1000 * config.ema_kimg, self.pictures * RAMP)
        self._networks.follow(1 - 0.5 ** (config.batch / half_life))
        self._signs += sign / config.ada_every
        if config.ada_target and (number + 1) % config.ada_every == 0:
            by = config.batch * config.ada_every / (1000 * config.ada_kimg)
            self._p = min(1.0, max(0.0, self._p + (by if self._signs > config.ada_target else -by)))
            self._signs = 0.0

    def _warmed(self) -> float:
        """Of the learning rate; Adam knows little at first, and a high rate would make much of a last bit."""
        seen, whole = self.pictures - self._grown_at + self.config.batch, 1000 * self.config.warm_kimg
        return min(1.0, seen / whole) if whole else 1.0

    def _faded(self) -> float:
        seen = (self.pictures - self._grown_at) / (1000 * self.config.fade_kimg)
        return min(1.0, seen) if self._grown_at else 1.0
