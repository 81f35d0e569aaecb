"""The command `livegan fit`: fit a mapping's folder to its examples, in this process of its own."""

import os
from collections.abc import Callable

from livegan import files, patch
from livegan.mapping.fit import fit as fit_folder

Say = Callable[[str], None]


def fit(name: str, model: str | None, generator: str, say: Say) -> None:
    """Fit mappings/NAME and tell how well. Raises BadRequest or Failure in one sentence."""
    folder = files.find("mappings", name)
    if hasattr(os, "nice"):
        os.nice(10)
    found = files.find("models", generator, suffix=".safetensors")
    kind = patch.load_class("generators", patch.architecture(found))
    drawn = kind(kind.Settings(), found)
    report = fit_folder(folder, model=model, w_of=drawn.w, z_dim=drawn.info.z_dim)
    counts = ", ".join(f"{look} {count}" for look, count in report.counts.items())
    say(f"{name}: {report.model} fitted to {report.examples} examples ({counts}); it misses them by {report.error:.1%}")
    for warning in report.warnings:
        say(warning)
