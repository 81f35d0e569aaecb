import json
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load_file, save

from livegan.errors import BadRequest, Lost
from livegan.frame import Feature, Frame
from livegan.inputs.take import Take, load_take, save_take
from tests.fakes import FakeClock

FEATURES = [
    Feature("x", group="body", unit=0.5),
    Feature("turn", "angle", "body", max_gap=0.1),
    Feature("note", "event", "hand"),
]


def frames(count: int = 20, start: float = 1000.0) -> list[Frame]:
    chance = np.random.default_rng(count)
    seen = start + np.cumsum(chance.uniform(0.01, 0.06, count))
    return [
        Frame(chance.normal(size=3).astype(np.float32), float(at), chance.random(2) > 0.3, n + 1, n % 7 == 5)
        for n, at in enumerate(seen)
    ]


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "dance.safetensors"
    save_take(path, FEATURES, frames())
    return path


def opened(path, clock: FakeClock, **changes: object) -> Take:
    take = Take(clock)
    take.open(Take.Settings(kind="take", file=str(path), **changes))
    return take


def same(a: Frame, b: Frame) -> bool:
    return np.array_equal(a.data, b.data) and np.array_equal(a.present, b.present) and a.cut == b.cut


def test_what_is_saved_is_what_is_read(path):
    features, found = load_take(path)
    assert features == FEATURES
    assert len(found) == 20
    assert all(same(a, b) and a.seen == b.seen and a.count == b.count for a, b in zip(found, frames(), strict=True))


def test_features_come_from_the_file(path):
    assert Take.features(Take.Settings(kind="take", file=str(path))) == FEATURES


@given(timeout=st.floats(0.001, 0.2))
def test_frames_come_at_their_own_spacing_whoever_reads(tmp_path_factory, timeout):
    path = tmp_path_factory.mktemp("takes") / "a.safetensors"
    save_take(path, FEATURES, frames())
    clock = FakeClock(5.0)
    take, got = opened(path, clock), []
    while clock.now() < 8.0:
        frame = take.read(timeout)
        if frame is not None:
            assert clock.now() == pytest.approx(frame.seen)
            got.append(frame)
    recorded = frames()
    assert len(got) == 20
    assert all(same(a, b) for a, b in zip(got, recorded, strict=True))
    assert np.allclose([f.seen - 5.0 for f in got], [f.seen - recorded[0].seen for f in recorded], atol=1e-9)


def test_a_late_reader_misses_nothing(path):
    clock = FakeClock(0.0)
    take = opened(path, clock)
    clock.time = 60.0
    got = [take.read(0.0) for _ in range(21)]
    assert got[20] is None
    assert all(same(a, b) for a, b in zip(got[:20], frames(), strict=True))
    assert got[19].seen < 2.0


def test_a_loop_goes_on_in_time_with_a_cut(path):
    clock = FakeClock(0.0)
    take = opened(path, clock, loop=True)
    got = [take.read(1.0) for _ in range(60)]
    assert (np.diff([frame.seen for frame in got]) > 0).all()
    assert [got[n].cut for n in (0, 20, 40)] == [False, True, True]
    assert np.array_equal(got[3].data, got[43].data)


def test_one_frame_is_a_take(tmp_path):
    path = tmp_path / "one.safetensors"
    save_take(path, FEATURES, frames(1))
    take = opened(path, FakeClock(), loop=True)
    assert [take.read(2.0).seen for _ in range(3)] == [100.0, 101.0, 102.0]


def changed(path, **tensors: np.ndarray | None) -> None:
    content = load_file(path) | tensors
    about = {"livegan": json.dumps({"format": 1, "features": [{"name": n} for n in "abc"]})}
    path.write_bytes(save({name: value for name, value in content.items() if value is not None}, about))


@pytest.mark.parametrize(
    "tensors",
    [
        {"seen": None},
        {"seen": np.zeros(0)},
        {"seen": np.arange(20.0)[::-1].copy()},
        {"seen": np.full(20, np.nan)},
        {"data": np.full((20, 3), np.inf, np.float32)},
        {"data": np.zeros((20, 4), np.float32)},
        {"data": np.zeros((20, 3), np.float64)},
        {"present": np.zeros((20, 9), bool)},
        {"cut": np.zeros(20, np.int8)},
    ],
)
def test_numbers_that_are_no_take_are_refused(path, tensors):
    changed(path, present=np.zeros((20, 1), bool))
    load_take(path)
    changed(path, **{"present": np.zeros((20, 1), bool)} | tensors)
    with pytest.raises(BadRequest, match=r"^the take [^\n]*$"):
        load_take(path)
    with pytest.raises(Lost, match=r"^the take [^\n]*$"):
        opened(path, FakeClock())


@pytest.mark.parametrize(
    "about",
    [
        {},
        {"livegan": "not json"},
        {"livegan": "[]"},
        {"livegan": "{}"},
        {"livegan": json.dumps({"format": 2, "features": []})},
        {"livegan": json.dumps({"format": 1, "features": [{"name": "x", "kind": "odd"}]})},
        {"livegan": json.dumps({"format": 1, "features": [{"no": 1}]})},
        {"livegan": "[" * 100_000},
    ],
)
def test_a_head_that_is_no_take_is_refused(path, about):
    path.write_bytes(save(load_file(path), about))
    with pytest.raises(BadRequest, match=r"^[^\n]*take[^\n]*$"):
        Take.features(Take.Settings(kind="take", file=str(path)))


def test_a_torn_file_is_refused_wherever_it_is_torn(path):
    whole = path.read_bytes()
    for length in [*range(64), *range(64, len(whole), 37)]:
        path.write_bytes(whole[:length])
        with pytest.raises(BadRequest):
            load_take(path)


def test_a_flipped_byte_gives_a_take_or_one_sentence(path):
    whole, chance = path.read_bytes(), random.Random(1)
    for _ in range(300):
        damaged = bytearray(whole)
        damaged[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
        path.write_bytes(damaged)
        found, sentence = [], ""
        try:
            _, found = load_take(path)
        except BadRequest as error:
            sentence = str(error)
        assert "\n" not in sentence
        assert bool(sentence) != bool(found)
        assert all(np.isfinite(frame.data).all() for frame in found)


@pytest.mark.parametrize("wrong", [[], [*frames(3), Frame(np.zeros(9, np.float32), 2e3, np.zeros(2, bool))]])
def test_what_does_not_fit_is_not_written(path, wrong):
    before = path.read_bytes()
    with pytest.raises(BadRequest):
        save_take(path, FEATURES, wrong)
    assert path.read_bytes() == before
