"""Two mappings on one take, where what is to be found is known."""

import numpy as np
import pytest

from livegan.errors import BadRequest
from livegan.mapping.compare import Player, compare

LOOKS = np.array([[0, 0], [4, 0], [0, 3]], np.float32)  # 4, 3 and 5 apart: 4 is the middle one
TIMES = np.arange(200) / 20.0


def _take() -> np.ndarray:
    """One feature that goes evenly from 0 to 1 in 10 s."""
    return np.linspace(0, 1, 200, dtype=np.float32)[:, None]


def _player(name: str, scale: float = 1.0, offset: float = 0.0, known: float = 1.0) -> Player:
    return Player(name, lambda row: np.array([scale * 4 * row[0], offset]), lambda row: known)


def test_a_mapping_is_no_different_from_itself():
    found = compare(TIMES, _take(), _player("a"), _player("b"), LOOKS)
    assert found.apart == found.farthest == 0.0
    assert found.first.speed == found.second.speed
    assert found.first.error is None


def test_distances_and_speeds_are_in_distances_between_looks():
    found = compare(TIMES, _take(), _player("a"), _player("b", 3.0, 4.0), LOOKS)
    assert found.farthest == pytest.approx(np.hypot(2.0, 1.0))
    assert found.moment == pytest.approx(TIMES[-1])
    assert found.apart == pytest.approx(np.sqrt(1.0 + (4 * _take() ** 2).mean()), rel=1e-4)
    assert found.first.speed == pytest.approx(1 / TIMES[-1], rel=1e-3)
    assert found.second.top_speed == pytest.approx(3 / TIMES[-1], rel=1e-3)


def test_a_jump_shows_in_the_top_speed():
    jumpy = Player("jumpy", lambda row: np.array([4.0 * (row[0] > 0.5), 0.0]), lambda row: 1.0)
    found = compare(TIMES, _take(), _player("smooth"), jumpy, LOOKS)
    assert found.second.top_speed == pytest.approx(20.0)
    assert found.first.top_speed < 0.2


def test_where_nobody_is_seen_nothing_counts_and_nothing_jumps():
    values = _take()
    values[60:140] = np.nan
    found = compare(TIMES, values, _player("a"), _player("b"), LOOKS)
    assert found.first.top_speed == pytest.approx(1 / TIMES[-1], rel=1e-3)
    assert found.seconds == pytest.approx(TIMES[-1] - 81 / 20)
    with pytest.raises(BadRequest, match="nobody"):
        compare(TIMES, values * np.nan, _player("a"), _player("b"), LOOKS)


def test_confidence_is_a_share_of_the_time():
    half = Player("half", lambda row: row, lambda row: float(row[0] > 0.5))
    found = compare(TIMES, _take(), half, Player("no", lambda row: row, lambda row: 0.2), LOOKS[:, :1])
    assert found.first.confident == pytest.approx(0.5)
    assert found.second.confident == 0.0


def test_the_nearer_to_the_path_is_told():
    path = np.concatenate((4 * _take(), np.zeros((200, 1), np.float32)), axis=1)
    found = compare(TIMES, _take(), _player("good"), _player("bad", 1.0, 2.0), LOOKS, path)
    assert found.first.error == pytest.approx(0.0, abs=1e-6)
    assert found.second.error == pytest.approx(0.5)
    text = found.as_text()
    assert "from the path" in text
    assert "good" in text
    assert "50%" in text


def test_one_row_and_one_look_are_enough():
    found = compare(TIMES[:1], _take()[:1], _player("a"), _player("b", 1, 2), LOOKS[:1])
    assert found.seconds == found.first.speed == found.first.top_speed == 0.0
    assert found.apart == 2.0
