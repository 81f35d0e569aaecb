"""From picture to picture: straight, in its time, whatever their sizes, and never with a jump."""

import numpy as np
import pytest

from livegan.show.fade import LASTS, Fade


def grey(value: int, side: int = 8) -> np.ndarray:
    return np.full((side, side, 3), value, np.uint8)


def test_nothing_goes_until_something_is_begun():
    fade, picture = Fade(), grey(7)
    fade.go_on(5.0)
    assert (fade.before, fade.share) == (None, 1.0)
    assert fade.over(picture) is picture


@pytest.mark.parametrize("side", [8, 5, 16])
def test_it_goes_straight_from_one_picture_to_the_next_and_is_over(side):
    fade = Fade()
    fade.begin(grey(200, side), 10.0)
    seen = []
    for step in range(11):
        fade.go_on(10.0 + 0.1 * step * LASTS)
        assert fade.over(grey(0)).shape == (8, 8, 3)
        seen.append(fade.over(grey(0)).mean())
    assert np.allclose(seen, np.linspace(200, 0, 11), atol=1)
    assert fade.before is None


def test_what_goes_is_cut_to_the_shape_of_what_comes_and_never_stretched():
    fade, wide = Fade(), np.zeros((8, 20, 3), np.uint8)
    wide[2:6, 8:12] = 200
    fade.begin(wide, 0.0)
    fade.go_on(0.0)
    seen = fade.over(grey(0))
    assert (seen[2:6, 2:6] == 200).all()
    assert int(seen.sum()) == 4 * 4 * 3 * 200


def test_it_keeps_its_own_copy():
    fade, picture = Fade(), grey(200)
    fade.begin(picture, 0.0)
    picture[:] = 0
    fade.go_on(0.0)
    assert fade.over(grey(0)).mean() == 200


def test_a_second_one_begins_with_what_was_seen_of_the_first():
    fade = Fade()
    fade.begin(grey(200), 0.0)
    fade.go_on(0.5 * LASTS)
    seen = fade.over(grey(100)).mean()
    fade.begin(grey(100), 0.5 * LASTS)
    fade.go_on(0.5 * LASTS)
    assert fade.over(grey(0)).mean() == seen
