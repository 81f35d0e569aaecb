import threading
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livegan.senses.samples import JUMP, Samples, Timeline, mono

RATE = 8_000


def block(first: int, count: int) -> np.ndarray:
    """Samples that tell their number."""
    return np.arange(first, first + count, dtype=np.float32)[:, None] + np.array([0, 0.5], np.float32)


@given(sizes=st.lists(st.integers(1, 900), min_size=1, max_size=60), count=st.integers(1, 80))
def test_every_sample_is_read_once_and_in_order(sizes, count):
    samples, number = Samples(RATE, 2), 0
    for size in sizes:
        samples.put(block(samples.count, size), 0.0, 0.0)
        while samples.count >= number + count:
            assert np.array_equal(samples.since(number, count), block(number, count))
            number += count
    assert samples.count == sum(sizes)


def test_what_is_gone_is_told_as_gone():
    samples = Samples(RATE, 2)
    for _ in range(10):
        samples.put(block(samples.count, 800), 0.0, 0.0)
    assert samples.since(0, 80) is None
    assert np.array_equal(samples.since(7920, 80), block(7920, 80))


def test_the_cards_thread_takes_no_memory():
    samples, sound = Samples(RATE, 2), block(0, 80)
    for _ in range(200):
        samples.put(sound, 1.0, 1.0)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(2000):
        samples.put(sound, 1.0, 1.0)
    used = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert used < 2_000


def test_a_reader_beside_the_cards_thread_sees_no_torn_sound():
    samples, going = Samples(RATE, 2), threading.Event()

    def card() -> None:
        while not going.is_set():
            samples.put(block(samples.count % 2**20, 80), 0.0, 0.0)

    thread = threading.Thread(target=card)
    thread.start()
    try:
        for _ in range(3000):
            found = samples.since(max(0, samples.count - 2000), 80)
            if found is not None and samples.count > 4000:
                steps = np.diff(found[:, 0])
                assert ((steps == 1) | (steps == 1 - 2**20)).all()
    finally:
        going.set()
        thread.join()


@given(seed=st.integers(0, 999), drift=st.floats(-2e-4, 2e-4))
def test_blocks_jitter_and_samples_do_not(seed, drift):
    chance, line, told = np.random.default_rng(seed), Timeline(RATE), []
    for n in range(600):
        true = 50 + 80 * n / RATE * (1 + drift)
        assert line.hear(80 * n, true + chance.uniform(0, 0.01)) == 0
        told.append(line.at(80 * n) - true)
    assert min(told) > -0.001
    assert max(told) < 0.011
    assert np.abs(np.diff(told[50:])).max() < 0.0006


def test_a_gap_is_told_with_its_length():
    line = Timeline(RATE)
    line.hear(0, 10.0)
    line.hear(80, 10.01)
    assert line.hear(160, 10.02 + JUMP + 0.2) == pytest.approx(JUMP + 0.2)
    assert line.at(160) == pytest.approx(10.02 + JUMP + 0.2)
    assert line.hear(160, 99.0) == 0
    assert line.hear(240, 10.0) == 0
    assert line.at(240) == pytest.approx(10.0)


def test_one_channel_or_the_mean_of_all():
    samples = np.array([[0.0, 1.0], [0.5, 0.0]], np.float32)
    assert mono(samples, None).tolist() == [0.5, 0.25]
    assert mono(samples, 2).tolist() == [1.0, 0.0]
    assert mono(samples, 3).tolist() == [1.0, 0.0]
