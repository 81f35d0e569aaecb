"""A stranger's checkpoint, from its bytes to a model: which kind it is, and who reads it.

Runs in the limited child; it is inert by itself too, and bounded, so that tests may call it in their own process.
"""

import hashlib

from livegan.errors import BadRequest
from livegan.generators.weights import Model
from livegan.importers import machine, names, pytorch, rosinality, tensorflow, torchfile
from livegan.importers.kinds import PLAYED
from livegan.importers.limits import Budget
from livegan.importers.network import Found
from livegan.importers.records import Tensor

_HEADS = {
    b"<": "it is a web page, not a model: the download went wrong, download it again",
    b"version https://git-lfs": "it is only a pointer of git-lfs: fetch the file itself with git lfs pull",
    b"\x1f\x8b": "it is compressed with gzip: unpack it first",
    b"\x89HDF": "it is an HDF5 file, which no StyleGAN that livegan knows is kept in",
}
_OLD_TORCH = b"\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19"
"""torch's magic number, as the first thing in its files of before 2020."""

_INCEPTION, _COUNTER = "Conv2d_1a_3x3.conv.weight", ".num_batches_tracked"


def found(data: bytes) -> Found:
    """The generator that a checkpoint holds. Raises BadRequest in one sentence, without the file's name."""
    budget = Budget.of(len(data))
    return _chosen(_whole(data, budget), budget)


def _whole(data: bytes, budget: Budget) -> object:
    """All that a file holds, unchecked."""
    for head, sentence in _HEADS.items():
        if data[:100].lstrip().startswith(head):
            raise BadRequest(sentence)
    if data[:2] == b"PK":
        return torchfile.archive(data, names.TORCH, budget)
    if _OLD_TORCH in data[:16]:
        return torchfile.old(data, names.TORCH, budget)
    if not data:
        raise BadRequest("it is empty: copy or download it again")
    return machine.loads(data, names.PICKLES, budget)


def _chosen(whole: object, budget: Budget) -> Found:
    if (module := pytorch.generator(whole)) is not None:
        return pytorch.found(module, budget)
    if (network := tensorflow.generator(whole)) is not None:
        return tensorflow.found(network, budget)
    if (state := rosinality.generator(whole)) is not None:
        return rosinality.found(state, whole, budget)
    raise BadRequest(f"it holds no generator that livegan knows; it imports {PLAYED}")


def model(data: bytes, name: str) -> tuple[Model, list[str]]:
    """The model in a checkpoint, and sentences about what had to be assumed. sha256: of `data`. Raises BadRequest."""
    one = found(data)
    return Model(name, one.architecture, one.config, one.tensors, hashlib.sha256(data).hexdigest()), one.notes


def discriminator(data: bytes, name: str) -> tuple[Model, list[str]]:
    """A checkpoint's discriminator as a model without a config; it has no tensors if there is none. BadRequest."""
    budget = Budget.of(len(data))
    tensors = pytorch.discriminator(_whole(data, budget), budget)
    return Model(name, "discriminator", {}, tensors, hashlib.sha256(data).hexdigest()), []


def inception(data: bytes, name: str) -> tuple[Model, list[str]]:
    """The tensors of an Inception network as a model without a config, not looked at further. Raises BadRequest."""
    budget = Budget.of(len(data))
    whole = _whole(data, budget)
    if not isinstance(whole, dict) or _INCEPTION not in whole:
        raise BadRequest("it holds no Inception network in PyTorch's layout")
    tensors = {}
    for part, value in whole.items():
        budget.part()
        if isinstance(part, str) and isinstance(value, Tensor) and not part.endswith(_COUNTER):
            tensors[part] = value.array(budget)
    return Model(name, "inception", {}, tensors, hashlib.sha256(data).hexdigest()), []
