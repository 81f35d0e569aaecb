"""What takes long, in a process of its own with low priority: fitting, a performer's lag, the page of a check.

Reads a mapping's folder and writes nothing.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from livegan.clock import Clock, SystemClock
from livegan.errors import LiveganError
from livegan.frame import Feature
from livegan.letters import Letter
from livegan.mapping import lag
from livegan.mapping.examples import FILE, Examples
from livegan.mapping.mapping import Mapping
from livegan.mapping.review import Watched, review
from livegan.rehearsal import page
from livegan.rehearsal.fitter import fitted_letter, one_thread
from livegan.rehearsal.path import Path as LooksPath
from livegan.show.desk import Desk

Hear = Callable[[Letter], None]


def work(desk: Desk) -> None:
    """Carry out letters until the parent has gone; the clerk's child."""
    one_thread()
    clock = SystemClock()
    for letters in desk.letters():
        for number, letter in letters:
            desk.answer(number, studied(letter, partial(desk.answer, number), clock))


def studied(letter: Letter, hear: Hear, clock: Clock) -> Letter:
    """The last answer to a letter, whose words["error"] is "" or a sentence; `hear` gets those on the way."""
    try:
        if letter.words["do"] == "fit":
            return fitted_letter(letter, hear, clock)
        return {"lag": _lag, "check": _check}[letter.words["do"]](letter)
    except LiveganError as error:
        return Letter({"done": True, "error": str(error)})
    except Exception as error:  # whatever was seen: the next letter is carried out all the same
        return Letter({"done": True, "error": f"this could not be worked out ({type(error).__name__}: {error})"})


def _lag(letter: Letter) -> Letter:
    """path (JSON), features, arrays times, rows: how far a performer was behind the path."""
    path = LooksPath.from_json(letter.words["path"])
    features = [Feature(**feature) for feature in letter.words["features"]]
    found = lag.estimate(letter.arrays["times"], letter.arrays["rows"], features, path.weights)
    return Letter({"done": True, "error": "", "seconds": float(found.seconds), "clear": bool(found.clear)})


def _check(letter: Letter) -> Letter:
    """folder, names (of all features of the show), colours, title, arrays times, values, known, latency: a page."""
    words, folder = letter.words, Path(letter.words["folder"])
    with Examples.read_only(folder / FILE) as examples:
        taught = examples.read()
    mapping = Mapping.load(folder).bind(words["names"])
    places = [[feature.name for feature in taught.features].index(name) for name in mapping.features]
    features = [taught.features[place] for place in places]
    watched = _watched(letter, mapping)
    looks, targets = _targets(mapping)
    found = review(watched, looks, features, taught.rows[:, places], mapping.model.predict, targets)
    figure = page.figure_of(words["names"], letter.arrays["values"][found.unknown.row]) if found.unknown else []
    colours = {name: tuple(colour) for name, colour in words["colours"].items()}
    png = page.page(words["title"], found, watched, colours, figure)
    return Letter({"done": True, "error": "", "text": found.as_text()}, {"page": np.frombuffer(png, np.uint8)})


def _watched(letter: Letter, mapping: Mapping) -> Watched:
    arrays = letter.arrays
    nobody = np.isnan(arrays["known"])
    own = np.where(nobody[:, None], np.nan, arrays["values"][:, mapping.places]).astype(np.float32)
    outputs = np.array([mapping(row) for row in arrays["values"]])
    return Watched(arrays["times"], own, outputs, np.nan_to_num(arrays["known"]), arrays["latency"])


def _targets(mapping: Mapping) -> tuple[list[str], np.ndarray | None]:
    """Names of what a mapping can make, and the outputs that make each; None when the outputs are their weights."""
    names = [look.name for look in mapping.looks]
    if mapping.outputs == "anchors":
        return names, None
    if mapping.outputs == "w" and names and all(look.w is not None for look in mapping.looks):
        layered = mapping.model.size > mapping.looks[0].w.shape[1]
        return names, np.stack([look.w.reshape(-1) if layered else look.w[0] for look in mapping.looks])
    return [f"output {place}" for place in range(1, mapping.model.size + 1)], None
