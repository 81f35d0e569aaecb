"""Derived features in a running show: live, recorded, and replayed they are the same."""

import numpy as np
import pytest

from livegan import patch
from livegan.clock import SystemClock
from livegan.frame import Feature, Frame, groups
from livegan.inputs.take import load_take, save_take
from livegan.ring import Ring
from livegan.senses.derived import Derived
from livegan.show.host import Child, Host
from tests.shows import STEADY, play, show_of, wait_for

OWN = [
    Feature("left.x", group="left"),
    Feature("left.y", group="left"),
    Feature("right.x", group="right"),
    Feature("right.y", group="right"),
    Feature("lean", "angle", "body"),
    Feature("hit", "event", "body"),
]
FORMULAS = {
    "reach": "distance(left, right)",
    "quick": "smooth(speed(left.x), 100 ms)",
    "jerk": "acceleration(right.y)",
    "up": "above(left.y, 0.3, -0.3)",
    "calm": "mean(reach, 300 ms) - min(reach, 300 ms) + deviation(lean, 500 ms)",
    "way": "angle(left, right)",
    "ago": "before(way, 250 ms)",
    "steady": "smooth(lean, 50 ms)",
    "past": "rises(right.x, 0)",
    "glow": "fade(hit, 400 ms) * count(past, 1 s)",
    "share": "left.x / right.x",
}


@pytest.fixture
def raw(tmp_path):
    """A take of numbers at irregular times, with absences and cuts."""
    rng, count = np.random.default_rng(7), 90
    times = 3 + np.cumsum(rng.choice([0.004, 0.011, 0.033, 0.06, 0.3], count, p=[0.3, 0.3, 0.3, 0.06, 0.04]))
    data = rng.normal(size=(count, len(OWN))).astype(np.float32)
    data[:, 5] *= rng.random(count) < 0.1
    present, cuts = rng.random((count, 3)) < 0.85, rng.random(count) < 0.05
    path = tmp_path / "raw.safetensors"
    rows = zip(data, times, present, cuts, strict=True)
    save_take(path, OWN, [Frame(row, float(at), here, cut=bool(cut)) for row, at, here, cut in rows])
    return path


def played(path, formulas):
    """The frames that an input's own process gives of a take."""
    part = patch.part("inputs", "take", {"file": str(path), "derived": formulas}, "test")
    count, ring, clock = len(load_take(path)[1]), Ring.create(256, 256), SystemClock()
    host = Host([Child("take", part, ring, None, clock)], clock)
    try:
        host.start()
        wait_for(lambda: ring.count >= count)
        return part.type.derived(part.settings).features, [arrival.frame for arrival in ring.since(0)][:count]
    finally:
        host.close()
        ring.close()


def without(features, frames):
    """The same frames before anything was derived."""
    return [Frame(f.data[: len(OWN)], f.seen, f.present[: len(groups(OWN))], f.count, f.cut) for f in frames]


def test_a_take_replayed_gives_bit_for_bit_what_was_live(raw, tmp_path):
    features, live = played(raw, FORMULAS)
    kept = tmp_path / "kept.safetensors"
    save_take(kept, features, live)
    known, recorded = load_take(kept)
    derived = Derived(OWN, FORMULAS)
    again = [derived.step(frame) for frame in without(known, recorded)]
    assert known == features == derived.features
    assert len(again) == len(live) == 90
    for one, other in zip(live, again, strict=True):
        assert one.data.tobytes() == other.data.tobytes()
        assert one.present.tolist() == other.present.tolist()
    assert all(np.std([frame.data[n] for frame in live]) > 0 for n in range(len(OWN), len(features)))


def test_offline_agrees_with_a_replay_at_another_time_of_day(raw):
    _, live = played(raw, FORMULAS)
    derived = Derived(OWN, FORMULAS)
    offline = [derived.step(frame) for frame in load_take(raw)[1]]
    assert [frame.present.tolist() for frame in live] == [frame.present.tolist() for frame in offline]
    assert np.array([frame.data for frame in live]) == pytest.approx(
        np.array([frame.data for frame in offline]), rel=1e-5, abs=1e-5
    )


def test_a_mapping_plays_what_is_derived(tmp_path):
    path = tmp_path / "show.toml"
    derived = '[input.body.derived]\nhalf = "0.5 * x"\n'
    text = STEADY.replace("rate = 60\n", f"rate = 60\nfeatures = {{x = 0.8}}\n{derived}")
    path.write_text(text + '[mapping.half]\nfeatures = "body.half"\noutputs = ["psi"]\n')
    with show_of(path) as one:
        play(one, lambda: one.show.tick and one.show.tick.look.psi == pytest.approx(0.4))
        assert [feature.name for feature in one.show.feeds[0].features] == ["body.x", "body.half"]


def test_what_the_window_feeds_is_derived_from_too(tmp_path):
    path = tmp_path / "show.toml"
    derived = '[input.hand]\nkind = "pointer"\n[input.hand.derived]\nwide = "2 * x"\n'
    path.write_text(STEADY.replace("[generator]", f"{derived}[generator]"))
    with show_of(path) as one:
        one.world.local["hand"].feed(0.3, 0.5, False, True, SystemClock().now())
        play(one, lambda: one.show.feeds[1].frames > 0)
        assert one.show.feeds[1].track.told(np.inf)[-1] == pytest.approx(0.6)
