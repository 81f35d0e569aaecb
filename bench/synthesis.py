"""How long a picture takes: the fast path beside the plain one, in turn, on this and on lesser processors.

    .venv/bin/python bench/synthesis.py [MODEL]

Each row of the table is a process of its own; the last is a net of twice the channels and random weights, whose noise
is heard. Exits with 1 where the fast path is slower than the plain one, or further from it than 45 dB. With a CUDA GPU
also its paths with random full-size nets, and whether device memory stays as it was over 10,000 pictures; exits with 1
where it does not.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from livegan import files
from livegan.control.benching import decibels, taken
from livegan.generators import weights
from livegan.generators.stylegan2_cpu import FastCpu, best_type
from livegan.generators.stylegan2_gpu import FastGpu
from livegan.generators.stylegan2_plain import Plain
from livegan.generators.weights import Model
from livegan.latent.look import seeded_z
from tests.generators.nets import random_net

ROUNDS, FAST, PLAIN = 16, 6, 3
LEAST_DB = 45
PICTURES = 10_000
AVX2 = {"ONEDNN_MAX_CPU_ISA": "AVX2", "ATEN_CPU_CAPABILITY": "avx2"}
BEST = str(best_type()).removeprefix("torch.")
CASES = [
    (name, type_, threads, lesser)
    for name, type_, lesser in [
        ("as chosen here", BEST, {}),
        ("float32", "float32", {}),
        ("float32, AVX2 only", "float32", AVX2),
    ]
    for threads in (1, 2)
]
TWICE = "twice the channels"


def timed(count: int, draw: Callable[[int], object]) -> float:
    """Median of `count` pictures, in ms; one more comes before, to warm the caches."""
    return 1e3 * float(np.median(taken(count, draw)))


@torch.inference_mode()
def measured(model: Model, type_: str, threads: int) -> dict[str, float]:
    """Quartiles over rounds of fast pictures and plain ones, in turn."""
    torch.set_num_threads(threads)
    plain = Plain(model)
    config, fast = plain.layout.config, FastCpu(plain, getattr(torch, type_))
    noise = plain.noise("const", 0, 1.0)
    fast.hear(noise)
    z = torch.from_numpy(np.stack([seeded_z(seed, config.z_dim) for seed in range(ROUNDS)]))
    looks = [plain.truncated(w.expand(plain.layout.num_ws, -1), 0.8, None) for w in plain.w(z)]
    rows, near = [], []
    for ws in looks:
        mine = timed(FAST, lambda _, ws=ws: fast.draw(ws))
        rows.append((mine, timed(PLAIN, lambda _, ws=ws: plain.picture(ws, noise))))
        near.append(decibels(plain.picture(ws, noise)[0].numpy(), fast.draw(ws).pixels))
    times = np.array(rows[1:])
    return {
        "fast": float(np.median(times[:, 0])),
        "plain": float(np.median(times[:, 1])),
        "ratio": float(np.percentile(times[:, 1] / times[:, 0], 25)),
        "decibels": min(near),
    }


@torch.inference_mode()
def on_gpu(size: int) -> bool:
    """Print a row for each path on the GPU; whether 10,000 pictures of the fast one took no more device memory."""
    gpu = torch.device("cuda:0")
    net = random_net(32768, 512, 512, img_resolution=size, conv_clamp=256)
    host = Plain(net)
    fast, plain = FastGpu(host, gpu), Plain(net, "cuda:0")
    noise, heard = plain.noise("const", 0, 1.0), host.noise("const", 0, 1.0)
    fast.hear(heard)
    looks = torch.randn(64, host.layout.num_ws, 512)
    there = looks.to(gpu)

    def by_the_book(turn: int) -> None:
        with torch.autocast("cuda", torch.float16, enabled=half):
            plain.picture(there[turn % 64], noise).cpu()

    _row(size, "cuda graph float16", taken(300, lambda turn: fast.draw(looks[turn % 64]).wait()))
    for half in (False, True):
        _row(size, f"plain float{16 if half else 32}", taken(100, by_the_book))
    before = torch.cuda.memory_allocated(), torch.cuda.memory_reserved()
    for turn in range(PICTURES):
        fast.draw(looks[turn % 64])
    torch.cuda.synchronize()
    same = (torch.cuda.memory_allocated(), torch.cuda.memory_reserved()) == before
    print(f"{size:5} px  device memory after {PICTURES:,} pictures: {'as before' if same else 'more'}", flush=True)
    return same


def _row(size: int, name: str, seconds: np.ndarray) -> None:
    median, late = np.percentile(1e3 * seconds, (50, 99))
    print(f"{size:5} px  {name:20} {median:8.2f} ms  p99 / median {late / median:5.2f}", flush=True)


def main() -> int:
    asked = files.find("models", sys.argv[1] if len(sys.argv) > 1 else "skies", None, ".safetensors")
    print(f"{'':20} {'type':>9} threads   fast ms  plain ms  plain / fast, lower quartile     dB", flush=True)
    bad = 0
    for name, type_, threads, lesser in [*CASES, (TWICE, BEST, 1, {})]:
        model = TWICE if name == TWICE else str(asked)
        command = [sys.executable, __file__, "--one", model, type_, str(threads)]
        answer = subprocess.run(command, env=os.environ | lesser, check=True, stdout=subprocess.PIPE).stdout
        row = json.loads(answer)
        print(
            f"{name:20} {type_:>9} {threads:7} {row['fast']:9.1f} {row['plain']:9.1f} {row['ratio']:29.2f} "
            f"{row['decibels']:6.1f}",
            flush=True,
        )
        bad += row["ratio"] < 1 or row["decibels"] < LEAST_DB
    sizes = (256, 512, 1024) if torch.cuda.is_available() else ()
    bad += sum(not on_gpu(size) for size in sizes)
    return int(bad > 0)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        twice = sys.argv[2] == TWICE
        one = random_net(8192, 256, 512, img_resolution=256) if twice else weights.load(Path(sys.argv[2]))
        print(json.dumps(measured(one, sys.argv[3], int(sys.argv[4]))))
    else:
        sys.exit(main())
