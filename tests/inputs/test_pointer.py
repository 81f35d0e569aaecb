import numpy as np

from livegan.frame import groups
from livegan.inputs.pointer import Pointer


def opened() -> Pointer:
    pointer = Pointer()
    pointer.open(Pointer.Settings(kind="pointer"))
    return pointer


def test_it_gives_what_it_was_fed_in_order():
    pointer = opened()
    pointer.feed(0.25, 0.75, down=False, inside=True, at=1.0)
    pointer.feed(0.5, 0.5, down=True, inside=True, at=1.1)
    first, second = pointer.read(0.0), pointer.read(0.0)
    assert (first.data.tolist(), first.seen) == ([0.25, 0.75, 0.0], 1.0)
    assert (second.data.tolist(), second.seen) == ([0.5, 0.5, 1.0], 1.1)
    assert second.data.dtype == np.float32
    assert pointer.read(0.0) is None


def test_its_features_fit_its_frames():
    pointer = opened()
    pointer.feed(0, 0, down=False, inside=True, at=0.0)
    frame = pointer.read(0.0)
    features = Pointer.features(Pointer.Settings(kind="pointer"))
    assert [(f.name, f.kind) for f in features] == [("x", "linear"), ("y", "linear"), ("button", "step")]
    assert frame.data.shape == (len(features),)
    assert frame.present.shape == (len(groups(features)),) == (1,)


def test_outside_nobody_is_there_and_the_place_stays_on_the_edge():
    pointer = opened()
    pointer.feed(1.2, -0.1, down=True, inside=False, at=1.0)
    frame = pointer.read(0.0)
    assert frame.present.tolist() == [False]
    assert frame.data.tolist() == [1, 0, 1]


def test_coming_in_is_a_cut_and_staying_is_not():
    pointer = opened()
    for at, inside in enumerate([True, True, False, False, True, True]):
        pointer.feed(0.5, 0.5, down=False, inside=inside, at=float(at))
    cuts = [pointer.read(0.0).cut for _ in range(6)]
    assert cuts == [True, False, False, False, True, False]


def test_what_nobody_reads_does_not_grow_for_ever_and_the_newest_is_kept():
    pointer = opened()
    for at in range(5_000):
        pointer.feed(0.5, 0.5, down=False, inside=True, at=float(at))
    seen = []
    while frame := pointer.read(0.0):
        seen.append(frame.seen)
    assert len(seen) < 2_000
    assert seen[-1] == 4_999


def test_opening_again_forgets():
    pointer = opened()
    pointer.feed(0.5, 0.5, down=False, inside=True, at=0.0)
    pointer.open(Pointer.Settings(kind="pointer"))
    assert pointer.read(0.0) is None
    pointer.feed(0.5, 0.5, down=False, inside=True, at=1.0)
    assert pointer.read(0.0).cut
    pointer.close()
    pointer.close()
