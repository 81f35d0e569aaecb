"""Turns a published StyleGAN2 or StyleGAN3 pickle into our format for the tests, running nothing in it.

    PYTHONPATH=. .venv/bin/python tests/reference.py NAME.pkl tests/data/NAME.safetensors

Every name in the pickle becomes a stand-in of this file; nested storages are read as weights only.
"""

import collections
import io
import pickle
import sys
from pathlib import Path

import numpy as np
import torch

from livegan.generators.weights import Model, dump


class Node(dict):
    """What stands for any object of the pickle: its arguments and its state."""

    def __init__(self, *args):
        super().__init__()
        self.args = args

    def __setstate__(self, state):
        self.update(state if isinstance(state, dict) else {"state": state})


def _module(meta):
    return Node() if not isinstance(meta, dict) else _filled(meta)


def _filled(meta):
    node = Node()
    node.update(meta.get("state", {}))
    node.kind = meta.get("class_name")
    return node


def _storage(data):
    return torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)


def _tensor(storage, offset, size, stride, *_):
    return torch.empty(0, dtype=storage.dtype).set_(storage._untyped_storage, offset, size, stride)


NAMES = {
    ("torch_utils.persistence", "_reconstruct_persistent_obj"): _module,
    ("collections", "OrderedDict"): collections.OrderedDict,
    ("torch._utils", "_rebuild_parameter"): lambda data, *_: data,
    ("torch._utils", "_rebuild_tensor_v2"): _tensor,
    ("torch.storage", "_load_from_bytes"): _storage,
    ("dnnlib.util", "EasyDict"): Node,
}


class Reader(pickle.Unpickler):
    """Knows six names and gives a stand-in for every other."""

    def find_class(self, module, name):
        return NAMES.get((module, name), Node)


def flat(node, prefix=""):
    """Tensors of a module and those inside it, by their full names."""
    for place in ("_parameters", "_buffers"):
        for name, tensor in node.get(place, {}).items():
            if tensor is not None and not name.endswith("resample_filter"):
                yield prefix + name, tensor.detach().float().numpy()
    for name, child in node.get("_modules", {}).items():
        yield from flat(child, f"{prefix}{name}.")


def config_of(node):
    """Our config from the keywords that the generator was made with, in either layout."""
    given = dict(node["_init_kwargs"])
    synthesis = {**given, **given.get("synthesis_kwargs", {})}
    mapping = given.get("mapping_kwargs", {})
    keys = ("z_dim", "c_dim", "w_dim", "img_resolution", "img_channels")
    config = {key: int(given[key]) for key in keys}
    flat_layout = "synthesis_kwargs" not in given
    config["architecture"] = synthesis.get("architecture", "skip")
    config["resample_filter"] = [float(x) for x in synthesis.get("resample_filter", [1, 3, 3, 1])]
    config["conv_clamp"] = synthesis.get("conv_clamp", 256 if flat_layout else None)
    names = ("num_layers", "embed_features", "layer_features", "lr_multiplier")
    config["mapping"] = {name: mapping[name] for name in names if mapping.get(name) is not None}
    return config


def config3_of(node):
    """Our config of a StyleGAN3: its keywords are ours, but for those of the mapping network."""
    given = dict(node["_init_kwargs"])
    given["mapping"] = dict(given.pop("mapping_kwargs", {}))
    return given


def main(source, target):
    whole = Reader(io.BytesIO(Path(source).read_bytes())).load()
    node = whole["G_ema"]
    tensors = {name: np.array(array, order="C") for name, array in flat(node)}
    third = "synthesis.input.freqs" in tensors
    config = config3_of(node) if third else config_of(node)
    architecture = "stylegan3" if third else "stylegan2"
    dump(Path(target), Model(Path(target).stem, architecture, config, tensors, "", "CC0-1.0"))


if __name__ == "__main__":
    main(*sys.argv[1:])
