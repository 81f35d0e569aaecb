"""Fits a mapping as a letter asks, in a process of its own beside a show.

It reads the examples and writes nothing: the fit goes back in the answer.
"""

import contextlib
import ctypes
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.linalg import _umath_linalg

from livegan.clock import Clock, SystemClock
from livegan.errors import LiveganError
from livegan.latent.directions import Directions
from livegan.letters import Letter
from livegan.mapping.fit import Progress, before_of, fitted_to, taught_in

BETWEEN = 0.2
"""Seconds between two answers about how far a fit is, at least."""

# What OpenBLAS, as numpy brings it or as systems install it, and MKL call the same function.
_SETTERS = (
    "scipy_openblas_set_num_threads64_",
    "scipy_openblas_set_num_threads",
    "openblas_set_num_threads64_",
    "openblas_set_num_threads",
    "MKL_Set_Num_Threads",
)

Hear = Callable[[Letter], None]


def fitted_letter(letter: Letter, hear: Hear = lambda _: None, clock: Clock | None = None) -> Letter:
    """The last answer to {"folder", "version", "model", "names"} and the w of the named looks, arrays "w.0", "w.1"...

    The version None stands for whatever examples there are. A word "z_dim" may be there for mappings to z and looks
    known by their seed only, and for mappings along principal directions these, as arrays "pca.mean" and "pca.steps".
    hear: gets {"done": False, "share": 0..1, "left": seconds} on the way. The answer says whether it is "stale" (the
    examples are not those of the version), "error" (a sentence or ""), "version", "report"; its array "fit" is the
    file.
    """
    folder = Path(letter.words["folder"])
    try:
        return _fitted(folder, letter, _telling(hear, clock or SystemClock()))
    except LiveganError as error:
        return _answer(letter, error=str(error))
    except Exception as error:  # whatever is in the examples: the next letter is to be fitted all the same
        why = " ".join(f"{type(error).__name__}: {error}".split())
        return _answer(letter, error=f"the mapping {folder.name} could not be fitted ({why}): undo the last round")


def _fitted(folder: Path, letter: Letter, progress: Progress) -> Letter:
    words = letter.words
    taught, settings = taught_in(folder, words.get("model"))
    if words["version"] not in (None, taught.version):
        return _answer(letter, stale=True)
    looks_w = {name: letter.arrays[f"w.{index}"] for index, name in enumerate(words.get("names", ()))}
    pca = [letter.arrays[name] for name in ("pca.mean", "pca.steps") if name in letter.arrays]
    data, report = fitted_to(
        taught,
        settings,
        folder.name,
        looks_w=looks_w,
        z_dim=words.get("z_dim"),
        directions=Directions(*pca) if pca else None,
        before=before_of(folder, settings),
        progress=progress,
    )
    return _answer(letter, data, report=asdict(report))


def _answer(
    letter: Letter, data: bytes = b"", stale: bool = False, error: str = "", report: dict[str, Any] | None = None
) -> Letter:
    words = {"done": True, "stale": stale, "error": error, "version": letter.words["version"], "report": report or {}}
    return Letter(words, {"fit": np.frombuffer(data, np.uint8)} if data else {})


def _telling(hear: Hear, clock: Clock) -> Progress:
    """Tells of a share that is done, but not all the time."""
    begun = said = clock.now()

    def progress(share: float) -> None:
        nonlocal said
        now = clock.now()
        if 0 < share < 1 and now - said >= BETWEEN:
            said = now
            hear(Letter({"done": False, "share": share, "left": (now - begun) * (1 - share) / share}))

    return progress


def one_thread() -> None:
    """Have the BLAS behind numpy use one thread in this process.

    It reads its environment when it is loaded, and a spawned child has loaded numpy before it can know what for.
    """
    package = Path(np.__file__).parent
    bundled = [*package.parent.glob("numpy.libs/*openblas*"), *package.glob(".dylibs/*openblas*")]
    for place in (_umath_linalg.__file__, *bundled):
        # All are loaded already, this only finds them; the first knows the others, but not on Windows.
        with contextlib.suppress(OSError):
            library = ctypes.CDLL(str(place))
            for name in _SETTERS:
                with contextlib.suppress(AttributeError):
                    getattr(library, name)(1)
