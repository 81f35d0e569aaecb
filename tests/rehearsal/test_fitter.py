"""The fitter: a fit comes back in a letter, every trouble as a sentence, and it is quiet beside a show."""

from contextlib import closing
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from livegan.clock import SystemClock
from livegan.letters import Letter, pack, unpack
from livegan.mapping import fitted
from livegan.mapping.examples import FILE, Examples
from livegan.mapping.fit import fit
from livegan.mapping.mapping import Mapping
from livegan.rehearsal.fitter import BETWEEN, fitted_letter, one_thread
from livegan.show.clerk import Clerk
from livegan.show.desk import Desk
from tests.fakes import FakeClock
from tests.mapping.teaching import NUM_WS, POSES, W_DIM, teach
from tests.shows import wait_for


def asked(folder: Path, **words: object) -> Letter:
    with Examples.read_only(folder / FILE) as examples:
        version = examples.version
    return Letter({"folder": str(folder), "version": version, "model": None, "names": []} | words)


def test_the_fit_comes_back_as_the_file_that_would_have_been_written(tmp_path):
    folder = teach(tmp_path / "dance")
    letter = asked(folder)
    answer = unpack(pack(fitted_letter(letter)))
    assert not (folder / fitted.FILE).exists()
    assert (
        answer.words.items() >= {"done": True, "stale": False, "error": "", "version": letter.words["version"]}.items()
    )
    mapping = Mapping.of("dance", fitted.unpacked(answer.arrays["fit"].tobytes(), folder / fitted.FILE))
    assert [mapping(pose).argmax() for pose in POSES] == [0, 1, 2, 3]
    report = fit(folder)
    assert answer.words["report"] == unpack(pack(Letter(asdict(report)))).words
    assert (folder / fitted.FILE).read_bytes() == answer.arrays["fit"].tobytes()


def test_the_w_of_the_looks_come_with_the_letter(tmp_path):
    folder = teach(tmp_path / "dance", POSES[:2], outputs="w")
    w = [np.full((NUM_WS, W_DIM), value, np.float32) for value in (1, 2)]
    letter = Letter(asked(folder, names=["look 1", "look 0"]).words, {"w.0": w[1], "w.1": w[0]})
    answer = fitted_letter(letter)
    mapping = Mapping.of("dance", fitted.unpacked(answer.arrays["fit"].tobytes(), folder))
    np.testing.assert_allclose(mapping(POSES[0]), w[0][0], atol=0.05)
    np.testing.assert_allclose(mapping(POSES[1]), w[1][0], atol=0.05)


def test_examples_that_have_changed_are_not_fitted(tmp_path):
    folder = teach(tmp_path / "dance")
    letter = asked(folder)
    with Examples.open(folder / FILE) as examples:
        examples.keep(1, False)
    answer = fitted_letter(letter)
    assert answer.words["stale"]
    assert answer.words["done"]
    assert not answer.arrays


def test_every_trouble_is_one_sentence_and_no_fit(tmp_path):
    folder = teach(tmp_path / "dance", outputs="w")
    for letter, said in (
        (asked(folder), 'the w of the look "look 0" comes from its model'),
        (asked(folder, model="rbf"), 'w are fitted by "ridge"'),
        (asked(folder, names=["look 0"]), "dance could not be fitted (KeyError: 'w.0')"),
        (Letter({"folder": str(tmp_path / "none"), "version": ""}), "there is no mapping in"),
    ):
        answer = fitted_letter(letter)
        assert answer.words["done"]
        assert said in answer.words["error"]
        assert "\n" not in answer.words["error"]
        assert not answer.arrays


@pytest.mark.parametrize(("step", "count"), [(1.1 * BETWEEN, 4), (0.55 * BETWEEN, 2)])
def test_how_far_it_is_is_told_not_too_often_and_how_long_it_takes(tmp_path, step, count):
    class Passing(FakeClock):
        def now(self):
            self.time += step
            return self.time

    folder, told = teach(tmp_path / "dance"), []
    with Examples.open(folder / FILE) as examples:
        for look, pose in enumerate(POSES, 1):
            examples.add(examples.begin_round(look), pose)
    fitted_letter(asked(folder), told.append, Passing())
    words = [letter.words for letter in told]
    assert len(words) == count
    assert [one["share"] for one in words] == sorted({one["share"] for one in words})
    assert all(not one["done"] and 0 < one["share"] < 1 for one in words)
    lefts = [one["left"] for one in words]
    assert all(0 < left < 60 for left in lefts)
    assert lefts == sorted(lefts, reverse=True)


def fit_quietly(desk: Desk) -> None:
    """A clerk's child; its answers also say how many threads its BLAS has."""
    one_thread()
    for letters in desk.letters():
        for number, letter in letters:
            answer = fitted_letter(letter, lambda words, number=number: desk.answer(number, words))
            desk.answer(number, Letter(answer.words | {"threads": threads()}, answer.arrays))


def threads() -> list[int]:
    """Of the BLAS behind numpy, as an independent library counts them."""
    return [one["num_threads"] for one in threadpool_info() if "numpy" in one["filepath"]]


def test_a_child_fits_with_one_thread(tmp_path):
    folder, answers = teach(tmp_path / "dance"), []
    with closing(Clerk("fitter", fit_quietly, SystemClock(), low_priority=True)) as clerk:
        clerk.ask(asked(folder), answers.append)
        wait_for(lambda: answers and answers[-1].words["done"], 60)
    words = answers[-1].words
    assert words["error"] == ""
    assert words["threads"] == [1]
    assert len(answers[-1].arrays["fit"]) > 1000
