"""What is looked at, how often, and what is kept; with a network that sees nothing but colours."""

import numpy as np
import pytest

from livegan.training import fid as measuring
from livegan.training.fid import FILE, Fid
from tests.training.looking import Colours
from tests.training.small import discs

PICTURES = discs(90, 16)


class Heard(list):
    """What was told."""

    def fid(self, network, stop=lambda: False):
        return Fid(network, self.append, self.append, stop)


def begun(out, key="set 16", network=None, stop=lambda: False, there=range(10, 90)):
    """A measure of some of the pictures, and what was told."""
    heard = Heard()
    fid = heard.fid(network or Colours(), stop)
    fid.begin(out, np.array(there), lambda chosen: PICTURES[chosen], key)
    return fid, heard


def test_the_same_pictures_are_at_no_distance_and_others_are(tmp_path):
    fid, _ = begun(tmp_path)
    assert fid.chosen.tolist() == [*range(10, 90)]
    assert fid.distance([PICTURES[10:]]) == pytest.approx(0, abs=1e-6)
    assert fid.distance([255 - PICTURES[10:]]) > 0.01
    assert fid.distance(np.split(PICTURES[10:], 8)) == pytest.approx(0, abs=1e-6)


def test_how_much_there_is_to_do_is_told_first_and_then_how_far_it_is(tmp_path):
    fid, heard = begun(tmp_path)
    assert heard[0].startswith("FID looks at 80 pictures of the set once, and at 80 new ones at each checkpoint;")
    assert heard[1:] == [f"FID: {count} of 80 pictures of the set" for count in (32, 64, 80)]
    fid.distance([PICTURES[:80]])
    assert heard[-1] == "FID: 80 of 80 new pictures"


def test_of_many_pictures_some_from_everywhere_are_looked_at(tmp_path, monkeypatch):
    monkeypatch.setattr(measuring, "REAL", 40)
    monkeypatch.setattr(measuring, "GENERATED", 5)
    network = Colours()
    fid, heard = begun(tmp_path, network=network, there=range(90))
    assert heard[0].startswith("FID looks at 40 pictures of the set once, and at 5 new ones at")
    assert fid.chosen.tolist() == [0, 23, 46, 66, 89]
    assert network.seen == 40
    for count in range(1, 41):
        fid, _ = begun(tmp_path, there=range(count))
        assert len(set(fid.chosen)) == min(5, count)


def test_real_pictures_are_looked_at_once(tmp_path):
    first, _ = begun(tmp_path)
    network = Colours()
    again, _ = begun(tmp_path, network=network)
    assert network.seen == 0
    assert again.distance([PICTURES[:80]]) == first.distance([PICTURES[:80]])


@pytest.mark.parametrize("other", [{"key": "set 8"}, {"network": Colours("another")}, {"there": range(50)}])
def test_what_was_kept_of_others_does_not_count(tmp_path, other):
    begun(tmp_path)
    network = other.setdefault("network", Colours())
    begun(tmp_path, **other)
    assert network.seen == len(other.get("there", range(80)))


def test_what_was_kept_and_is_torn_is_made_again(tmp_path):
    begun(tmp_path)
    whole = (tmp_path / FILE).read_bytes()
    (tmp_path / FILE).write_bytes(whole[:-9])
    begun(tmp_path)
    assert (tmp_path / FILE).read_bytes() == whole


def test_told_to_stop_it_gives_up_and_keeps_nothing(tmp_path):
    asked = iter([False, True])
    fid, _ = begun(tmp_path, stop=lambda: next(asked))
    assert not (tmp_path / FILE).exists()
    assert fid.distance([PICTURES[:80]]) is None
    fid, _ = begun(tmp_path)
    fid, _ = begun(tmp_path, stop=lambda: True)
    assert fid.distance([PICTURES[:80]]) is None
