"""What a check finds, where what is wrong is known."""

from dataclasses import replace

import numpy as np
import pytest

from livegan.errors import BadRequest
from livegan.frame import Feature
from livegan.mapping.review import Review, Watched, review

NAMES = ("rose", "sea", "ash")
FEATURES = [
    Feature("body.left_wrist.x", group="left_arm", unit=0.5),
    Feature("body.left_wrist.y", group="left_arm", unit=0.5),
    Feature("body.tilt", "angle", "upper", unit=0.3),
    Feature("body.nose.x", group="upper", unit=0.2),
]
TAUGHT = np.array([[0, 0, 0, 0], [2, 0, 0, 0], [0, 2, 0, 0]], np.float32)
TIMES = 50 + np.arange(600) / 30.0


def predict(row: np.ndarray) -> np.ndarray:
    """Weights by the wrist alone."""
    row = np.where(np.isnan(row), 0, row)
    bells = np.exp(-((row[:2] - TAUGHT[:, :2]) ** 2).sum(axis=1) * 3) + 1e-12
    return bells / bells.sum()


def stops(*poses: tuple[float, ...], noise: float = 0.002, seed: int = 0) -> np.ndarray:
    """From one pose to the next in 1 s, resting between; 20 s in all."""
    at = np.arange(600) / 600 * len(poses)
    share = np.clip((at % 1 - 0.5) * 20 / len(poses), 0, 1)[:, None]
    here = np.array(poses)[at.astype(int)]
    there = np.array(poses)[np.minimum(at.astype(int) + 1, len(poses) - 1)]
    dice = np.random.default_rng(seed)
    smooth = share * share * (3 - 2 * share)
    return (here + (there - here) * smooth + noise * dice.normal(size=here.shape)).astype(np.float32)


def watched(values: np.ndarray, **changes: np.ndarray) -> Watched:
    near = np.linalg.norm(np.nan_to_num(values)[:, None] - TAUGHT, axis=2).min(axis=1)
    outputs = np.array([predict(row) for row in values])
    latency = np.linspace(0.1, 0.12, 600)
    return replace(Watched(TIMES, values, outputs, (near < 1).astype(np.float32), latency), **changes)


def found(values: np.ndarray, **changes: np.ndarray) -> Review:
    return review(watched(values, **changes), NAMES, FEATURES, TAUGHT, predict)


ALL = ((0, 0, 0, 0), (2, 0, 0.6, 0.5), (0, 2, -0.6, 0), (0, 0, 0, 0))


def test_a_look_that_was_never_reached_is_told_by_name():
    seen = found(stops((0, 0, 0, 0), (2, 0, 0, 0), (0, 0, 0, 0)))
    assert dict(seen.reached)["rose"] > 0.9
    assert dict(seen.reached)["sea"] > 0.9
    assert dict(seen.reached)["ash"] < 0.2
    assert "Never reached: ash" in seen.advice[0]
    assert "rose" not in seen.advice[0]


def test_all_looks_reached_is_not_complained_about():
    assert not any("Never reached" in sentence for sentence in found(stops(*ALL)).advice)


def test_other_outputs_reach_a_look_by_coming_near():
    targets = np.array([[0, 0, 0], [8, 0, 0], [0, 6, 0]], np.float32)
    outputs = np.linspace([0, 0, 0], [8, 0, 0], 600)
    seen = review(watched(stops(*ALL), outputs=outputs), NAMES, FEATURES, TAUGHT, lambda row: row[:3], targets)
    assert dict(seen.reached) == {"rose": 1.0, "sea": 1.0, "ash": 0.0}


def test_a_feature_that_moves_and_changes_nothing_is_told_apart_from_one_that_never_moved():
    seen = found(stops((0, 0, 0, 0), (2, 0, 0.6, 0), (0, 2, -0.6, 0)))
    assert seen.idle == ("body.tilt",)
    assert seen.unmoved == ("body.nose.x",)
    strong = dict(seen.influence)
    assert strong["body.left_wrist.x"] > 0.1
    assert strong["body.tilt"] == 0.0


def test_an_angle_that_trembles_around_half_a_turn_has_not_moved():
    values = stops(*ALL)
    values[:, 2] = np.where(np.arange(600) % 2, np.pi - 0.01, -np.pi + 0.01)
    assert "body.tilt" in found(values).unmoved
    values[:, 2] = np.linspace(2.8, 2.8 + 0.6, 600) % (2 * np.pi)
    assert "body.tilt" in found(values).idle


def test_a_feature_that_was_never_seen_counts_as_not_moved():
    values = stops(*ALL)
    values[:, 3] = np.nan
    seen = found(values)
    assert "body.nose.x" in seen.unmoved
    assert np.isfinite([share for _, share in seen.influence]).all()


def test_jitter_is_that_of_the_outputs_at_rest_in_distances_between_looks():
    values, dice = stops(*ALL), np.random.default_rng(1)
    calm = found(values)
    shaken = dice.normal(size=(600, 3)) * 0.05
    seen = found(values, outputs=watched(values).outputs + shaken)
    assert calm.jitter < 0.01
    assert seen.jitter == pytest.approx(0.05 * np.sqrt(3) / np.sqrt(2), rel=0.15)
    assert any("trembles" in sentence for sentence in seen.advice)
    assert not any("trembles" in sentence for sentence in calm.advice)


def test_a_look_that_passes_by_is_no_jitter():
    smooth = np.linspace([1, 0, 0], [0, 1, 0], 600)
    assert found(stops(*ALL), outputs=smooth).jitter < 0.005


def test_the_pose_to_teach_next_is_the_calm_one_farthest_from_all_taught():
    seen = found(stops((0, 0, 0, 0), (2, 2, 0, 0), (2, 0, 0, 0)))
    assert 6.0 < seen.moment < 12.0
    assert seen.unknown.distance == pytest.approx(4.0, abs=0.2)
    assert seen.unknown.row == round(seen.moment * 30)
    assert seen.unknown.differs[0] in ("left wrist higher", "left wrist further right")
    assert any(f"Teach next the pose at {seen.moment:.1f} s" in sentence for sentence in seen.advice)


def test_a_pose_that_was_only_passed_in_a_hurry_is_not_the_one_to_teach():
    values = stops((0, 0, 0, 0), (2, 0, 0, 0), (1.2, 1.2, 0, 0))
    values[100:106, :2] += [[0.5, 2], [1, 4], [2, 8], [2, 8], [1, 4], [0.5, 2]]
    assert found(values).moment > 12.0


def test_where_all_was_taught_there_is_nothing_to_teach():
    seen = found(stops((0, 0, 0, 0), (2, 0, 0, 0), (0, 2, 0, 0)))
    assert seen.unknown is None
    assert not any("Teach next" in sentence for sentence in seen.advice)


def test_a_pose_with_a_part_hidden_is_not_the_one_to_teach():
    values = stops((0, 0, 0, 0), (2, 2, 0, 0), (1.2, 1.2, 0, 0))
    assert 100 <= found(values).unknown.row < 330
    values[100:330, 2] = np.nan
    assert found(values).unknown.row >= 330


def test_raw_landmarks_are_told_as_in_the_picture_where_y_grows_downwards():
    raw = [Feature("body.nose.y", group="nose", unit=0.1), *FEATURES[1:]]
    values = stops((0, 0, 0, 0), (0.5, 0, 0, 0))
    seen = review(watched(values, confidence=np.zeros(600)), NAMES, raw, TAUGHT[[0]], predict)
    assert seen.unknown.differs == ("nose lower",)


def test_latency_far_and_nobody_are_measured():
    values = stops(*ALL)
    values[:150] = np.nan
    seen = found(values, confidence=np.where(np.arange(600) < 300, 0.0, 1.0).astype(np.float32))
    assert seen.latency == (pytest.approx(0.11, abs=1e-3), pytest.approx(0.12, abs=1e-3))
    assert seen.nobody == pytest.approx(0.25)
    assert seen.far == pytest.approx(1 / 3, abs=0.01)
    assert found(values, latency=np.empty(0)).latency is None


def test_nobody_at_all_is_refused():
    with pytest.raises(BadRequest, match="nobody was seen"):
        found(np.full((600, 4), np.nan, np.float32))


def test_the_text_holds_the_advice_and_the_numbers():
    seen = found(stops((0, 0, 0, 0), (2, 2, 0, 0), (2, 0, 0, 0)))
    text = seen.as_text()
    assert all(sentence in text for sentence in seen.advice)
    assert all(name in text for name in NAMES)
    assert "median 110 ms" in text


def test_when_all_is_well_one_sentence_says_so():
    features = FEATURES[:2]
    values, taught = stops(*ALL)[:, :2], TAUGHT[:, :2]
    seen = watched(stops(*ALL))
    seen = review(replace(seen, values=values, confidence=np.ones(600)), NAMES, features, taught, predict)
    assert seen.advice == (
        "Every look was reached, the picture rests when you do, and no pose was far from what you taught.",
    )
