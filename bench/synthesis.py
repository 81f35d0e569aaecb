"""How long a picture of `skies` takes: the fast path beside the plain one, in turn, in one run.

.venv/bin/python bench/synthesis.py [THREADS]
"""

import sys
import time

import numpy as np

from livegan import files
from livegan.generators.stylegan2 import StyleGAN2
from livegan.latent.look import Look, seeded_z

ROUNDS = 40


def main() -> None:
    threads = int(sys.argv[1]) if len(sys.argv) > 1 else None
    generator = StyleGAN2(StyleGAN2.Settings(threads=threads), files.bundled("models") / "skies.safetensors")
    looks = [Look(w, psi=0.8) for w in generator.w(np.stack([seeded_z(seed, 512) for seed in range(ROUNDS)]))]
    fast, plain, noise = [], [], []
    for look in looks:
        began = time.perf_counter()
        pixels = generator.start(look).pixels
        middle = time.perf_counter()
        exact = generator.images([look])[0].transpose(1, 2, 0)
        fast.append(middle - began)
        plain.append(time.perf_counter() - middle)
        noise.append(np.mean((np.clip(exact * 127.5 + 127.5, 0, 255) - pixels) ** 2))
    ratio = np.percentile(np.array(plain[5:]) / np.array(fast[5:]), 25)
    print(f"fast {1e3 * np.median(fast[5:]):.1f} ms, plain {1e3 * np.median(plain[5:]):.1f} ms a picture")
    print(f"plain / fast, lower quartile of pairs: {ratio:.2f}")
    print(f"fast against plain: {10 * np.log10(255**2 / np.max(noise)):.1f} dB at worst")


if __name__ == "__main__":
    main()
