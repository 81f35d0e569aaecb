"""Which mask lies over which picture, and a show whose pictures are seen only where the body is."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livegan import patch
from livegan.errors import BadRequest
from livegan.frame import Frame
from livegan.ring import Arrival, Ring
from livegan.show.masking import FADE, Masking
from livegan.stage.base import Mask, Scene, StageSettings
from livegan.stage.offscreen import Offscreen
from tests.shows import Kept, play, show_of

STALE = 0.5


class Masked:
    """Masks of one input by a fake ring: each says when it was seen."""

    def __init__(self, **stage: object) -> None:
        self.feed = SimpleNamespace(moment=-np.inf)
        self.arrivals: list[Arrival] = []
        self.masking = Masking(self.feed, self.since, STALE, StageSettings(kind="offscreen", **stage))

    def since(self, count: int) -> list[Arrival]:
        return self.arrivals[count:]

    def see(self, seen: float, written: float | None = None) -> None:
        where = np.full((2, 2, 1), round(seen * 10) % 256, np.uint8)
        frame = Frame(where, seen, np.ones(1, bool), len(self.arrivals) + 1)
        self.arrivals.append(Arrival(frame, seen + 0.02 if written is None else written))

    def at(self, moment: float) -> Mask | None:
        self.feed.moment = moment
        return self.masking.at()


def told(mask: Mask) -> float:
    return float(mask.where[0, 0, 0]) / 10


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(1, 4), min_size=3, max_size=30), st.integers(0, 12))
def test_each_picture_has_the_newest_mask_of_its_moment(steps, latency):
    one, seen = Masked(), np.cumsum(steps) / 10
    for now in np.arange(seen[0], seen[-1] + 1, 0.05):
        while len(one.arrivals) < len(seen) and seen[len(one.arrivals)] <= now:
            one.see(float(seen[len(one.arrivals)]))
        moment = now - latency / 10
        mask, before = one.at(moment), seen[: len(one.arrivals)][seen[: len(one.arrivals)] <= moment]
        if mask is not None and len(before):
            assert told(mask) == pytest.approx(before[-1])


def test_before_the_first_mask_the_picture_is_whole():
    one = Masked()
    assert one.at(1.0) is None
    one.see(2.0)
    assert one.at(1.5) is None


def test_the_mask_comes_and_goes_over_a_second_and_the_picture_is_whole_when_its_input_is_gone():
    one, shares = Masked(), []
    for n in range(200):
        if not 60 <= n < 120:
            one.see(n / 30)
        mask = one.at(n / 30)
        shares.append(mask.share if mask else 0.0)
    held = round(60 + 30 * STALE)
    assert shares[held - 1] == 1.0
    assert 0.3 < shares[held + 15] < 0.7
    assert shares[held + round(30 * FADE) + 1] == 0.0
    assert shares[119] == 0.0
    assert 0.3 < shares[120 + 15] < 0.7
    assert shares[-1] == 1.0
    assert np.abs(np.diff(shares)).max() < 0.05 or shares[0] == 1.0


def test_masks_from_the_future_or_the_past_are_left_out():
    one = Masked()
    one.see(1.0)
    one.see(2.0, written=1.5)
    one.see(0.5)
    one.see(1.1)
    assert told(one.at(1.05)) == 1.0
    assert told(one.at(1.3)) == 1.1


def test_only_masks_that_may_still_be_asked_for_are_kept():
    one = Masked()
    for n in range(500):
        one.see(n / 30)
        one.at(n / 30 - 0.2)
    assert len(one.masking._kept) < 10


@pytest.mark.parametrize("fit", ["contain", "cover", "mirror"])
@pytest.mark.parametrize("outside", [False, True])
def test_a_recording_shows_what_the_stage_shows(fit, outside):
    """The picture as it lies on the stage, which is cut out here and made as large as the picture is."""
    size = (128, 96)
    one = Masked(size=size, fit=fit, mask_side="outside" if outside else "inside")
    where = np.zeros((60, 80, 1), np.uint8)
    where[10:50, 20:45] = 255
    picture = np.full((96, 96, 3), 200, np.uint8)
    mask = Mask(where, outside, 0.75)
    stage = Offscreen()
    stage.open(StageSettings(kind="offscreen", size=size, fit=fit))
    stage.show(Scene(picture, mask=mask))
    shown = stage.read()
    stage.close()
    recorded = one.masking.over(picture, mask)
    if fit == "cover":
        lies = np.repeat(np.repeat(recorded, 4, 0), 4, 1)[48:-48][::3, ::3]
    else:
        lies, shown = recorded, shown[:, 16:-16]
    assert lies.shape == shown.shape
    assert (np.abs(lies.astype(int) - shown) > 30).mean() < 0.03
    assert set(np.unique(shown).tolist()) >= {200, 50}


def test_a_picture_without_a_mask_is_recorded_as_it_is():
    picture = np.zeros((4, 4, 3), np.uint8)
    assert Masked().masking.over(picture, None) is picture


def test_a_ring_carries_masks():
    ring, mask = Ring.create(4, 100), np.arange(60, dtype=np.uint8).reshape(10, 6, 1)
    ring.write(Frame(mask, 1.0, np.ones(1, bool)), 1.1)
    got = ring.newest().frame
    ring.close()
    assert np.array_equal(got.data, mask)
    assert got.present.all()


DANCE = """
latency = "150 ms"
[input.me]
kind = "silhouette"
source = "clip:dancer.mp4"
[generator]
kind = "pattern"
size = 64
[stage.main]
kind = "offscreen"
size = [128, 128]
mask = "me"
"""


def test_pixels_outside_the_body_are_black_in_a_running_show(tmp_path):
    path, stage = tmp_path / "show.toml", Kept()
    path.write_text(DANCE)
    shares: list[float] = []

    def masked() -> bool:
        mask = one.show.tick.mask if one.show.tick else None
        shares.append(mask.share if mask else 0.0)
        return shares[-1] == 1.0 and shares[-10:].count(1.0) == 10

    with show_of(path, stage) as one:
        play(one, masked)
        assert one.show.meters.refused == 0
        where, last = one.show._mask.where[..., 0], stage.shown[-1][1]
    height, width = where.shape
    assert last.shape == (128, 128, 3)
    lit = last.any(axis=2)
    assert 0.02 < lit.mean() < 0.2  # the dancer is 6 to 9 % of his picture
    assert not lit[:, : round(64 - 64 * width / height) - 1].any()
    rows, columns = np.nonzero(where > 200)
    x = (64 + (columns + 0.5 - width / 2) * 128 / height).astype(int)
    y = ((rows + 0.5) * 128 / height).astype(int)
    assert lit[y, x].mean() > 0.95
    assert lit[y, x].sum() > 0
    assert stage.shown[0][1].any(axis=2).mean() > 0.9  # whole, until somebody is seen


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ('mask = "you"', ['there is no input "you"', "inputs that give one are me"]),
        ('mask = "clock"', ['"clock" gives no mask', "me"]),
        ('mask = "me"\nmask_side = "around"', ["mask_side", "'inside' or 'outside'"]),
    ],
)
def test_a_mask_that_cannot_be_had_is_told_in_one_sentence(tmp_path, asked, says):
    path = tmp_path / "show.toml"
    path.write_text(DANCE.replace('mask = "me"', asked) + '[input.clock]\nkind = "steady"\n')
    with pytest.raises(BadRequest) as told:
        patch.read(path)
    assert all(part in str(told.value) for part in ["stage.main.mask", *says])
    assert "\n" not in str(told.value)


def test_without_any_input_that_gives_one_the_sentence_says_which_to_add(tmp_path):
    path = tmp_path / "show.toml"
    path.write_text('[stage.main]\nkind = "offscreen"\nmask = "me"\n')
    with pytest.raises(BadRequest, match='kind = "silhouette"'):
        patch.read(path)
