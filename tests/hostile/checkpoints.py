"""Checkpoint files that a stranger could send. What runs them finds a canary file touched, and nothing else happens.

    PYTHONPATH=. python -m tests.hostile.checkpoints FOLDER        writes all of them there

LIVE are those that Python's own unpickler would run; the others attack the reader: memory, time, its patience.
"""

import io
import struct
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.importers import writing as w
from tests.importers.writing import Call, Name, Reference, pickled

BYTES = Name("torch.storage", "_load_from_bytes")


@dataclass(frozen=True)
class Payload:
    """Touches a file, in the languages that an attack can be written in."""

    canary: Path

    @property
    def shell(self):
        return f"touch {self.canary}"

    @property
    def python(self):
        return f"__import__('pathlib').Path({str(self.canary)!r}).touch()"

    @property
    def system(self):
        return Call(Name("os", "system"), (self.shell,))


def op(*parts):
    """A pickle of opcodes and text lines put together by hand."""
    return b"".join(part if isinstance(part, bytes) else part.encode() for part in parts) + b"."


def text(word):
    return b"X" + struct.pack("<I", len(word.encode())) + word.encode()


def live(p):
    """Attacks that work on a reader that runs what it reads."""
    made = {f"os.system in protocol {n}": pickled(p.system, n) for n in (1, 2, 3, 4, 5)}
    made["os.system in protocol 0"] = op("cos\nsystem\n(V", p.shell, "\ntR")
    made["os.system in the place of G_ema"] = pickled({"G": None, "D": None, "G_ema": p.system})
    made["os.system beside an honest generator"] = pickled({"G_ema": w.stylegan2(), "D": p.system})
    made["posix.system"] = pickled(Call(Name("posix", "system"), (p.shell,)))
    made |= {f"builtins.{f}": pickled(Call(Name("builtins", f), (p.python,))) for f in ("eval", "exec")}
    made["__builtin__.eval of Python 2"] = pickled(Call(Name("__builtin__", "eval"), (p.python,)), 2)
    made["subprocess.call"] = pickled(Call(Name("subprocess", "call"), (["touch", str(p.canary)],)))
    made["subprocess.check_output"] = pickled(Call(Name("subprocess", "check_output"), (["touch", str(p.canary)],)))
    made["open for writing"] = pickled(Call(Name("builtins", "open"), (str(p.canary), "w")))
    made["pathlib's touch"] = pickled(
        Call(Name("pathlib", "Path.touch"), (Call(Name("pathlib", "Path"), (str(p.canary),)),))
    )
    made["getattr on an import"] = op(
        b"\x80\x02cbuiltins\ngetattr\n(",
        "cbuiltins\n__import__\n(",
        text("os"),
        "tR",
        text("system"),
        "tR(",
        text(p.shell),
        "tR",
    )
    made["importlib and getattr"] = op(
        b"\x80\x02cbuiltins\ngetattr\n(",
        "cimportlib\nimport_module\n(",
        text("os"),
        "tR",
        text("system"),
        "tR(",
        text(p.shell),
        "tR",
    )
    made["operator.methodcaller"] = op(
        b"\x80\x02coperator\nmethodcaller\n(",
        text("system"),
        text(p.shell),
        "tR(",
        "cbuiltins\n__import__\n(",
        text("os"),
        "tRtR",
    )
    made["functools.partial"] = op(b"\x80\x02cfunctools\npartial\n(cos\nsystem\n", text(p.shell), "tR)R")
    made["map made a list"] = op(b"\x80\x02cbuiltins\nlist\n(cbuiltins\nmap\n(cos\nsystem\n](", text(p.shell), "etRtR")
    made["STACK_GLOBAL through the memo"] = op(
        b"\x80\x04", text("os"), b"\x940", text("system"), b"\x940h\x00h\x01\x93(", text(p.shell), "tR"
    )
    made["STACK_GLOBAL of parts in a tuple"] = op(
        b"\x80\x04", text("system"), "q\x010", text("os"), b"h\x01\x93(", text(p.shell), "tR"
    )
    made["a name with dots"] = pickled(Call(Name("os", "path.os.system"), (p.shell,)))
    made["a name with dots through torch"] = pickled(Call(Name("argparse", "_os.system"), (p.shell,)))
    made["INST"] = op("(", text(p.shell), "ios\nsystem\n")
    made["OBJ"] = op("(cos\nsystem\n", text(p.shell), "o")
    made["POP hides the result"] = op("cos\nsystem\n(", text(p.shell), "tR0N")
    made["an attack behind an honest start"] = op(b"\x80\x02}", text("G_ema"), "cos\nsystem\n(", text(p.shell), "tRs")
    made["numpy's runstring"] = pickled(Call(Name("numpy.testing._private.utils", "runstring"), (p.python, {})))
    made["pickle in a pickle"] = pickled(Call(Name("pickle", "loads"), (pickled(p.system),)))
    made["_pickle in a pickle"] = pickled(Call(Name("_pickle", "loads"), (pickled(p.system),)))
    made["BUILD through an item"] = op(
        b"\x80\x02ccollections\nOrderedDict\n)R}", text("x"), "cos\nsystem\n(", text(p.shell), "tRsb"
    )
    made["a state for a class"] = op(
        b"\x80\x02cargparse\nNamespace\n)\x81}", text("a"), "cbuiltins\neval\n(", text(p.python), "tRsb"
    )
    made["timeit"] = pickled(Call(Name("timeit", "timeit"), ("0", p.python, Name("time", "perf_counter"), 1)))
    made["an import of Python 2's commands"] = pickled(Call(Name("subprocess", "getoutput"), (p.shell,)), 2)
    return made


def nested(p):
    """Attacks in the data that torch itself would read without care."""
    evil, honest = pickled(p.system, 2), w.storage(np.ones(4, np.float32))
    parts = [pickled(part, 2) for part in (w.MAGIC, w.VERSION, {"little_endian": True})]
    reference = pickled(Reference(("storage", Name("torch", "FloatStorage"), "0", "cpu", 4, None)), 2)
    odd = Reference(("storage", p.system, "0", "cpu", 4, None))
    streams = {
        "instead of the magic number": evil,
        "instead of the system": b"".join([*parts[:2], evil]),
        "instead of the storage": b"".join([*parts, evil]),
        "instead of the keys": b"".join([*parts, reference, evil]),
        "as the kind of a storage": b"".join([*parts, pickled(odd, 2)]),
        "in a zip archive": archive({"data.pkl": evil}),
        "behind an honest one": honest + evil,
    }
    made = {f"nested, {name}": pickled({"G_ema": Call(BYTES, (data,))}) for name, data in streams.items()}
    made["nested in nested"] = pickled(Call(BYTES, (b"".join([*parts, pickled(Call(BYTES, (evil,)), 2)]),)))
    made["nested, from a text"] = pickled(Call(BYTES, ("cos\nsystem\n.",)))
    made["torch.load"] = pickled(Call(Name("torch", "load"), (evil,)))
    made["torch.hub.load"] = pickled(Call(Name("torch.hub", "load"), ("x/y", "z")))
    made["torch.jit.load"] = pickled(Call(Name("torch.jit", "load"), (str(p.canary),)))
    made["a storage made by hand"] = pickled(Call(Name("torch", "FloatStorage"), (4,)))
    made["a tensor around a call"] = pickled(Call(Name("torch._utils", "_rebuild_parameter"), (p.system, True, None)))
    made["an old torch file"] = b"".join([*parts, evil])
    made["nested, numbers cut off"] = pickled({"G_ema": Call(BYTES, (honest[:-3],))})
    made["nested, a count of 2^62"] = pickled({"G_ema": Call(BYTES, (honest[:-24] + struct.pack("<q", 1 << 62),))})
    made["nested, a count of -1"] = pickled({"G_ema": Call(BYTES, (honest[:-24] + struct.pack("<q", -1) + bytes(16),))})
    return made


def sources(p):
    """Honest generators that carry hostile source text: they may be imported, and nothing of it may run."""
    text_ = w.pickled({"G_ema": w.stylegan2()}, 4)
    evil = (p.python + "\n").encode()
    short = b"\x8c" + bytes([len(evil)]) + evil if len(evil) < 256 else b"X" + struct.pack("<I", len(evil)) + evil
    made = {"source text in every module": text_.replace(b"\x8c\x07# none\n", short)}
    made["source text that is no text"] = text_.replace(b"\x8c\x07# none\n", pickled(7, 2)[2:-1])
    made["source text that is a call"] = text_.replace(
        b"\x8c\x07# none\n", pickled(p.system, 4)[2:-1].replace(b"\x94", b"")
    )
    network = Name("dnnlib.tflib.network", "Network")
    state = {"version": 4, "name": "Gs", "build_func_name": "G_main", "build_module_src": p.python, "variables": []}
    made["source text of TensorFlow"] = pickled((None, None, Call(network, (), state, new=True)), 2)
    return made


def archive(entries, compression=zipfile.ZIP_STORED, root="archive/"):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as file:
        for name, data in entries.items():
            file.writestr(root + name, data)
    return out.getvalue()


def zips(p):
    """Archives that are not what they seem."""
    numbers = {}
    state = w.ordered({"style.1.weight": w.reference(np.ones((4, 4), np.float32), numbers)})
    honest = {"data.pkl": pickled({"g_ema": state}, 2), "data/0": numbers["0"].tobytes(), "byteorder": b"little"}
    made = {"zip, os.system": archive({"data.pkl": pickled(p.system, 2)})}
    made["zip, a hostile namespace"] = archive({"data.pkl": pickled({"args": p.system}, 2)})
    made["zip, compressed 1,000 times"] = archive(honest | {"data/0": bytes(8 << 20)}, zipfile.ZIP_DEFLATED)
    made["zip, without numbers"] = archive({"data.pkl": honest["data.pkl"]})
    made["zip, numbers cut off"] = archive(honest | {"data/0": b"\0" * 7})
    made["zip, without a pickle"] = archive({"data/0": b""})
    made["zip, two roots"] = archive({"a/data.pkl": b"N.", "b/data.pkl": b"N."}, root="")
    made["zip, names that climb"] = archive(honest | {"../../../etc/x": b"x"})
    made["zip, absolute names"] = archive({"/etc/data.pkl": b"N."}, root="")
    made["zip, a TorchScript program"] = archive(honest | {"code/__torch__.py": p.python.encode()})
    made["zip, big-endian"] = archive(honest | {"byteorder": b"big"})
    whole = archive(honest)
    made["zip, one name twice"] = _twice(honest)
    made["zip, cut off"] = whole[: len(whole) // 2]
    made["zip, only a head"] = whole[:40]
    made["zip, a wrong checksum"] = whole.replace(numbers["0"].tobytes(), b"\x7f" * 64)
    at = whole.rindex(b"PK\x01\x02")
    made["zip, a size of 4 GB"] = whole[: at + 20] + b"\xfe\xff\xff\xff" * 2 + whole[at + 28 :]
    made["zip, encrypted"] = whole[: at + 8] + b"\x01\x00" + whole[at + 10 :]
    made["zip, an unknown compression"] = whole[: at + 10] + b"\x63\x00" + whole[at + 12 :]
    made["zip, 60,000 entries"] = archive({"data.pkl": b"N."} | {f"data/{i}": b"" for i in range(60_000)})
    made["zip behind a pickle"] = pickled(p.system, 2) + whole
    return made


def _twice(entries):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name, data in [*entries.items(), *list(entries.items())[1:2]]:
            file.NameToInfo.clear()  # or it would warn
            file.writestr(f"archive/{name}", data)
    return out.getvalue()


def bombs():
    """Small files that would take memory or time without end."""
    deep = 300_000
    laughs = b"\x80\x02](Ne" + b"q\x000](h\x00h\x00h\x00h\x00h\x00h\x00h\x00h\x00e" * 60
    made = {"a list of 8^60 entries": op(laughs)}
    made["tuples 300,000 deep"] = op(b"\x80\x02)", b"\x85" * deep)
    made["tuples 300,000 deep as a key"] = op(b"\x80\x02})", b"\x85" * deep, "Ns")
    made["lists 300,000 deep"] = op(b"\x80\x02", b"]" * deep, b"a" * (deep - 1))
    made["marks 300,000 deep"] = op(b"\x80\x02", b"(" * deep, b"t" * deep)
    made["1,500,000 steps"] = op(b"\x80\x02", b"N0" * 750_000, "N")
    made["a memo of 2^31 places"] = op(b"\x80\x02Nr\xff\xff\xff\x7f")
    made["a memo at -1"] = op("Np-1\n")
    made["keys that collide"] = op(
        b"\x80\x02}(", *[b"\x8a\x09" + (i * ((1 << 61) - 1)).to_bytes(9, "little") + b"N" for i in range(2, 100)], "u"
    )
    made["bytes of 2^60"] = op(b"\x80\x04\x8e", struct.pack("<Q", 1 << 60), b"abc")
    made["a frame of 2^63"] = op(b"\x80\x04\x95", struct.pack("<Q", 1 << 63), b"N")
    made["an integer of a million digits"] = op(b"L", b"9" * 1_000_000, b"L\n")
    made["an integer of 4 MB"] = op(b"\x80\x02\x8b", struct.pack("<i", 4 << 20), b"\x7f" * (4 << 20))
    made["an integer of a negative size"] = op(b"\x80\x02\x8b", struct.pack("<i", -5), b"abcde")
    word = text("x" * (1 << 20))
    call = b"h\x00h\x01h\x02\x86R0"
    encode = b"\x80\x02c_codecs\nencode\nq\x000" + word + b"q\x010" + text("latin1") + b"q\x020"
    made["a text made bytes 10,000 times"] = op(encode, call * 10_000, "N")
    loop = op(b"\x80\x02}q\x00", text("G_ema"), b"h\x00s")
    made["a dictionary in itself"] = loop
    made["modules in themselves"] = _modules_in_themselves()
    made["2^40 modules"] = _many_modules()
    made["8 MB nested 10,000 times"] = _repeated(Call(BYTES, (w.storage(np.zeros(1 << 21, np.float32)),)))
    made["a table copied 10,000 times"] = _repeated(
        Call(Name("collections", "OrderedDict"), ({str(i): None for i in range(100_000)},))
    )
    made["a state taken 10,000 times"] = _repeated(
        Call(Name("dnnlib.tflib.network", "Network"), (), {str(i): None for i in range(100_000)})
    )
    made["200,000 parameters in 512 modules"] = _shared_parameters()
    made["a zip whose 8 MB are asked for 20,000 times"] = _asked_again()
    return made


def _modules_in_themselves():
    """A module whose parts are put in when it is made, and are itself."""
    make = "ctorch_utils.persistence\n_reconstruct_persistent_obj\n"
    about = text("type") + text("class") + text("class_name") + text("Generator") + text("state")
    own = b"}" + text("_modules") + b"h\x00s"
    return op(b"\x80\x02}q\x000", make, b"}(", about, own, b"u\x85Rq\x01h\x00", text("mapping"), b"h\x01s0")


def _repeated(call):
    """The same call with the same arguments, made again and again."""
    calls = [Call(call.name, call.args, call.state) for _ in range(10_000)]
    return pickled({"G_ema": calls}, 2)


def _shared_parameters():
    """Few modules, that share one dictionary of very many parameters."""
    many, made = {f"p{i}": None for i in range(200_000)}, w.module("SynthesisLayer")
    for _ in range(8):
        made = w.module("SynthesisLayer", {"a": made, "b": made}, many)
        made.args[0].items["state"]["_parameters"] = many
    return pickled({"G_ema": w.module("Generator", {"mapping": made, "synthesis": made})}, 2)


def _asked_again():
    """Very many tensors of one number each, that lie in one large storage."""
    numbers = {}
    one = w.reference(np.zeros(1 << 21, np.float32), numbers)
    holder, _, _, _, *rest = one.args
    state = {"style.1.weight": Call(one.name, (holder, 0, (1, 1), (1, 1), *rest))}
    state |= {f"style.{i}.bias": Call(one.name, (holder, i, (1,), (1,), *rest)) for i in range(1, 20_000)}
    return archive({"data.pkl": pickled({"g_ema": state}, 2), "data/0": numbers["0"].tobytes()})


def _many_modules():
    made = w.module("SynthesisLayer")
    for _ in range(40):
        made = w.module("SynthesisLayer", {"a": made, "b": made})
    return pickled({"G_ema": made})


def shapes():
    """Numbers that are not where they are said to be."""
    v2 = Name("torch._utils", "_rebuild_tensor_v2")
    numbers = Call(BYTES, (w.storage(np.ones(16, np.float32)),))

    def one(offset, shape, strides, holder=numbers):
        return pickled({"G_ema": Call(v2, (holder, offset, shape, strides, False, None))})

    made = {
        "shape, 2^39 numbers": one(0, (1 << 39,), (1,)),
        "shape, 16 numbers shown 2^39 times": one(0, (1 << 39, 16), (0, 1)),
        "shape, an offset behind the end": one(16, (1,), (1,)),
        "shape, an offset of -1": one(-1, (4,), (1,)),
        "shape, a stride of -1": one(8, (4,), (-1,)),
        "shape, a size of -4": one(0, (-4,), (1,)),
        "shape, fewer strides than axes": one(0, (4, 4), (1,)),
        "shape, 40 axes": one(0, (1,) * 40, (1,) * 40),
        "shape, that is a text": one(0, "4", (1,)),
        "shape, of floats": one(0, (4.0,), (1,)),
        "shape, true": one(True, (4,), (1,)),
        "shape, numbers that are a list": one(0, (4,), (1,), [1, 2, 3, 4]),
    }
    kind = Call(Name("numpy", "dtype"), ("f4", False, True), (3, "<", None, None, None, -1, -1, 0))
    made |= {
        f"array, {name}": pickled(_array(*rest))
        for name, rest in {
            "of objects": ((1,), Call(Name("numpy", "dtype"), ("O8", False, True)), [None]),
            "of structures": ((1,), Call(Name("numpy", "dtype"), ("V8", False, True)), bytes(8)),
            "of 2^39 numbers": ((1 << 39,), kind, b""),
            "of -1 numbers": ((-1,), kind, b""),
            "of a text": ((1,), kind, "abcd€"),
            "of a list": ((1,), kind, [1]),
        }.items()
    }
    return made


def _array(shape, kind, data):
    start = Call(Name("numpy.core.multiarray", "_reconstruct"), (Name("numpy", "ndarray"), (0,), b"b"))
    return Call(start.name, start.args, (1, shape, kind, False, data))


def odd(p):
    """Operations and names that no generator needs, and files of other kinds."""
    made = {
        f"opcode {name}": op(b"\x80\x02", code)
        for name, code in {
            "PERSID": "Pos.system\n",
            "BINPERSID": b"NQ",
            "EXT1": b"\x82\x01",
            "EXT2": b"\x83\x01\x00",
            "EXT4": b"\x84\x01\x00\x00\x00",
            "NEXT_BUFFER": b"\x97",
            "READONLY_BUFFER": b"N\x98",
            "NEWOBJ_EX": b"cos\nsystem\n)}\x92",
            "REDUCE on a number": b"K\x01)R",
            "BUILD on a number": b"K\x01}b",
            "BUILD on a name": b"ccollections\nOrderedDict\n}b",
            "APPEND to a name": b"ccollections\nOrderedDict\nNa",
            "SETITEM on a name": b"ccollections\nOrderedDict\nNNs",
            "GET of nothing": b"h\x07",
            "POP of nothing": b"0",
            "STOP with nothing": b"",
            "STOP with two": b"NN",
        }.items()
    }
    made["protocol 255"] = b"\x80\xffN."
    made["BUILD with slots"] = op(b"\x80\x02cargparse\nNamespace\n)\x81N}", text("__class__"), "Ns\x86b")
    names = (
        ("marshal", "loads"),
        ("types", "CodeType"),
        ("types", "FunctionType"),
        ("code", "InteractiveInterpreter"),
        ("runpy", "run_path"),
        ("webbrowser", "open"),
        ("socket", "socket"),
        ("urllib.request", "urlopen"),
        ("shutil", "rmtree"),
        ("sys", "exit"),
        ("os", "_exit"),
        ("ctypes", "CDLL"),
        ("dnnlib.util", "open_url"),
        ("numpy", "load"),
        ("numpy", "fromfile"),
        ("joblib", "load"),
        ("torch.nn.modules.module", "Module"),
        ("training.networks", "Generator"),
        ("dnnlib.util.EasyDict", ""),
        ("", ""),
        ("torch_utils.persistence", "persistent_class"),
        ("\x1b[2J\x1b]0;owned\x07", "x"),
        ("x" * 100_000, "y"),
    )
    made |= {f"name {i}: {m[:30]}.{n}": pickled(Call(Name(m, n), (p.shell,))) for i, (m, n) in enumerate(names)}
    heads = {
        "nothing": b"",
        "zeros": bytes(4096),
        "a web page": b"<!DOCTYPE html><html>",
        "gzip": b"\x1f\x8b\x08" + bytes(99),
        "a pointer of git-lfs": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n",
        "text": b"hello\n" * 99,
        "random bytes": np.random.default_rng(1).bytes(50_000),
        "None": b"N.",
        "an empty dictionary": b"}.",
    }
    return made | {f"file, {name}": data for name, data in heads.items()}


def damaged():
    """An honest file with what must not be in it, or cut off."""
    made = {f"weights of {value}": w.file(w.Net(bad=value)) for value in (float("nan"), float("inf"), -float("inf"))}
    whole = w.file()
    made |= {f"cut off at {n} of 16": whole[: len(whole) * n // 16] for n in range(1, 16)}
    parts = w.stylegan2()
    made["a part with a hostile name"] = pickled(
        {"G_ema": w.module("Generator", {"mapping": parts, "../../x\x1b[2J": parts})}
    )
    made["a parameter that is a list"] = pickled({"G_ema": w.module("Generator", (), {"a": [1, 2]})})
    made["parts that are a list"] = pickled({"G_ema": w.module("Generator", _modules=[1, 2])})
    made["a generator of text"] = pickled({"G_ema": "generator"})
    made["a class without a name"] = pickled({"G_ema": w.module(None)})
    return made


def flipped(count, seed=0):
    """An honest file with a few bytes changed at random, `count` times."""
    whole, dice = w.file(), np.random.default_rng(seed)
    for _ in range(count):
        data = bytearray(whole)
        for at in dice.integers(len(whole), size=int(dice.integers(1, 9))):
            data[at] = dice.integers(256)
        yield bytes(data)


def corpus(canary):
    """All of them by name."""
    p = Payload(Path(canary))
    return live(p) | nested(p) | sources(p) | zips(p) | bombs() | shapes() | odd(p) | damaged()


def main(folder):
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    for i, data in enumerate(corpus(target / "canary").values()):
        (target / f"{i:03}.pkl").write_bytes(data)


if __name__ == "__main__":
    main(*sys.argv[1:])
