"""Formulas that remember while an input at rest is silent: time goes on, then it is quiet; nothing is lost or twice."""

import numpy as np
import pytest

from livegan.clock import Clock
from livegan.frame import Feature, Frame
from livegan.senses.derived import Derived
from livegan.senses.onward import PAUSE, PERIOD, Onward
from livegan.show.track import Track
from tests.fakes import FakeClock

OWN = [Feature("knob", "step", "knob"), Feature("hit", "event", "played"), Feature("wheel", group="played")]
FORMULAS = {
    "fade": "fade(hit, 500 ms)",
    "count": "count(hit, 1 s)",
    "smooth": "smooth(knob, 150 ms)",
    "speed": "speed(knob)",
    "turning": "speed(wheel)",
    "late": "smooth(fade(hit, 1 s), 100 ms)",
    "over": "falls(fade, 0.5)",
}
NAMES = [feature.name for feature in OWN] + list(FORMULAS)


class Desk:
    """Something that is read a hundred times a second, and what is written of it."""

    def __init__(self, formulas: dict[str, str] = FORMULAS, resting: bool = True) -> None:
        self.clock: Clock = FakeClock()
        self.derived = Derived(OWN, formulas)
        self.onward = Onward(self.derived, resting)
        self.frames: list[Frame] = []
        self.late: list[float] = []

    def say(self, knob: float, hit: float, wheel: float = 0.0, ago: float = 0.0, here: bool = True, **more: bool):
        data = np.array([knob, hit, wheel], np.float32)
        self._write(Frame(data, self.clock.now() - ago, np.array([here, here]), **more))

    def rest(self, seconds: float) -> None:
        end = self.clock.now() + seconds
        while self.clock.now() < end:
            self._write(None)
            self.clock.sleep_until(self.clock.now() + 0.01)

    def _write(self, frame: Frame | None) -> None:
        for arrival in self.onward.step(frame, self.clock.now(), self.clock):
            self.frames.append(arrival.frame)
            self.late.append(arrival.written - arrival.frame.seen)

    def told(self, name: str) -> np.ndarray:
        return np.array([frame.data[NAMES.index(name)] for frame in self.frames])

    @property
    def seen(self) -> np.ndarray:
        return np.array([frame.seen for frame in self.frames])


def struck() -> Desk:
    """A pad that was hit and let go, a knob turned up and a wheel, all at once; then ten seconds of silence."""
    one = Desk()
    one.say(0, 0)
    one.rest(5)
    one.say(1, 0.96, 0.5)
    one.clock.sleep_until(one.clock.now() + 0.02)
    one.say(1, 0, 0.5)
    one.rest(10)
    return one


def test_a_pad_that_was_let_go_fades_and_what_a_knob_plays_arrives():
    one = struck()
    hit = one.told("hit").argmax()
    ago, fading = one.seen[hit:] - one.seen[hit], one.told("fade")[hit:]
    assert fading == pytest.approx(0.96 * np.clip(1 - ago / 0.5, 0, 1), abs=1e-6)
    assert one.told("count")[hit] == 1
    assert one.told("smooth")[hit] < 0.5
    assert one.told("speed")[hit] > 1
    assert one.told("late").max() > 0.3
    end = {name: one.told(name)[-1] for name in FORMULAS}
    wanted = dict.fromkeys(FORMULAS, 0) | {"smooth": 1}
    assert end == pytest.approx(wanted, abs=2e-4)
    assert (end["fade"], end["count"], end["speed"], end["turning"]) == (0, 0, 0, 0)


def test_it_comes_often_and_then_is_quiet():
    one = struck()
    after = one.seen[one.told("hit").argmax() :]
    assert np.diff(after).max() <= PAUSE + 0.011
    assert 30 <= len(after) / (after[-1] - after[0]) <= 1 / PERIOD
    assert 2 <= after[-1] - after[0] <= 2.2  # a fade of 1 s, smoothed by ten times 100 ms
    count = len(one.frames)
    one.rest(60)
    assert len(one.frames) == count


def test_an_event_happens_once_and_no_picture_hears_of_it_twice():
    one = struck()
    track = Track(one.derived.features, None)
    heard = []
    for frame in one.frames:
        assert track.push(frame)
        heard.append(track.at(frame.seen + 0.01).values[[1, NAMES.index("over")]])
    assert np.count_nonzero(heard, axis=0).tolist() == [1, 1]


def test_frames_at_rest_say_nothing_of_latency_and_are_never_from_the_future():
    assert 0 <= min(struck().late) <= max(struck().late) <= 0.005


def test_the_frames_alone_give_the_same_again():
    one = struck()
    again = Derived(OWN, FORMULAS)
    for frame in one.frames:
        bare = Frame(frame.data[: len(OWN)], frame.seen, frame.present[:2], cut=frame.cut)
        assert again.step(bare).data.tobytes() == frame.data.tobytes()


def test_what_was_at_rest_has_been_so_until_it_moves():
    one = Desk({"smooth": "smooth(knob, 150 ms)", "past": "rises(wheel, 0.5)"})
    one.say(0, 0)
    one.rest(20)
    one.say(1, 0, 1)
    smooth, past = one.frames[-1].data[3:]
    assert smooth < 0.5
    assert past == 1
    assert one.seen[-1] - one.seen[-2] == pytest.approx(PERIOD)


def test_what_the_driver_stamped_before_but_told_after_a_frame_at_rest_is_not_lost():
    one = Desk()
    one.say(0, 0)
    one.rest(0.3)
    one.say(0, 1, ago=one.clock.now() - one.seen[-1] + 0.001)
    track = Track(one.derived.features, None)
    assert all(track.push(frame) for frame in one.frames)
    assert one.frames[-1].data[1] == 1
    assert one.late[-1] >= 0


def test_a_knob_in_motion_is_left_as_it_is():
    one = Desk()
    for number in range(50):
        one.say(number / 50, 0)
        one._write(None)
        one.clock.sleep_until(one.clock.now() + 0.03)
    assert len(one.frames) == 50
    assert one.told("speed")[2:] == pytest.approx(1 / 50 / 0.03, rel=1e-3)


def test_a_slow_knob_goes_slowly_and_then_stands():
    one = Desk()
    for number in range(20):
        one.say(number / 100, 0)
        one.rest(0.1)
    assert one.told("speed").max() == pytest.approx(0.1, rel=0.01)
    assert one.told("speed")[20:].min() >= 0.04
    one.rest(1)
    assert one.told("speed")[-1] == 0


def silent_after(one: Desk) -> bool:
    count = len(one.frames)
    one.rest(3)
    return len(one.frames) == count


def test_nobody_is_made_live():
    one = Desk()
    assert silent_after(one)
    one.say(1, 1)
    one.rest(0.2)
    one.say(0, 0, here=False)
    assert silent_after(one)
    one.say(0, 0, cut=True)
    assert one.frames[-2].present.tolist()[:2] == [False, False]


@pytest.mark.parametrize("formulas", [{}, {"twice": "2 * knob"}, {"on": "above(knob, 0.6, 0.4)"}])
def test_where_nothing_asks_for_time_nothing_is_added(formulas):
    one = Desk(formulas)
    one.say(1, 1)
    assert one.onward.patience(one.clock.now()) == np.inf
    assert silent_after(one)


def test_the_silence_of_a_camera_is_no_rest():
    one = Desk(resting=False)
    one.say(1, 1)
    assert silent_after(one)


@pytest.mark.parametrize(
    ("formula", "reach"),
    [
        ("2 * knob", 0),
        ("fade(hit, 500 ms)", 0.5),
        ("count(hit, 2 s) + fade(hit, 1 s)", 2),
        ("before(smooth(knob, 100 ms), 3 s)", 4),
        ("above(mean(knob, 1 s), 1, 0)", 1),
    ],
)
def test_what_remembers_what_is_remembered_reaches_back_as_far_as_both(formula, reach):
    assert Derived(OWN, {"found": formula, "more": "2 * found"}).reach == pytest.approx(reach)
