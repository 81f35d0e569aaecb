"""What is learnt: a generator, its average over time, a discriminator, and their optimizers; all that a training keeps.

Builds, grows, gives and takes back; trains nothing by itself, and draws only first weights, from a seed.
"""

from copy import deepcopy

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import get_ema_multi_avg_fn

from livegan.errors import BadRequest
from livegan.generators.weights import Model
from livegan.training.config import Config
from livegan.training.dice import seed_of
from livegan.training.discriminator import Discriminator
from livegan.training.generator import Generator
from livegan.training.optimizer import Optimizer


class Networks:
    """The networks of a training at its first size, on a device, as a seed begins them."""

    def __init__(self, config: Config, device: torch.device, seed: int, ranks: int) -> None:
        self.config, self.device, self._seed, self._ranks = config, device, seed, ranks
        self.size = config.start_size or config.size
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed_of(seed, 0, "networks"))
            self.generator = Generator(config, self.size).to(device)
            self.discriminator = Discriminator(config, self.size).to(device)
        self.average = deepcopy(self.generator).requires_grad_(False)
        self.average.synthesis.type = torch.float32
        self._optimize({})

    def grow(self) -> None:
        """Twice the size; what is learnt stays, and pictures are those of before, blown up."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed_of(self._seed, self.size, "grown"))
            self.generator.synthesis.grow()
            self.discriminator.grow()
            self.average.synthesis.grow()
        for network in self._all().values():
            network.to(self.device)
        self.size *= 2
        new, old = (n.synthesis.get_submodule(f"b{self.size}") for n in (self.average, self.generator))
        new.requires_grad_(False).load_state_dict(old.state_dict())
        self._optimize({room: optimizer.tensors() for room, optimizer in self._optimizers().items()})

    def pace(self, share: float) -> None:
        """Learn at so much of the rate from now on."""
        for optimizer in self._optimizers().values():
            optimizer.pace(share)

    def follow(self, share: float) -> None:
        """Let the average take so much of the generator as it is now, and its w_avg whole."""
        mean = get_ema_multi_avg_fn(1 - share)
        mean(list(self.average.parameters()), list(self.generator.parameters()), 0)
        self.average.mapping.w_avg.copy_(self.generator.mapping.w_avg)

    def begin(self, model: Model, discriminator: dict[str, Tensor] | None) -> None:
        """Take the weights of a model, and of a discriminator. Raises BadRequest where one is of another shape."""
        tensors = {name: torch.from_numpy(array) for name, array in model.tensors.items()}
        for network in (self.generator, self.average):
            _load(network, tensors, f"the model {model.name}")
        if discriminator is not None:
            _load(self.discriminator, discriminator, f"the discriminator beside the model {model.name}")

    def tensors(self) -> dict[str, Tensor]:
        """All that is kept, by room and name."""
        rooms = {room: network.state_dict() for room, network in self._all().items()}
        rooms |= {room: optimizer.tensors() for room, optimizer in self._optimizers().items()}
        return {f"{room}.{name}": tensor for room, found in rooms.items() for name, tensor in found.items()}

    def restore(self, tensors: dict[str, Tensor]) -> None:
        """Take back what `tensors` gave. Raises BadRequest where a tensor is missing or of another shape."""
        for room, network in self._all().items():
            _load(network, _room(tensors, room), "the checkpoint")
        for room, optimizer in self._optimizers().items():
            optimizer.restore(_room(tensors, room))

    def model(self, name: str, licence: str) -> Model:
        """The averaged generator as a model, without a sha256."""
        tensors = {name: tensor.cpu().numpy().copy() for name, tensor in self.average.state_dict().items()}
        return Model(name, "stylegan2", self.config.of_model(self.size), tensors, "", licence)

    def _all(self) -> dict[str, nn.Module]:
        return {"generator": self.generator, "average": self.average, "discriminator": self.discriminator}

    def _optimizers(self) -> dict[str, Optimizer]:
        return {"of_generator": self.of_generator, "of_discriminator": self.of_discriminator}

    def _optimize(self, known: dict[str, dict[str, Tensor]]) -> None:
        """An optimizer for each, that knows what the ones before it knew."""
        config, ranks, half = self.config, self._ranks, self.config.precision == "float16"
        frozen = {id(p) for layer in self.discriminator.layers()[: config.freeze_d] for p in layer.parameters()}
        learnt = {name: p for name, p in self.discriminator.named_parameters() if id(p) not in frozen}
        made, every = dict(self.generator.named_parameters()), config.pl_every if config.pl_weight else 0
        self.of_generator = Optimizer(made, config.lr, every, half, ranks)
        self.of_discriminator = Optimizer(learnt, config.lr, config.r1_every, half, ranks)
        for room, tensors in known.items():
            self._optimizers()[room].restore(tensors)


def _room(tensors: dict[str, Tensor], room: str) -> dict[str, Tensor]:
    return {name.removeprefix(f"{room}."): x for name, x in tensors.items() if name.startswith(f"{room}.")}


def _load(network: nn.Module, tensors: dict[str, Tensor], whose: str) -> None:
    wanted = network.state_dict()
    for name, tensor in wanted.items():
        found = tensors.get(name)
        if found is None or found.shape != tensor.shape:
            have = "none" if found is None else tuple(found.shape)
            raise BadRequest(f"{whose} must have {name} of shape {tuple(tensor.shape)}, found {have}: choose another")
    network.load_state_dict({name: tensors[name] for name in wanted})
