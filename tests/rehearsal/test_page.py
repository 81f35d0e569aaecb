"""The page of a check: a picture of its size that shows what it was given, whatever that is."""

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from livegan.frame import Feature
from livegan.mapping.probes import Unknown
from livegan.mapping.review import Review, Watched, review
from livegan.rehearsal.page import SIZE, figure_of, page
from livegan.rehearsal.paper import Paper
from livegan.senses.body import LANDMARKS

NAMES = ("rose", "sea", "ash")
COLOURS = {"rose": (250, 0, 0), "sea": (0, 0, 250), "ash": (0, 250, 0)}
TAUGHT = np.array([[0, 0], [3, 0], [0, 3]], np.float32)
FEATURES = [Feature("body.left_wrist.x"), Feature("body.left_wrist.y")]


def predict(row: np.ndarray) -> np.ndarray:
    near = np.exp(-((np.nan_to_num(row) - TAUGHT) ** 2).sum(axis=1)) + 1e-9
    return near / near.sum()


def seen(count: int = 600) -> tuple[Review, Watched]:
    """From the first pose to a new one and back; the third look is never reached."""
    way = np.sin(np.linspace(0, np.pi, count))[:, None]
    values = (way * [3.0, 1.5]).astype(np.float32)
    outputs = np.array([predict(row) for row in values])
    latency = np.random.default_rng(0).normal(0.12, 0.003, count)
    watched = Watched(np.arange(count) / 30.0, values, outputs, np.linspace(1, 0, count), latency)
    return review(watched, NAMES, FEATURES, TAUGHT, predict), watched


def drawn(*given: object) -> np.ndarray:
    image = Image.open(io.BytesIO(page("dance", *given)))
    assert image.format == "PNG"
    return np.asarray(image)


def _count(pixels: np.ndarray, colour: tuple[int, int, int]) -> int:
    return int((np.abs(pixels.astype(int) - colour).max(axis=2) < 8).sum())


def test_it_is_a_picture_of_its_size_and_always_the_same():
    pixels = drawn(*seen(), COLOURS)
    assert pixels.shape == (SIZE[1], SIZE[0], 3)
    assert np.array_equal(pixels, drawn(*seen(), COLOURS))


def test_each_look_has_a_bar_in_its_colour_as_long_as_it_was_reached():
    found, watched = seen()
    pixels = drawn(replace(found, reached=(("rose", 1.0), ("sea", 0.5), ("ash", 0.0))), watched, COLOURS)
    rose, sea, ash = (_count(pixels, COLOURS[name]) for name in NAMES)
    assert sea == pytest.approx(rose / 2, rel=0.1)
    assert rose > 500
    assert ash == 0


def test_the_pose_to_teach_is_drawn_where_there_is_one():
    found, watched = seen()
    found = replace(found, unknown=Unknown(300, 2.0, ("left wrist higher",)), moment=10.0)
    line = [((0.1, 0.2), (0.9, 0.8))]
    with_figure, without = drawn(found, watched, {}, line), drawn(found, watched)
    nothing_new = drawn(replace(found, unknown=None), watched)
    assert not np.array_equal(with_figure, without)
    assert not np.array_equal(nothing_new, without)
    changed = (with_figure != without).any(axis=(0, 2)).nonzero()[0]
    assert changed.min() > 1100


def test_the_moment_to_teach_is_marked_where_it_was():
    found, watched = seen()
    pose = Unknown(300, 2.0, ())
    plain = replace(found, unknown=pose, advice=())
    early, late = (drawn(replace(plain, moment=moment), watched) for moment in (2.0, 18.0))
    changed = (early != late)[520:704].any(axis=(0, 2)).nonzero()[0]
    assert changed.min() < 350
    assert changed.max() > 1300


@pytest.mark.parametrize("count", [60, 4000])
def test_any_length_will_do(count):
    pixels = drawn(*seen(count))
    assert pixels.shape == (SIZE[1], SIZE[0], 3)
    assert not np.array_equal(pixels, drawn(*seen()))


def test_what_is_missing_or_too_much_is_drawn_all_the_same():
    found, watched = seen()
    many = tuple((f"a look with a very long name {n}", n / 40) for n in range(40))
    names = tuple(f"body.some_feature_with_a_long_name.{n}" for n in range(60))
    crowded = replace(
        found,
        reached=many,
        influence=tuple((name, 0.0) for name in names),
        idle=names[:10],
        unmoved=names[10:20],
        advice=("A sentence of many words that goes on and on. " * 6,) * 9,
    )
    full = drawn(crowded, watched)
    bare = replace(found, jitter=None, latency=None, unknown=None, advice=())
    least = drawn(bare, replace(watched, latency=np.empty(0), confidence=np.full(600, np.nan)))
    assert full.shape == least.shape == (SIZE[1], SIZE[0], 3)
    paper = _count(full, tuple(full[0, 0])), _count(least, tuple(least[0, 0]))
    assert paper[0] < paper[1]
    drawn(found, replace(watched, latency=np.full(600, 0.1)), {}, [((0.5, 0.5), (0.5, 0.5))])


def test_the_stick_figure_is_made_of_raw_landmarks():
    names = ["fader.level", *(f"body.raw.{name}.{axis}" for name in LANDMARKS for axis in "xy")]
    values = np.linspace(0, 1, len(names)).astype(np.float32)
    lines = figure_of(names, values, 2.0)
    assert len(lines) == 35
    assert lines[0][0] == pytest.approx((2 * values[1], values[2]))
    values[names.index("body.raw.left_wrist.x")] = np.nan
    assert 0 < len(figure_of(names, values)) < 35
    assert figure_of(names, values * np.nan) == []
    assert figure_of(["fader.level"], np.ones(1, np.float32)) == []


def test_text_is_broken_between_words_and_cut_with_dots():
    paper = Paper((400, 100))
    text = "one two three four five six seven eight nine ten"
    lines = paper.wrapped(text, 16, 120)
    assert len(lines) > 2
    assert " ".join(lines) == text
    assert paper.wrapped("", 16, 120) == []
    assert paper.fitted("short", 16, 120) == "short"
    assert paper.fitted(text, 16, 120).endswith("...")
