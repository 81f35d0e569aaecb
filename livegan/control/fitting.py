"""The command `livegan fit`: fit a mapping's folder to its examples, in this process of its own."""

import os
from collections.abc import Callable, Iterator

from livegan import files, patch
from livegan.latent.directions import pca_count
from livegan.mapping.fit import fit as fit_folder
from livegan.mapping.mapping import read_settings
from livegan.mapping.report import FitReport
from livegan.rehearsal.fitter import one_thread

Say = Callable[[str], None]


def fit(name: str, model: str | None, generator: str, say: Say) -> None:
    """Fit mappings/NAME and tell how well. Raises BadRequest or Failure in one sentence."""
    folder = files.find("mappings", name)
    if hasattr(os, "nice"):
        os.nice(10)
    one_thread()
    outputs = read_settings(folder).outputs
    if isinstance(outputs, list):
        report = fit_folder(folder, model=model)
    else:
        found = files.find("models", generator, suffix=".safetensors")
        kind = patch.load_class("generators", patch.architecture(found))
        drawn = kind(kind.Settings(), found)
        directions = drawn.directions if pca_count(outputs) else None
        report = fit_folder(folder, model=model, w_of=drawn.w, z_dim=drawn.info.z_dim, directions=directions)
    for line in _told(name, report):
        say(line)


def _told(name: str, report: FitReport) -> Iterator[str]:
    counts = ", ".join(f"{look} {count}" for look, count in report.counts.items())
    fitted = f"{report.model} fitted to {report.examples} examples{f' ({counts})' if counts else ''}"
    yield f"{name}: {fitted}; it misses them by {report.error:.1%}"
    yield from (f"  {line}" for line in report.missed())
    yield from report.warnings
