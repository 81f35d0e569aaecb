"""A model made ready beside a whole show, and put on stage: real processes, real OpenGL, real weights."""

from itertools import pairwise

import numpy as np
import pytest

from livegan.errors import BadRequest
from livegan.show.fade import LASTS
from livegan.show.model import located, made_ready, replanned
from tests.generators.models import path_of
from tests.shows import STEADY, Kept, play, show_of

FEATURES = ", ".join(f"f{place} = 0.{place}" for place in range(16))
DIRECT = '\n[mapping.z]\nfeatures = "body"\noutputs = "{}"\n'
SMALL = path_of("stylegan2-ada-64")


class Tap:
    """Keeps what it was given."""

    dropped = 0

    def __init__(self) -> None:
        self.taken = []

    def take(self, picture: np.ndarray, at: float) -> None:
        self.taken.append(picture.copy())

    def close(self) -> None:
        """Nothing to finish."""


def shown(folder, text: str):
    path = folder / "show.toml"
    path.write_text(text)
    return path


def test_the_pictures_fade_over_for_eyes_and_taps_alike(tmp_path):
    stage, tap, gone = Kept(), Tap(), []
    with show_of(shown(tmp_path, STEADY), stage) as one:
        show = one.show
        show.taps = (tap,)
        ready = made_ready(show.wires, show.feeds, replanned(one.plan, "sea", SMALL))
        before = show.generator
        before.close = lambda: gone.append(show.meters.frames)
        play(one, lambda: show.meters.frames >= 20)
        show.commands.put(lambda running: running.exchange(ready))
        begun = len(tap.taken)
        count = begun + round(2 * LASTS / show._base)
        play(one, lambda: len(tap.taken) > count)
    assert len(gone) == 1
    assert show.generator is ready.generator
    assert [picture.shape for picture in tap.taken[-2:]] == [(64, 64, 3)] * 2
    way = np.abs(tap.taken[-1].astype(float) - tap.taken[begun - 1]).mean()
    steps = [np.abs(b.astype(float) - a).mean() for a, b in pairwise(tap.taken[begun - 1 :])]
    assert way > 10
    assert max(steps) < 0.35 * way
    for (_, seen), taken in zip(stage.shown[-count:], tap.taken[-count:], strict=True):
        assert np.abs(seen.astype(int) - taken).max() <= 2


def test_a_mapping_that_cannot_play_in_it_refuses_the_model_in_one_sentence(tmp_path):
    body = STEADY.replace("rate = 60\n", f"rate = 60\nfeatures = {{ {FEATURES} }}\n")
    with show_of(shown(tmp_path, body + DIRECT.format("z"))) as one:
        with pytest.raises(BadRequest, match="16 numbers for z, the model stylegan2-ada-64 takes 64"):
            made_ready(one.show.wires, one.show.feeds, replanned(one.plan, "sea", SMALL))
        play(one, lambda: one.show.meters.frames >= 3)
        assert one.show.generator.info.name == "pattern"


def test_a_mapping_swapped_meanwhile_gets_a_route_of_its_own(tmp_path):
    text = STEADY.replace("rate = 60\n", "rate = 60\nfeatures = { psi = 0.5 }\n")
    text += '\n[mapping.psi]\nfeatures = "body"\noutputs = ["psi"]\n'
    with show_of(shown(tmp_path, text)) as one:
        show = one.show
        ready = made_ready(show.wires, show.feeds, replanned(one.plan, "sea", SMALL))
        assert ready.at_work(show.wires, show.feeds).routes == ready.routes
        show.wires[0].swap(None)
        assert ready.at_work(show.wires, show.feeds).routes == (None,)
        ready.generator.close()


def test_the_settings_that_both_kinds_have_are_kept(tmp_path):
    text = STEADY.replace("size = 64\n", "size = 64\npsi = 0.5\n", 1)
    with show_of(shown(tmp_path, text)) as one:
        plan = replanned(one.plan, "sea", SMALL)
        assert (plan.generator.kind, plan.generator.settings.psi) == ("stylegan2", 0.5)
        back = replanned(plan, "pattern", located("pattern"))
        assert (back.generator.kind, back.generator.settings.psi, back.model) == ("pattern", 0.5, None)
