"""Numbers of outlines that are known: boxes, bars, specks and nothing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livegan.senses.outline import SIDE, STRAY, Outline, direction, sized, soft

NAMES = [feature.name for feature in Outline.features]


def measured(mask: np.ndarray, smallest: float = 0.005) -> dict[str, float]:
    values, here, _ = Outline(smallest).follow(mask.astype(np.float32), 0.0)
    assert here
    return dict(zip(NAMES, values.tolist(), strict=True))


def bar(turn: float, size: int = 200, length: float = 0.7) -> np.ndarray:
    """A bar through the middle, `turn` radians from upright to the right."""
    y, x = np.mgrid[:size, :size] / size - 0.5
    along, across = x * np.sin(turn) - y * np.cos(turn), x * np.cos(turn) + y * np.sin(turn)
    return (np.abs(along) < length / 2) & (np.abs(across) < 0.06)


SPANS = st.tuples(st.integers(0, 150), st.integers(20, 100))


@settings(max_examples=50, deadline=None)
@given(SPANS, SPANS)
def test_a_box_is_where_it_is(across, down):
    (left, width), (top, height) = across, down
    mask = np.zeros((250, 250))
    mask[top : top + height, left : left + width] = 1
    found = measured(mask)
    wanted = {"left": left, "right": left + width, "top": top, "bottom": top + height, "width": width, "height": height}
    for name, pixels in wanted.items():
        assert found[name] == pytest.approx(pixels / 250, abs=2 * STRAY * max(width, height) / 250 + 1e-6), name
    assert found["x"] == pytest.approx((left + width / 2) / 250, abs=1e-6)
    assert found["y"] == pytest.approx((top + height / 2) / 250, abs=1e-6)
    assert found["area"] == pytest.approx(width * height / 250**2)
    assert found["fill"] > 0.98


@settings(max_examples=30, deadline=None)
@given(st.floats(-1.5, 1.5))
def test_a_bar_leans_as_it_was_turned(turn):
    lean, stretch = direction(bar(turn))
    assert abs((lean - turn + np.pi / 2) % np.pi - np.pi / 2) < 0.02
    assert stretch > 0.7


def test_a_lean_goes_on_around_the_circle_and_never_jumps():
    outline, turns = Outline(0.005), np.linspace(0, 2 * np.pi, 60)
    leans = [float(outline.follow(bar(turn).astype(np.float32), n / 30)[0][-1]) for n, turn in enumerate(turns)]
    apart = (np.array(leans) - turns + np.pi) % (2 * np.pi) - np.pi
    assert np.abs(apart).max() < 0.05
    assert max(leans) > 3
    assert min(leans) < -3


def test_what_is_round_keeps_the_lean_that_it_had():
    outline = Outline(0.005)
    outline.follow(bar(0.8).astype(np.float32), 0.0)
    y, x = np.mgrid[:200, :200] / 200 - 0.5
    values, _, _ = outline.follow((x**2 + 1.01 * y**2 < 0.05).astype(np.float32), 0.03)
    found = dict(zip(NAMES, values.tolist(), strict=True))
    assert found["stretch"] < 0.1
    assert found["lean"] == pytest.approx(0.8, abs=0.02)


def test_specks_far_away_are_no_hands():
    mask = bar(0.0).astype(float)
    before = measured(mask)
    mask[3:6, 3:6] = 1
    after = measured(mask)
    assert all(after[name] == pytest.approx(before[name], abs=0.02) for name in NAMES if name != "stretch")


def test_nothing_and_noise_are_nobody():
    noise = np.random.default_rng(1).uniform(0, 0.5, (100, 100)).astype(np.float32)
    few = np.zeros((100, 100), np.float32)
    few[::25, ::25] = 1
    outline = Outline(0.005)
    for mask in (np.zeros((100, 100), np.float32), noise, few):
        values, here, new = outline.follow(mask, 0.0)
        assert not here
        assert not new
        assert not values.any()


def sizes(areas: list[float], seconds: float = 0.1) -> list[tuple[bool, bool]]:
    """Whether somebody is there and new, for outlines of these shares of the picture."""
    outline, found = Outline(0.01), []
    for n, area in enumerate(areas):
        mask = np.zeros((100, 100), np.float32)
        mask.ravel()[: round(10_000 * area)] = 1
        found.append(outline.follow(mask, n * seconds)[1:])
    return found


def test_who_is_there_stays_while_half_is_left():
    assert [here for here, _ in sizes([0.008, 0.012, 0.008, 0.006, 0.004, 0.008])] == [0, 1, 1, 1, 0, 0]


def test_who_comes_after_a_pause_or_elsewhere_is_another_one():
    assert [new for _, new in sizes([0.02, 0.02, 0.0, 0.02])] == [True, False, False, False]
    assert [new for _, new in sizes([0.02, 0.02, 0.0, 0.02], seconds=0.8)] == [True, False, False, True]
    outline, left = Outline(0.01), np.zeros((100, 100), np.float32)
    left[20:80, 5:30] = 1
    assert [outline.follow(mask, t)[2] for t, mask in enumerate((left, left, left[:, ::-1]))] == [True, False, True]


def test_forgetting_makes_the_next_one_new():
    outline, mask = Outline(0.01), bar(0.5).astype(np.float32)
    assert outline.follow(mask, 0.0)[2]
    assert not outline.follow(mask, 0.1)[2]
    outline.forget()
    assert outline.follow(mask, 0.2)[2]


@pytest.mark.parametrize("shape", [(640, 360), (100, 90), (1, 700), (2000, 2000)])
def test_masks_are_made_small_and_keep_their_shape(shape):
    mask = np.zeros(shape, np.float32)
    mask[: shape[0] // 2] = 1
    small = sized(mask)
    assert max(small.shape) <= SIDE
    assert small.mean() == pytest.approx(mask.mean(), abs=0.01)
    assert small.shape[0] / small.shape[1] == pytest.approx(shape[0] / shape[1], rel=0.02) or 1 in small.shape


def test_a_soft_mask_decides_doubts_and_has_soft_edges():
    mask = np.full((100, 100), 0.25, np.float32)
    mask[:, 50:] = 0.8
    there = soft(mask)
    assert there.shape == (100, 100, 1)
    assert there.dtype == np.uint8
    assert (there[:, :40] == 0).all()
    assert (there[:, 60:] == 255).all()
    assert 3 <= len(set(there[50, 44:56, 0].tolist())) <= 12
