"""Draws docs/pictures/bending.jpg: one look of skies, bent in five ways, a little more in each column.

python -m docs.make.bending
"""

from pathlib import Path

import numpy as np
from PIL import Image

from livegan import patch
from livegan.files import bundled
from livegan.latent.look import Look, seeded_z

ROWS = [
    ({"layer": 4, "do": "rotate", "channels": 0.5}, (0.0, 0.4, 0.8, 1.6, 3.1)),
    ({"layer": 2, "do": "translate_x", "channels": 0.6}, (0.0, 0.15, 0.3, 0.45, 0.6)),
    ({"layer": 3, "do": "scale"}, (1.0, 0.7, 0.45, 0.3, 0.2)),
    ({"layer": 3, "do": "threshold", "channels": 0.5, "seed": 2}, (0.0, 0.2, 0.7, 1.2, 1.8)),
    ({"layer": 2, "do": "ablate", "channels": 0.6, "seed": 1}, (0.0, 0.25, 0.5, 0.75, 1.0)),
]
SEED, SIDE = 21, 160


def main() -> None:
    rows = []
    for table, amounts in ROWS:
        one = patch.part("generators", "stylegan2", {"bend": {"it": table}}, "docs")
        generator = one.type(one.settings, bundled("models") / "skies.safetensors")
        w = generator.w(seeded_z(SEED, generator.info.z_dim)[None])[0]
        drawn = [np.array(generator.start(Look(w, psi=0.8, numbers={"it": amount})).pixels) for amount in amounts]
        rows.append(np.concatenate([np.asarray(Image.fromarray(p).resize((SIDE, SIDE))) for p in drawn], axis=1))
    Image.fromarray(np.concatenate(rows)).save(Path("docs/pictures/bending.jpg"), quality=84)


if __name__ == "__main__":
    main()
