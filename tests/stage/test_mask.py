"""Pictures that are seen only where a mask says so: what is black, what is not, and nothing sent twice."""

import numpy as np
import pytest

from livegan.stage.base import Mask, Scene, StageSettings
from livegan.stage.offscreen import Offscreen

WHITE = np.full((32, 32, 3), 255, np.uint8)


@pytest.fixture
def stage():
    stages = []

    def opened(size, fit="contain"):
        stages.append(Offscreen())
        stages[-1].open(StageSettings(kind="offscreen", size=size, fit=fit))
        return stages[-1]

    yield opened
    for each in stages:
        each.close()


def upper(width=32, height=32):
    where = np.zeros((height, width, 1), np.uint8)
    where[: height // 2] = 255
    return where


def test_the_picture_is_seen_inside_or_outside(stage):
    shown = stage((64, 64))
    shown.show(Scene(WHITE, mask=Mask(upper())))
    assert (shown.read()[:30] == 255).all()
    assert not shown.read()[34:].any()
    shown.show(Scene(WHITE, mask=Mask(upper(), outside=True)))
    assert not shown.read()[:30].any()
    assert (shown.read()[34:] == 255).all()
    shown.show(Scene(WHITE))
    assert (shown.read() == 255).all()


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_a_mask_gives_way_by_its_share(stage, share):
    shown = stage((64, 64))
    shown.show(Scene(WHITE, mask=Mask(upper(), share=share)))
    assert (shown.read()[:30] == 255).all()
    assert np.abs(shown.read()[34:].astype(float) - 255 * (1 - share)).max() <= 1


def test_light_and_the_picture_that_goes_are_masked_and_the_overlay_is_not(stage):
    shown = stage((64, 64))
    shown.show(Scene(WHITE, light=0.5, before=WHITE, share=0.5, mask=Mask(upper())))
    assert np.abs(shown.read()[:30].astype(int) - 128).max() <= 1
    assert not shown.read()[34:].any()
    overlay = np.full((8, 8, 4), (0, 255, 0, 255), np.uint8)
    shown.show(Scene(WHITE, overlay, mask=Mask(upper())))
    assert (shown.read() == (0, 255, 0)).all()


@pytest.mark.parametrize("outside", [False, True])
def test_on_a_wide_stage_a_body_keeps_its_shape_and_is_there_once(stage, outside):
    shown = stage((200, 100), "mirror")
    where = np.zeros((100, 100, 1), np.uint8)
    where[:, 25:75] = 255
    shown.show(Scene(WHITE, mask=Mask(where, outside=outside)))
    inside = np.flatnonzero((shown.read()[50, :, 0] > 128) != outside)
    assert abs(inside[0] - 75) <= 1
    assert abs(inside[-1] - 124) <= 1
    assert len(inside) == inside[-1] - inside[0] + 1


def test_cover_crops_the_mask_as_it_crops_pictures(stage):
    shown = stage((100, 50), "cover")
    where = np.zeros((100, 100, 1), np.uint8)
    where[:50] = 255
    shown.show(Scene(WHITE, mask=Mask(where)))
    lit = shown.read()[:, 50, 0] > 128
    assert lit[:24].all()
    assert not lit[26:].any()


def test_a_mask_is_sent_only_when_it_is_another_and_made_only_when_its_size_changes(stage):
    shown = stage((64, 64))
    first, second = upper(), upper()[::-1].copy()
    for where in (first, first, second, second):
        shown.show(Scene(WHITE, mask=Mask(where)))
    assert shown._canvas.allocations == 2
    assert (shown.read()[34:] == 255).all()
    shown.show(Scene(WHITE))
    second[:] = 255
    shown.show(Scene(WHITE, mask=Mask(second)))
    assert (shown.read() == 255).all()
    assert shown._canvas.allocations == 2
    shown.show(Scene(WHITE, mask=Mask(upper(31, 17))))
    assert shown._canvas.allocations == 3


def test_a_mask_of_any_width_is_sent_whole(stage):
    shown = stage((61, 47))
    where = np.random.default_rng(1).integers(0, 256, (47, 61, 1), np.uint8)
    shown.show(Scene(WHITE, mask=Mask(where)))
    seen = shown.read()
    left, right = (61 - 47) // 2 + 1, (61 + 47) // 2 - 1
    assert np.abs(seen[:, left:right, 0].astype(int) - where[:, left:right, 0]).max() <= 1
