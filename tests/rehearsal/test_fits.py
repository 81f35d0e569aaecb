"""Fits: of the newest examples only, kept by version, told when they fail, and dropped when they are stale."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from livegan.rehearsal.fits import Fits
from tests.rehearsal.clerks import Patient

FIT = {"fit": np.arange(4, dtype=np.uint8)}


class Desks:
    """Fits with patient clerks: what was told, and how often the watch was woken."""

    def __init__(self) -> None:
        self.rounds = SimpleNamespace(version="id:1", folder=Path("own"))
        self.fitter, self.scribe = Patient(), Patient()
        self.told, self.woken, self.model = [], [], "sha of skies"
        self.fits = Fits(
            self.rounds,
            self.fitter,
            self.scribe,
            lambda call: call(),
            lambda: self.woken.append(True),
            lambda report, error: self.told.append((report, error)),
            dict,
            lambda: None,
            lambda: self.model,
        )


@pytest.fixture
def desks():
    return Desks()


def test_a_fit_is_written_then_told_then_looked_for(desks):
    desks.fits.want()
    desks.fitter.answer(done=False, share=0.4, left=1.2)
    assert desks.fits.progress == ("fitting, 1 s left", 0.4)
    desks.fitter.answer(FIT, report={"model": "rbf"})
    assert (desks.fits.progress, desks.told) == (None, [])
    letter = desks.scribe.answer()
    assert letter.words == {"do": "file", "root": "own", "path": "fit.safetensors"}
    assert letter.arrays["data"].tobytes() == FIT["fit"].tobytes()
    assert (desks.told, desks.woken) == ([({"model": "rbf"}, "")], [True])


def test_a_fit_of_examples_that_have_changed_is_dropped(desks):
    desks.fits.want()
    desks.rounds.version = "id:2"
    desks.fitter.answer(FIT, report={})
    assert desks.scribe.asked == []


def test_what_was_fitted_before_is_there_at_once(desks):
    desks.fits.want()
    desks.fitter.answer(FIT, report={"first": True})
    desks.scribe.answer()
    desks.rounds.version = "id:2"
    desks.fits.want()
    desks.fitter.answer({"fit": FIT["fit"] + 1}, report={})
    desks.scribe.answer()
    desks.rounds.version = "id:1"
    desks.fits.want()
    assert desks.fitter.asked == []
    assert desks.scribe.answer().arrays["data"].tobytes() == FIT["fit"].tobytes()
    assert desks.told[-1] == ({"first": True}, "")


def test_a_failure_is_told_and_nothing_is_written(desks):
    desks.fits.want()
    desks.fitter.answer(error="too few examples")
    assert (desks.told, desks.scribe.asked) == ([({}, "too few examples")], [])


def test_the_fitter_that_read_too_late_is_asked_again(desks):
    desks.fits.want()
    desks.fitter.answer(stale=True)
    assert desks.fitter.does == ["fit"]


def test_cancelling_stops_the_fitter_once(desks):
    assert not desks.fits.cancel()
    desks.fits.want()
    assert desks.fits.cancel()
    assert (desks.fitter.dropped, desks.fits.progress) == (1, None)
    assert not desks.fits.cancel()


def test_looks_drawn_by_another_generator_are_fitted_anew(desks):
    desks.fits.want()
    desks.fitter.answer(FIT, report={})
    desks.model = "sha of another"
    desks.fits.want()
    assert desks.fitter.does == ["fit"]


def test_another_kind_of_model_is_another_fit(desks):
    desks.fits.want()
    desks.fitter.answer(FIT, report={})
    desks.fits.model = "ridge"
    desks.fits.want()
    assert desks.fitter.asked[0][0].words["model"] == "ridge"
