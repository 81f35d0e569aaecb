"""A model made ready beside a whole show, and put on stage: real processes, real OpenGL, real weights."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch

from livegan.errors import BadRequest
from livegan.generators import weights
from livegan.generators.stylegan2 import StyleGAN2
from livegan.show.fade import LASTS
from livegan.show.model import WARMING, located, made_ready, replanned
from tests.generators.models import begun, path_of
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


def test_it_is_made_ready_on_one_thread_and_those_that_draw_keep_theirs(monkeypatch, tmp_path):
    def started(self, look):
        used.append(torch.get_num_threads())
        return start(self, look)

    used, start = [], StyleGAN2.start
    monkeypatch.setattr(StyleGAN2, "start", started)
    with show_of(shown(tmp_path, STEADY)) as one, ThreadPoolExecutor(1) as drawing, ThreadPoolExecutor(1) as errands:
        drawing.submit(torch.set_num_threads, 3).result()
        before = drawing.submit(torch.get_num_threads).result()
        plan = replanned(one.plan, "sea", SMALL)
        settings = plan.generator.settings.model_copy(update={"threads": 2})
        plan = replace(plan, generator=replace(plan.generator, settings=settings))
        errands.submit(made_ready, one.show.wires, one.show.feeds, plan).result().generator.close()
        assert drawing.submit(torch.get_num_threads).result() == before
    assert used == [1] * (WARMING - 1) + [2]


def test_a_model_of_another_shape_comes_on_stage(tmp_path):
    stage, tap, wide = Kept(), Tap(), tmp_path / "wide.safetensors"
    weights.dump(wide, begun("stylegan2-ada-64", (3, 5)))
    with show_of(shown(tmp_path, STEADY), stage) as one:
        show = one.show
        show.taps = (tap,)
        ready = made_ready(show.wires, show.feeds, replanned(one.plan, "wide", wide))
        play(one, lambda: show.meters.frames >= 5)
        show.commands.put(lambda running: running.exchange(ready))
        count = len(stage.shown) + round(2 * LASTS / show._base)
        play(one, lambda: len(stage.shown) > count)
        assert show.meters.faults == 0
    seen = stage.shown[-1][1]
    assert tap.taken[-1].shape == (48, 80, 3)
    assert not seen[:12].any()  # the bars of a picture that is wider than the stage
    assert seen[32].any()
    assert not seen[-12:].any()


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
