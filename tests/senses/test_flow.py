import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livegan.senses.flow import Flow, displaced, flow_features, prepared, summed

SIZE = 480, 640


@pytest.fixture(scope="module")
def texture() -> np.ndarray:
    """A cloudy pattern with fine and coarse detail, larger than the picture; uint8 [1100, 1300]."""
    rng = np.random.default_rng(1)
    clouds = sum(s * cv2.GaussianBlur(rng.normal(size=(1100, 1300)), (0, 0), s) for s in (2, 5, 12))
    return cv2.normalize(clouds, None, 20, 235, cv2.NORM_MINMAX).astype(np.uint8)


def window(texture: np.ndarray, moved=(0.0, 0.0), zoom: float = 1.0, turned: float = 0.0) -> np.ndarray:
    """The middle of the texture, moved by picture heights (x right, y up), magnified, turned clockwise."""
    (height, width), (high, wide) = SIZE, texture.shape
    c, s = zoom * np.cos(turned), zoom * np.sin(turned)
    turn = np.array([[c, -s], [s, c]])
    shift = np.array([width / 2, height / 2]) + height * np.array([moved[0], -moved[1]]) - turn @ (wide / 2, high / 2)
    return coloured(cv2.warpAffine(texture, np.c_[turn, shift], (width, height), flags=cv2.INTER_CUBIC))


def coloured(grey: np.ndarray) -> np.ndarray:
    return np.repeat(grey[..., None], 3, axis=2)


def grainy(picture: np.ndarray, grain: float, seed: int) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(0, grain, picture.shape[:2])[..., None]
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def said(pictures: list[np.ndarray], fps: float = 30, **changes: object) -> list[dict[str, float]]:
    """What the flow says of each picture but the first, by name."""
    settings = {"columns": 4, "rows": 3, "directions": True, "size": 160, "floor": 2.0, **changes}
    flow = Flow(**settings)
    names = [f.name for f in flow_features(settings["columns"], settings["rows"], settings["directions"])]
    found = [flow.follow(picture, 5 + n / fps) for n, picture in enumerate(pictures)]
    assert [known for _, known in found] == [n > 0 for n in range(len(found))]
    return [dict(zip(names, values.tolist(), strict=True)) for values, _ in found[1:]]


@pytest.mark.parametrize("fps", [25, 30, 50, 60])
@pytest.mark.parametrize("speed", [0.2, 0.6, 1.8])
@pytest.mark.parametrize("way", [0.3, 1.9, 3.4, 5.1])
def test_a_known_velocity_is_told_in_heights_per_second_whatever_the_frame_rate(texture, fps, speed, way):
    x, y = speed * np.cos(way), speed * np.sin(way)
    told = said([window(texture, (n * x / fps, n * y / fps)) for n in range(5)], fps)
    for one in told[1:]:
        assert np.hypot(one["x"] - x, one["y"] - y) < 0.05 * speed
        assert one["amount"] == pytest.approx(speed, rel=0.05)
        assert one["cell.1.1.x"] == pytest.approx(x, abs=0.05 * speed)
        assert one["cell.2.1.y"] == pytest.approx(y, abs=0.05 * speed)


@pytest.mark.parametrize("rate", [-0.4, -0.1, 0.2, 0.6])
def test_coming_nearer_expands_and_going_away_shrinks(texture, rate):
    told = said([window(texture, zoom=np.exp(rate * n / 30)) for n in range(4)])[-1]
    assert told["expansion"] == pytest.approx(rate, rel=0.1)
    assert abs(told["turning"]) < 0.05 * abs(rate)
    assert np.hypot(told["x"], told["y"]) < 0.05 * abs(rate)


@pytest.mark.parametrize("rate", [-0.8, -0.2, 0.3, 1.0])
def test_turning_is_told_in_radians_per_second_clockwise(texture, rate):
    told = said([window(texture, turned=rate * n / 30) for n in range(4)])[-1]
    assert told["turning"] == pytest.approx(rate, rel=0.1)
    assert abs(told["expansion"]) < 0.05 * abs(rate)


@pytest.mark.parametrize("grain", [2, 6, 12])
@pytest.mark.parametrize("scene", ["texture", "wall", "dark"])
def test_a_still_noisy_picture_does_not_move(texture, grain, scene):
    still = {"texture": window(texture), "wall": np.full((*SIZE, 3), 120, np.uint8), "dark": window(texture) // 8}
    told = said([grainy(still[scene], grain, n) for n in range(6)])
    assert max(one["amount"] for one in told) < 0.02
    assert max(abs(one["expansion"]) + abs(one["turning"]) for one in told) < 0.02


def test_pictures_that_are_the_same_do_not_move_at_all(texture):
    told = said([window(texture)] * 3)
    assert all(value == 0 for one in told for value in one.values())


@pytest.mark.parametrize("light", [0.6, 0.8, 1.25, 1.5])
def test_light_that_changes_is_no_motion(texture, light):
    room = window(texture)
    flicker = [grainy(np.clip(room * (light if n % 3 == 2 else 1.0), 0, 255), 3, n) for n in range(7)]
    assert max(one["amount"] for one in said(flicker)) < 0.05


def test_motion_is_still_seen_while_the_light_changes(texture):
    steps = [window(texture, (0.02 * n, 0.0)) * light for n, light in enumerate((1.0, 0.7, 0.9, 0.6))]
    for one in said([step.astype(np.uint8) for step in steps]):
        assert one["x"] == pytest.approx(0.6, rel=0.1)


def test_what_moves_in_one_place_is_told_of_that_cell(texture):
    room, patch = window(texture), window(texture.T.copy()[:1100, :1100])[:80, :80]
    pictures = []
    for n in range(3):
        room_now = room.copy()
        room_now[30:110, 500 + 6 * n : 580 + 6 * n] = patch
        pictures.append(room_now)
    told = said(pictures)[-1]
    loudest = max((name for name in told if name.startswith("cell") and "amount" in name), key=told.get)
    assert loudest == "cell.3.0.amount"
    assert told["cell.3.0.x"] > 0.05
    assert told["cell.0.2.amount"] < 0.005


def test_a_picture_that_comes_twice_halves_nothing(texture):
    twice = [window(texture, (0.5 * (n // 2) / 30, 0.0)) for n in range(9)]
    for one in said(twice, 60)[2:]:
        assert one["x"] == pytest.approx(0.5, rel=0.05)


def test_after_a_cut_and_after_a_gap_the_values_hold_for_one_picture(texture):
    flow = Flow(2, 2, False, 160, 2.0)
    moving = [window(texture, (0.02 * n, 0.0)) for n in range(3)]
    held = [flow.follow(picture, n / 30)[0] for n, picture in enumerate(moving)][-1]
    elsewhere = window(texture, (0.4, 0.3))
    flow.forget()
    assert np.array_equal(flow.follow(elsewhere, 3 / 30)[0], held)
    assert flow.follow(elsewhere, 4 / 30)[0].max() == 0
    after_pause, known = flow.follow(moving[0], 2.0)
    assert known
    assert after_pause.max() == 0
    smaller = cv2.resize(moving[1], (320, 320))
    assert flow.follow(smaller, 2.03)[0].max() == 0


def test_two_pictures_at_nearly_the_same_moment_are_not_compared(texture):
    flow = Flow(2, 2, False, 160, 2.0)
    assert flow.follow(window(texture), 1.0) == (pytest.approx(np.zeros(9)), False)
    assert not flow.follow(window(texture, (0.02, 0.0)), 1.002)[1]
    values, known = flow.follow(window(texture, (0.02, 0.0)), 1 + 1 / 30)
    assert known
    assert values[1] == pytest.approx(0.6, rel=0.05)


@pytest.mark.parametrize("shape", [(480, 640), (20, 640), (640, 30), (3, 40), (1, 1)])
@pytest.mark.parametrize("size", [64, 320])
def test_pictures_of_any_shape_are_compared(shape, size):
    flow, rng = Flow(16, 12, True, size, 2.0), np.random.default_rng(1)
    for n in range(3):
        values, _ = flow.follow(rng.integers(0, 255, (*shape, 3), dtype=np.uint8), n / 30)
    assert np.isfinite(values).all()


def test_a_surface_without_texture_takes_the_motion_of_its_edges(texture):
    scenes = []
    for n in range(2):
        scene = np.full((*SIZE, 3), 200, np.uint8)
        scene[180:300, 200 + 8 * n : 320 + 8 * n] = 60
        scenes.append(prepared(scene, 160))
    moved = displaced(*scenes, floor=2.0)
    assert moved[60, 66, 0] == pytest.approx(2.0, abs=0.5)
    assert np.abs(moved[:20]).max() == 0


@given(
    st.tuples(*[st.floats(-3, 3)] * 2),
    st.floats(-2, 2),
    st.floats(-2, 2),
    st.integers(1, 16),
    st.integers(1, 12),
    st.sampled_from([(120, 160), (90, 160), (160, 133)]),
)
def test_a_field_of_shift_growth_and_turning_is_summed_up_exactly(shift, growth, turning, columns, rows, shape):
    high, wide = shape
    x = (np.arange(wide)[None] - (wide - 1) / 2) / high + 0 * np.arange(high)[:, None]
    y = ((high - 1) / 2 - np.arange(high)[:, None]) / high + 0 * x
    velocity = np.dstack((shift[0] + growth * x + turning * y, shift[1] + growth * y - turning * x))
    told = summed(velocity, columns, rows, False)
    assert np.allclose(told[1:5], [*shift, growth, turning], atol=1e-4)
    assert told[0] >= np.hypot(*told[1:3]) - 1e-4


@given(st.integers(0, 2**31), st.sampled_from([(1, 1), (2, 3), (4, 3), (8, 6), (16, 12)]))
def test_cells_average_to_the_whole(seed, grid):
    velocity = np.random.default_rng(seed).normal(size=(24, 32, 2))
    told = summed(velocity, *grid, True)
    assert np.allclose(told[5:].reshape(-1, 3).mean(axis=0), told[:3], atol=1e-4)
    assert len(told) == len(flow_features(*grid, True))
    corner = velocity[: 24 // grid[1], : 32 // grid[0]]
    assert np.allclose(told[6:8], corner.mean(axis=(0, 1)), atol=1e-4)
