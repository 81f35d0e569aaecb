"""The scribe: a clerk that writes what is taught, kept and recorded, in a process of its own.

What it has answered is on disk. Every letter may be carried out twice and changes nothing the second time; one that
fails is answered with a sentence, leaves what was there before, and never stops the next.
"""

import os
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from livegan.errors import BadRequest, Failure, LiveganError
from livegan.files import sync_folder, write_atomic
from livegan.frame import Feature
from livegan.letters import Letter
from livegan.mapping import mapping
from livegan.mapping.editing import Edit, edit
from livegan.mapping.examples import FILE, Examples
from livegan.mapping.taught import TaughtLook
from livegan.rehearsal.journal import Journal
from livegan.show.desk import Desk

Words = dict[str, Any]


def work(desk: Desk) -> None:
    """Carry out letters until the parent has gone; the clerk's child."""
    with closing(Scribe()) as scribe:
        for batch in desk.letters():
            numbers = iter([number for number, _ in batch])
            for run in runs([letter for _, letter in batch]):
                for answer in scribe.carry_out(run):
                    desk.answer(next(numbers), answer)


def runs(letters: Sequence[Letter]) -> list[list[Letter]]:
    """Letters in their order; those that one look at the disk is enough for, rows of one mapping, are together."""
    found: list[list[Letter]] = []
    for letter in letters:
        before = found[-1][-1].words if found else {}
        together = letter.words.get("do") == before.get("do") == "rows"
        if together and letter.words.get("folder") == before.get("folder"):
            found[-1].append(letter)
        else:
            found.append([letter])
    return found


class Scribe:
    """Carries out letters; holds the examples open that it was asked to write."""

    def __init__(self) -> None:
        self._held: dict[Path, tuple[Examples, os.stat_result]] = {}
        self._journals: dict[Path, Journal] = {}
        self._does: dict[str, Callable[[Letter], Words]] = {
            "begin": self._begin,
            "look": self._look,
            "round": self._round,
            "keep": self._keep,
            "edit": self._edit,
            "file": self._file,
            "frames": self._frames,
            "take": self._take,
        }

    def carry_out(self, letters: Sequence[Letter]) -> list[Letter]:
        """Carry out letters in their order; gives an answer for each, all with words["done"] true.

        words["error"] is "" or a sentence. Letters are those that `do` begin, look, round, rows, keep, edit,
        file, frames or take; see the functions here.
        """
        return [answer for run in runs(letters) for answer in self._carried_out(run)]

    def close(self) -> None:
        """Close the examples."""
        for folder in [*self._held]:
            self._forget(folder)

    def _carried_out(self, run: list[Letter]) -> list[Letter]:
        do = run[0].words.get("do")
        try:
            if do == "rows":
                return [_answer(words) for words in self._rows(run)]
            return [_answer(self._does[do](run[0]))]
        except Exception as error:
            if len(run) > 1 and not isinstance(error, Failure):  # one of them spoils it: each by itself
                return [answer for letter in run for answer in self._carried_out([letter])]
            if not isinstance(error, BadRequest):
                # What was opened while a disk was full or could not be written to may stay so.
                self._forget(Path(run[0].words.get("folder", "")))
            told = str(error) if isinstance(error, LiveganError) else f'the scribe could not do "{do}" ({error!r})'
            return [_answer({}, told)] * len(run)

    def _begin(self, letter: Letter) -> Words:
        """folder, settings (of mapping.toml), features [{name, kind, unit}]: begin a mapping, or go on with it."""
        folder = Path(letter.words["folder"])
        features = [Feature(**feature) for feature in letter.words["features"]]
        self._forget(folder)
        _make(folder)
        examples = self._open(folder, features)
        if not (folder / mapping.FILE).is_file():
            mapping.write_settings(folder, mapping.MappingSettings.model_validate(letter.words["settings"]))
        _refuse_others(folder, features)
        rounds = examples.rounds()
        last = max((one.id for one in rounds), default=0)
        looks, told = [*examples.looks()], [asdict(one) for one in rounds]
        return {"version": examples.version, "next_round": last + 1, "looks": looks, "rounds": told}

    def _look(self, letter: Letter) -> Words:
        """folder, name, seed, psi, model, arrays z, w: add a look; gives the name under which it is stored."""
        words, arrays = letter.words, letter.arrays
        look = TaughtLook(words["name"], words["seed"], arrays.get("z"), arrays.get("w"), words["psi"], words["model"])
        examples = self._opened(letter)
        return {"look": examples.store_look(look), "looks": [*examples.looks()]}

    def _round(self, letter: Letter) -> Words:
        """folder, round (the id it gets), look (a stored name, or None): begin a round."""
        examples, name = self._opened(letter), letter.words["look"]
        looks = {None: None} | examples.looks()
        if name not in looks:
            raise BadRequest(f'{examples.path} has no look "{name}" to teach: keep it first')
        examples.begin_round(looks[name], letter.words["round"])
        return {"version": examples.version}

    def _rows(self, letters: list[Letter]) -> list[Words]:
        """folder, round, first, arrays rows [N, F], outputs [N, O]: add rows number first to first + N - 1."""
        examples = self._opened(letters[0])
        with examples.together():
            for letter in letters:
                rows, outputs = letter.arrays["rows"], letter.arrays.get("outputs")
                examples.add(letter.words["round"], rows, outputs, letter.words["first"])
        version, counts = examples.version, {one.id: one.count for one in examples.rounds()}
        return [{"version": version, "count": counts[letter.words["round"]]} for letter in letters]

    def _keep(self, letter: Letter) -> Words:
        """folder, rounds (ids), kept: leave rounds out, or take them back."""
        examples = self._opened(letter)
        with examples.together():
            for round_id in letter.words["rounds"]:
                examples.keep(round_id, letter.words["kept"])
        return {"version": examples.version}

    def _edit(self, letter: Letter) -> Words:
        """folder, round, new (the id it gets), edit, outputs (names): a changed round in place of another."""
        words, examples = letter.words, self._opened(letter)
        made = edit(examples, words["outputs"], words["round"], words["new"], Edit.model_validate(words["edit"]))
        look, rows, _ = examples.of_round(made)
        return {"version": examples.version, "look": look, "count": len(rows)}

    def _file(self, letter: Letter) -> Words:
        """root, path (inside it), array data uint8: write a file whole."""
        data = letter.arrays["data"]
        if data.dtype != np.uint8:
            raise BadRequest(f'the file "{letter.words["path"]}" is not written: it came as {data.dtype}, not as bytes')
        place = _place(letter)
        _make(place.parent)
        write_atomic(place, data.tobytes())
        return {}

    def _frames(self, letter: Letter) -> Words:
        """root, path, first, arrays data, seen, present, cut: add frames number first and on to a take."""
        _make(_place(letter).parent)
        self._journal(letter).add(letter.words["first"], letter.arrays)
        return {}

    def _take(self, letter: Letter) -> Words:
        """root, path, features: make a take of all its frames."""
        journal = self._journal(letter)
        journal.become_take([Feature(**feature) for feature in letter.words["features"]])
        del self._journals[_place(letter)]
        return {}

    def _journal(self, letter: Letter) -> Journal:
        place = _place(letter)
        if place not in self._journals:
            self._journals[place] = Journal(place)
        return self._journals[place]

    def _opened(self, letter: Letter) -> Examples:
        """The examples in the letter's folder; opened anew when another file has taken the place of the one we know."""
        folder = Path(letter.words["folder"])
        path = folder / FILE
        if folder in self._held and not (path.is_file() and os.path.samestat(path.stat(), self._held[folder][1])):
            self._forget(folder)
        return self._held[folder][0] if folder in self._held else self._open(folder)

    def _open(self, folder: Path, features: Sequence[Feature] | None = None) -> Examples:
        examples = Examples.open(folder / FILE, features)
        self._held[folder] = examples, examples.path.stat()
        return examples

    def _forget(self, folder: Path) -> None:
        if folder in self._held:
            self._held.pop(folder)[0].close()


def _answer(words: Words, error: str = "") -> Letter:
    return Letter({"done": True, "error": error, **words})


def _refuse_others(folder: Path, features: Sequence[Feature]) -> None:
    """Raise BadRequest unless mapping.toml can be read and asks for features that the examples have."""
    there = {feature.name for feature in features}
    if others := [name for name in mapping.read_settings(folder).features if name not in there]:
        raise BadRequest(
            f"{folder / mapping.FILE} asks for {others[0]}, which is not among the {len(there)} features that are "
            "taught: use the inputs it was begun with, or begin another mapping"
        )


def _place(letter: Letter) -> Path:
    """Where the letter's file is to be. Raises BadRequest unless that lies inside its root, links followed."""
    root, path = Path(letter.words["root"]).resolve(), Path(letter.words["path"])
    place = (root / path).resolve()
    if ".." in path.parts or path.is_absolute() or place == root or not place.is_relative_to(root):
        raise BadRequest(f'"{path}" is not written: a file inside {root} is wanted')
    return place


def _make(folder: Path) -> None:
    """Make a folder and those above it, on disk when this returns. Raises Failure."""
    missing = [one for one in (folder, *folder.parents) if not one.is_dir()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for one in missing:
            sync_folder(one.parent)
    except OSError as error:
        raise Failure(f"the folder {folder} could not be made: {error.strerror}") from error
