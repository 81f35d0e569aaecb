"""Writes checkpoints in the published layouts without the code that they come from, in any pickle protocol.

Names are written, never looked up: what is written here can be read only by a reader that needs no such code.
"""

import io
import pickle
import struct
from collections import OrderedDict
from dataclasses import dataclass, field

import numpy as np

MAGIC, VERSION = 0x1950A86A20F9469CFC6C, 1001


class Name:
    """A name as a pickle holds it; not what it names."""

    def __init__(self, module, name):
        self.module, self.name = module, name

    def __call__(self):
        raise AssertionError("a name is written, never called")


@dataclass(eq=False)
class Call:
    """A call as a pickle holds it, with what is put into its result."""

    name: Name
    args: tuple
    state: object = None
    items: dict = field(default_factory=dict)
    new: bool = False


@dataclass(eq=False)
class Reference:
    """A reference to numbers that lie beside the pickle."""

    id: tuple


class Writer(pickle._Pickler):
    """Python's own writer, that also knows names, calls and references."""

    dispatch = pickle._Pickler.dispatch.copy()

    def persistent_id(self, obj):
        return obj.id if isinstance(obj, Reference) else None

    def save_name(self, obj):
        if self.proto >= 4:
            self.save(obj.module)
            self.save(obj.name)
            self.write(pickle.STACK_GLOBAL)
        else:
            self.write(pickle.GLOBAL + f"{obj.module}\n{obj.name}\n".encode())
        self.memoize(obj)

    def save_call(self, obj):
        self.save(obj.name)
        self.save(obj.args)
        self.write(pickle.NEWOBJ if obj.new else pickle.REDUCE)
        self.memoize(obj)
        if obj.items:
            self._batch_setitems(iter(obj.items.items()))
        if obj.state is not None:
            self.save(obj.state)
            self.write(pickle.BUILD)

    dispatch[Name] = save_name
    dispatch[Call] = save_call


def pickled(obj, protocol=4):
    out = io.BytesIO()
    Writer(out, protocol).dump(obj)
    return out.getvalue()


def storage(array, location="cpu", kind="FloatStorage", protocol=2):
    """Numbers as torch.save wrote them before zip archives."""
    reference = Reference(("storage", Name("torch", kind), "7", location, array.size, None))
    system = {"protocol_version": VERSION, "little_endian": True, "type_sizes": {"short": 2, "int": 4, "long": 4}}
    parts = [pickled(part, protocol) for part in (MAGIC, VERSION, system, reference, ["7"])]
    return b"".join(parts) + struct.pack("<q", array.size) + array.tobytes()


def tensor(array, location="cpu", parameter=True, kind="FloatStorage"):
    """A parameter or buffer as NVIDIA's pickles hold it."""
    array = np.ascontiguousarray(array).reshape(np.shape(array))
    strides = tuple(s // array.itemsize for s in array.strides)
    numbers = Call(Name("torch.storage", "_load_from_bytes"), (storage(array, location, kind),))
    hooks = Call(Name("collections", "OrderedDict"), ())
    made = Call(Name("torch._utils", "_rebuild_tensor_v2"), (numbers, 0, array.shape, strides, False, hooks))
    return Call(Name("torch._utils", "_rebuild_parameter"), (made, True, hooks)) if parameter else made


def module(kind, modules=(), parameters=(), buffers=(), **attributes):
    """A persistent module."""
    state = {"training": False, "_parameters": dict(parameters), "_buffers": dict(buffers), "_modules": dict(modules)}
    state |= {"_init_args": (), "_init_kwargs": {}} | attributes
    meta = {"type": "class", "version": 6, "module_src": "# none\n", "class_name": kind, "state": state}
    easy = Call(Name("dnnlib.util", "EasyDict"), (), items=meta, new=True)
    return Call(Name("torch_utils.persistence", "_reconstruct_persistent_obj"), (easy,))


def part(whole, *names):
    """The state of a module inside another, to be changed before it is written."""
    for name in names:
        whole = whole.args[0].items["state"]["_modules"][name]
    return whole.args[0].items["state"]


@dataclass(frozen=True)
class Net:
    """A StyleGAN2 to write: what its files can differ in."""

    widths: tuple = (12, 10, 7)
    start: tuple = (4, 4)
    z: int = 16
    w: int = 14
    classes: int = 0
    embed: int = 14
    colours: int = 3
    architecture: str = "skip"
    taps: tuple = (1, 3, 3, 1)
    location: str = "cpu"
    average: bool = True
    flat: bool = False
    kind: str = "FloatStorage"
    bad: float | None = None
    rate: float = 0.01
    clamp: float | None = None
    numpy: str = "numpy._core"


HONEST = Net()


def scalar(value, numpy="numpy._core"):
    """A float64 as numpy writes it."""
    kind = Call(Name("numpy", "dtype"), ("f8", False, True), (3, "<", None, None, None, -1, -1, 0))
    return Call(Name(f"{numpy}.multiarray", "scalar"), (kind, struct.pack("<d", value)))


def stylegan2(net=HONEST):
    """The generator as a persistent module."""
    dice = np.random.default_rng(0)

    def t(*shape, parameter=True):
        made = dice.normal(0, 0.3, shape).astype(np.float16).astype(np.float32)
        made = made.astype(np.float16) if net.kind == "HalfStorage" else made
        if net.bad is not None and made.ndim:
            made.flat[0] = net.bad
        return tensor(made, net.location, parameter, net.kind)

    def dense(out, inside, **more):
        rate = {"bias_gain": scalar(net.rate, net.numpy)}
        return module("FullyConnectedLayer", (), {"weight": t(out, inside), "bias": t(out)}, **rate | more)

    def layer(out, inside, size):
        parameters = {"weight": t(out, inside, 3, 3), "noise_strength": t(), "bias": t(out)}
        noise = t(*(size // 4 * side for side in net.start), parameter=False)
        buffers = {"noise_const": noise, "resample_filter": kernel}
        affine = dense(inside, net.w, activation="linear")
        return module(
            "SynthesisLayer", {"affine": affine}, parameters, buffers, activation="lrelu", conv_clamp=net.clamp
        )

    line = np.array(net.taps, np.float32) / sum(net.taps)
    kernel = tensor(np.outer(line, line) if len(line) < 8 else line, net.location, parameter=False)
    embed = net.embed if net.classes else 0
    layers = {"fc0": dense(net.w, net.z + embed), "fc1": dense(net.w, net.w)}
    layers |= {"embed": dense(embed, net.classes)} if embed else {}
    average = {"w_avg": t(net.w, parameter=False) if net.average else None}
    blocks, before = {}, 0
    for i, wide in enumerate(net.widths):
        size, last = 4 << i, i == len(net.widths) - 1
        parts = {"conv1": layer(wide, wide, size)}
        parts |= {"conv0": layer(wide, before, size)} if i else {}
        if net.architecture == "skip" or last:
            parameters = {"weight": t(net.colours, wide, 1, 1), "bias": t(net.colours)}
            parts["torgb"] = module("ToRGBLayer", {"affine": dense(wide, net.w)}, parameters)
        if net.architecture == "resnet" and i:
            parts["skip"] = module("Conv2dLayer", (), {"weight": t(wide, before, 1, 1)}, {"resample_filter": kernel})
        own = {} if i else {"const": t(wide, *net.start)}
        blocks[f"b{size}"] = module("SynthesisBlock", parts, own, {"resample_filter": kernel})
        before = wide
    given = {"z_dim": net.z, "c_dim": net.classes, "w_dim": net.w, "img_resolution": size}
    given |= {} if net.flat else {"synthesis_kwargs": {"channel_base": 1 << 15}}
    given |= {} if net.start == (4, 4) else {"init_res": [*net.start]}
    networks = {
        "mapping": module("MappingNetwork", layers, (), average),
        "synthesis": module("SynthesisNetwork", blocks),
    }
    return module("Generator", networks, _init_kwargs=given)


def discriminator(tensors, kind="Discriminator"):
    """A discriminator of these tensors by name, as a persistent module."""
    kernel = {"resample_filter": tensor(np.full((4, 4), 1 / 16, np.float32), parameter=False)}
    blocks: dict = {}
    for name, array in tensors.items():
        block, layer, last = name.split(".")
        blocks.setdefault(block, {}).setdefault(layer, {})[last] = tensor(array)
    for block, layers in blocks.items():
        made = {layer: module("Conv2dLayer", (), parameters, kernel) for layer, parameters in layers.items()}
        blocks[block] = module("DiscriminatorBlock", made)
    return module(kind, blocks)


def file(net=HONEST, protocol=4, judge=None):
    """A whole StyleGAN2-ADA pickle."""
    return pickled({"training_set_kwargs": {}, "G": None, "D": judge, "G_ema": stylegan2(net)}, protocol)


def reference(array, storages, location="cpu"):
    """A tensor of a file of torch.save, whose numbers are put into `storages`."""
    key = str(len(storages))
    storages[key] = np.ascontiguousarray(array, np.float32)
    strides = tuple(s // 4 for s in storages[key].reshape(array.shape).strides)
    numbers_ = Reference(("storage", Name("torch", "FloatStorage"), key, location, array.size, None))
    args = (numbers_, 0, array.shape, strides, False, Call(Name("collections", "OrderedDict"), ()))
    return Call(Name("torch._utils", "_rebuild_tensor_v2"), args)


def ordered(entries):
    """An OrderedDict as a pickle holds it."""
    return Call(Name("collections", "OrderedDict"), (), items=OrderedDict(entries))
