import multiprocessing
import os
import signal
import threading

import numpy as np
import pytest

from livegan.frame import Frame
from livegan.ring import Ring


@pytest.fixture
def ring():
    one = Ring.create(slots=8, size=4096)
    yield one
    one.close()


def numbers(value, size=100, seen=1.0):
    return Frame(np.full(size, value, np.float32), seen, np.array([True, False]))


def test_a_frame_comes_out_as_it_went_in(ring):
    ring.write(Frame(np.arange(5, dtype=np.float32), 12.25, np.array([True, False]), cut=True), 12.5)
    arrival = Ring.attach(ring.name).newest()
    assert arrival.frame.data.tolist() == [0, 1, 2, 3, 4]
    assert arrival.frame.present.tolist() == [True, False]
    assert (arrival.frame.seen, arrival.frame.count, arrival.frame.cut, arrival.written) == (12.25, 1, True, 12.5)


def test_pictures_keep_their_shape(ring):
    picture = np.random.default_rng(1).integers(0, 255, (13, 17, 3), dtype=np.uint8)
    ring.write(Frame(picture, 0.0, np.empty(0, bool)), 0.0)
    assert np.array_equal(ring.newest().frame.data, picture)


def test_every_frame_still_there_is_read_once_oldest_first(ring):
    for value in range(20):
        ring.write(numbers(value), 0.0)
    assert [a.frame.count for a in ring.since(17)] == [18, 19, 20]
    assert ring.since(20) == []
    assert 6 <= len(ring.since(0)) <= 7


def test_a_frame_too_large_is_refused_and_harms_nothing(ring):
    ring.write(numbers(1), 0.0)
    with pytest.raises(ValueError, match="does not fit"):
        ring.write(numbers(2, size=5000), 0.0)
    assert ring.newest().frame.data[0] == 1


def test_a_damaged_slot_is_not_believed(ring):
    ring.write(numbers(1), 0.0)
    ring.write(numbers(2), 0.0)
    memory = ring._memory.buf
    memory[ring._at(2) + 100] ^= 1
    assert ring.newest().frame.count == 1


def _write_for_ever(name):
    ring, value = Ring.attach(name), 0
    while True:
        value += 1
        ring.write(numbers(value % 1000, size=1000), 0.0)


def test_a_writer_killed_or_stopped_never_tears_or_hangs_a_reader():
    ring = Ring.create(slots=8, size=4096)
    try:
        for seed in range(3):
            writer = multiprocessing.get_context("spawn").Process(target=_write_for_ever, args=(ring.name,))
            writer.start()
            read = whole = 0
            while read < 3000:
                if arrival := ring.newest():
                    read += 1
                    whole += np.all(arrival.frame.data == arrival.frame.data[0])
            os.kill(writer.pid, signal.SIGSTOP if seed == 1 else signal.SIGKILL)
            assert whole == read
            assert ring.newest() is not None or ring.count == 0
            writer.kill()
            writer.join()
    finally:
        ring.close()


def test_reading_while_writing_in_another_thread_gives_whole_frames(ring):
    done = threading.Event()

    def write():
        for value in range(3000):
            ring.write(numbers(value % 100, size=900), 0.0)
        done.set()

    thread = threading.Thread(target=write)
    thread.start()
    while not done.is_set():
        for arrival in ring.since(max(0, ring.count - 3)):
            assert np.all(arrival.frame.data == arrival.frame.data[0])
    thread.join()
