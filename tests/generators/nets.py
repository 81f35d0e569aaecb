"""Random StyleGAN2 models of any kind and size, for what no model of tests/data has."""

import numpy as np

from livegan.generators.weights import Model


def random_net(base: int = 512, most: int = 16, w_dim: int = 8, start: tuple[int, int] = (4, 4), **config) -> Model:
    """A model whose blocks have base / px channels, `most` at the most; config: as in a file, 32 px if it says none."""
    about = {"img_resolution": 32, "img_channels": 3, "architecture": "skip", "use_noise": True} | config
    about |= {"z_dim": w_dim, "w_dim": w_dim, "start": start, "mapping": {"num_layers": 1}}
    dice, shown = np.random.default_rng(5), about["img_channels"]
    blocks = [2**power for power in range(2, about["img_resolution"].bit_length())]
    wide = {block: min(base // block, most) for block in blocks}
    shapes = {"mapping.w_avg": (w_dim,), "synthesis.b4.const": (wide[4], *start)}
    shapes |= _layer("mapping.fc0", (w_dim, w_dim))
    for block in blocks:
        name, before = f"synthesis.b{block}", wide.get(block // 2, 0)
        for conv, inside in [("conv0", before), ("conv1", wide[block])][block == 4 :]:
            shapes |= _styled(f"{name}.{conv}", (wide[block], inside, 3, 3), w_dim)
            shapes[f"{name}.{conv}.noise_const"] = tuple(side * block // 4 for side in start)
            shapes[f"{name}.{conv}.noise_strength"] = ()
        if about["architecture"] == "skip" or block == blocks[-1]:
            shapes |= _styled(f"{name}.torgb", (shown, wide[block], 1, 1), w_dim)
        if about["architecture"] == "resnet" and before:
            shapes[f"{name}.skip.weight"] = (wide[block], before, 1, 1)
    return Model("random", "stylegan2", about, {name: _drawn(name, shape, dice) for name, shape in shapes.items()}, "")


def _layer(name: str, shape: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": shape, f"{name}.bias": shape[:1]}


def _styled(name: str, shape: tuple[int, ...], w_dim: int) -> dict[str, tuple[int, ...]]:
    return _layer(name, shape) | _layer(f"{name}.affine", (shape[1], w_dim))


def _drawn(name: str, shape: tuple[int, ...], dice: np.random.Generator) -> np.ndarray:
    """Spread as a net's numbers are before it learns, with more noise and bias, so that they can be seen."""
    drawn = dice.standard_normal(shape)
    if name.endswith("affine.bias"):
        drawn = 0.3 * drawn + 1
    elif name.endswith(("noise_strength", "bias")):
        drawn = 0.2 * drawn
    return np.asarray(drawn, np.float32)
