"""One training in several processes, of one machine or more, as torchrun starts them.

The first process alone reads and writes the training's folder and speaks; the others hear all they need from it.
"""

import contextlib
import json
import os
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import uuid4

import torch
import torch.distributed as dist
import torch.distributed.nn  # before Adam imports it: it keeps the group of then, and its threads, to the end
from torch import Tensor

from livegan.errors import BadRequest, Failure
from livegan.generators.stylegan2_cpu import best_type

_TURN = timedelta(seconds=0.2)
_WAIT = timedelta(hours=3)
"""For the first process, which measures FID alone; whoever is gone is known at once."""
_TURNS = 1500
_LOST = re.compile("gloo|NCCL|ProcessGroup", re.IGNORECASE)


class Spread:
    """This process among `ranks`; rank 0 is the first. device: that of this process, such as "cpu" or "cuda:1"."""

    def __init__(self, rank: int, ranks: int, device: str) -> None:
        self.rank, self.ranks, self.device = rank, ranks, device

    @property
    def first(self) -> bool:
        """Whether this process is the one that reads, writes and speaks."""
        return self.rank == 0

    def any(self, here: bool) -> bool:
        """Whether it is so in any process; each must ask."""
        if self.ranks == 1:
            return here
        flag = torch.tensor(int(here))
        dist.all_reduce(flag, dist.ReduceOp.MAX)
        return bool(flag)

    def text(self, made: Callable[[], str]) -> str:
        """What the first process makes, in all of them."""
        if self.ranks == 1:
            return made()
        data = torch.frombuffer(bytearray(made().encode()), dtype=torch.uint8) if self.first else torch.empty(0)
        length = torch.tensor(len(data))
        dist.broadcast(length, 0)
        data = data if self.first else torch.empty(int(length), dtype=torch.uint8)
        dist.broadcast(data, 0)
        return bytes(data.numpy()).decode()

    def tensors(self, own: dict[str, Tensor]) -> dict[str, Tensor]:
        """Those of the first process, float32 on the processor, in all of them."""
        if self.ranks == 1:
            return own
        shapes = json.loads(self.text(lambda: json.dumps({name: tensor.shape for name, tensor in own.items()})))
        found = own if self.first else {name: torch.empty(shape) for name, shape in shapes.items()}
        for name in shapes:
            dist.broadcast(found[name], 0)
        return found


@contextlib.contextmanager
def joined(device: str) -> Iterator[Spread]:
    """This process among those that torchrun started, or alone. device: "auto", "cpu", "cuda" or such as "cuda:1".

    Raises BadRequest where there is no such device, Failure where another process is not there, or no longer.
    """
    ranks, rank = int(os.environ.get("WORLD_SIZE", "1")), int(os.environ.get("RANK", "0"))
    chosen = _device(device, int(os.environ.get("LOCAL_RANK", "0")))
    if ranks == 1:
        yield Spread(0, 1, chosen)
        return
    try:
        store, _, _ = next(dist.rendezvous("env://", rank, ranks))
        backend = "gloo" if chosen == "cpu" else "cpu:gloo,cuda:nccl"
        met = meeting(store, rank, ranks)
        dist.init_process_group(backend, store=met, rank=rank, world_size=ranks, timeout=_WAIT)
        yield Spread(rank, ranks, chosen)
        dist.barrier()  # nobody may leave while others still speak
    except RuntimeError as error:
        if lost(error):
            raise Failure("another process of this training is gone") from error
        raise
    finally:
        if dist.is_initialized():
            dist.destroy_process_group()


def lost(error: RuntimeError) -> bool:
    """Whether it says that another process cannot be reached."""
    return isinstance(error, dist.DistError) or _LOST.search(str(error)) is not None


def meeting(store: dist.Store, rank: int, ranks: int) -> dist.Store:
    """The part of a store that only processes which are alive now write to.

    torchrun starts all processes again when one of them dies, and keeps the store, in which those before them left
    where they could be reached. Raises Failure where not all come.
    """
    if rank:
        word = uuid4().hex
        store.set(f"asks/{rank}", word)
        place = store.get(f"answer/{word}").decode()
        store.set(f"{place}/came/{rank}", "")
        return dist.PrefixStore(place, store)
    place = uuid4().hex
    came = [f"{place}/came/{other}" for other in range(1, ranks)]
    for _ in range(_TURNS):
        for other in range(1, ranks):  # the word may be a dead one's, until the living one's stands there
            store.set(f"answer/{store.get(f'asks/{other}').decode()}", place)
        with contextlib.suppress(dist.DistStoreError):
            store.wait(came, _TURN)
            return dist.PrefixStore(place, store)
    raise Failure(f"not all of {ranks} processes of this training came: look at what the others said")


def _device(asked: str, local: int) -> str:
    there = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if asked == "cpu" or (asked == "auto" and not there):
        return "cpu"
    kind, _, number = asked.partition(":")
    if asked != "auto" and (kind != "cuda" or not (number.isdecimal() or asked == "cuda")):
        raise BadRequest(f'--device is auto, cpu, cuda or such as cuda:1, found "{asked}"')
    index = int(number) if number else local
    if index >= there:
        raise BadRequest(f"--device {asked} asks for GPU {index}, and {there or 'none'} are there: give --device cpu")
    torch.cuda.set_device(index)
    return f"cuda:{index}"


def best_precision(device: str) -> str:
    """What features are computed in where nobody says: half as many bits, where this device is made for them."""
    return "float16" if device != "cpu" else str(best_type()).removeprefix("torch.")
