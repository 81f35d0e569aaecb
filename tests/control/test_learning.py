"""Learning by wiggling: a control does what it was moved for, from the next movement on, and after a restart."""

import contextlib
import json
import socket

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livegan import osc
from livegan.clock import SystemClock
from livegan.control.control import Control
from livegan.control.knobs import MORPH, RANGES, Knob, Knobs
from livegan.control.learned import FILE, Binding, dumped, load
from livegan.control.learning import PATIENCE
from livegan.latent.look import Look
from livegan.rehearsal.opening import rehearsing
from tests.control.pads import TICK, Pads
from tests.shows import STEADY, free_port, play, show_of

REST_PSI = 0.8


@pytest.fixture
def make(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = []

    def make(more: str = "") -> Pads:
        made.append(Pads(tmp_path, more))
        return made[-1]

    yield make
    for one in made:
        one.control.close()


@pytest.fixture
def pads(make):
    return make()


def psi(pads: Pads) -> list[float]:
    return [tick.look.psi for tick in pads.rig.ticks]


def saved(folder) -> dict:
    return {one["target"]: one["control"] for one in json.loads((folder / "show" / FILE).read_text())["learned"]}


def learn(pads: Pads, target: str, name: str = "knob", *values: float) -> None:
    assert pads.ask("learn", target) == f"move the control for {target}"
    pads.turn(name, *(values or (0.1, 0.2, 0.3)))


def test_a_knob_is_for_a_number_from_the_moment_it_moves_and_nothing_jumps(pads, tmp_path):
    learn(pads, "psi")
    assert pads.said[-1] == "pad.knob is for psi now"
    pads.turn("knob", *np.linspace(0.3, 0.0, 30))
    pads.rig.go(1.0)
    assert psi(pads)[-1] == pytest.approx(0.0, abs=0.01)
    pads.turn("knob", *np.linspace(0.0, 0.5, 30))
    pads.rig.go(1.0)
    assert psi(pads)[-1] == pytest.approx(0.5, abs=0.01)
    steps = np.abs(np.diff(psi(pads)))
    assert steps.max() < 0.8 * TICK / MORPH + 0.03
    assert psi(pads)[20] == REST_PSI
    assert saved(tmp_path) == {"psi": "pad.knob"}


def test_a_little_is_no_movement_and_what_was_there_is_not(pads):
    pads.turn("knob", 0.5)
    pads.ask("learn", "psi")
    pads.turn("knob", 0.55, 0.6, 0.5, 0.4, 0.36)
    assert pads.learning.waiting == "psi"
    pads.turn("knob", 0.34)
    assert pads.learning.waiting == ""


def test_what_was_learned_is_undone_and_done_again_and_eases_back(pads, tmp_path):
    learn(pads, "psi")
    pads.turn("knob", 0.5, 0.0)
    pads.rig.go(1.0)
    before = len(psi(pads))
    assert pads.ask("undo") == "undone: pad.knob for psi"
    pads.rig.go(2.0)
    back = psi(pads)[before:]
    assert back[-1] == REST_PSI
    assert 0 < back[2] < 0.7
    assert saved(tmp_path) == {}
    assert pads.ask("redo") == "done again: pad.knob for psi"
    pads.rig.go(1.0)
    assert psi(pads)[-1] == REST_PSI  # until it is moved
    pads.turn("knob", 0.2, 0.4)
    pads.rig.go(1.0)
    assert psi(pads)[-1] == pytest.approx(0.4, abs=0.01)
    assert saved(tmp_path) == {"psi": "pad.knob"}


def test_a_pad_is_for_a_command_but_the_press_that_taught_it_does_not_ask(pads):
    learn(pads, "freeze", "note", 1.0, 0.0)
    assert pads.show.steering.frozen is None
    pads.turn("note", 1.0, 0.0)
    assert pads.show.steering.frozen is not None
    pads.ask("undo")
    pads.turn("note", 1.0, 0.0)
    assert pads.show.steering.frozen is not None


def test_an_event_is_for_a_command_and_not_for_a_number(pads):
    pads.ask("learn", "psi")
    pads.turn("hit", 1.0)
    assert pads.learning.waiting == "psi"
    learn(pads, "black", "hit", 1.0)
    assert pads.ask("learned") == "black by pad.hit"
    assert not pads.show.steering.black
    pads.turn("hit", 1.0)
    assert pads.show.steering.black


def test_of_what_one_press_moves_the_level_is_taken(pads):
    pads.ask("learn", "freeze")
    pads.put(hit=1.0, note=0.2)
    pads.rig.go(0.3)
    assert pads.ask("learned") == "freeze by pad.note"


def test_what_is_held_is_pressed_and_let_go_and_let_go_when_it_is_unlearned(pads):
    learn(pads, "record", "note", 1.0, 0.0)
    for end in (lambda: pads.turn("note", 0.0), lambda: pads.ask("unlearn", "record")):
        pads.ask("seed", 3)
        pads.turn("note", 1.0)
        assert pads.rig.rehearsal.teaching.state == "recording"
        end()
        pads.rig.go(0.1)
        assert pads.rig.rehearsal.teaching.state != "recording"


def test_a_command_can_follow_a_learned_control(pads):
    learn(pads, "near $")
    pads.turn("knob", 0.5, 0.7)
    assert pads.rig.rehearsal.choosing.distance == pytest.approx(0.7)


def test_the_same_target_again_goes_to_another_control_and_undo_brings_the_first_back(pads):
    learn(pads, "psi")
    pads.turn("knob", 0.2, 0.6)
    learn(pads, "psi", "stick", 0.1, 0.2, 0.3)
    assert pads.ask("learned") == "psi by pad.stick"
    pads.turn("knob", 0.1, 0.9)
    pads.turn("stick", 0.4, 0.45)
    pads.rig.go(1.0)
    assert psi(pads)[-1] == pytest.approx(0.45, abs=0.01)
    assert np.abs(np.diff(psi(pads))).max() < 0.4
    pads.ask("undo")
    assert pads.ask("learned") == "psi by pad.knob"


def test_what_moves_by_itself_is_not_taken(pads):
    for _ in range(8):
        pads.turn("hit", 1.0)
        pads.rig.go(0.1)
    pads.ask("learn", "next")
    for _ in range(4):
        pads.turn("hit", 1.0)
    assert pads.learning.waiting == "next"
    pads.put(hit=1.0, note=1.0)
    pads.rig.go(0.3)
    assert pads.ask("learned") == "next by pad.note"


def test_a_body_that_moves_is_not_taken_and_a_pad_pressed_twice_is(pads):
    pads.turn("note", 1.0, 0.0)
    pads.ask("learn", "psi")
    for x in np.linspace(-3, 3, 20):
        pads.rig.pose = np.array([x, 0.0, -x])
        pads.rig.go(0.1)
    assert pads.learning.waiting == "psi"
    pads.turn("note", 1.0, 0.0)
    assert pads.ask("learned") == "psi by pad.note"


def test_the_board_says_what_is_waited_for_cancel_ends_it_and_so_does_time(pads):
    pads.ask("learn", "psi")
    pads.rig.go(0.3)
    assert (pads.control.board.big, pads.control.board.alert) == ("move the control for psi", True)
    assert pads.ask("cancel") == "cancelled"
    pads.rig.go(0.3)
    assert pads.control.board.big == ""
    pads.turn("knob", 0.5)
    pads.ask("learn", "psi")
    pads.rig.go(PATIENCE - 0.5)
    assert pads.learning.waiting == "psi"
    pads.rig.go(1.0)
    assert pads.said[-1] == "no control was moved for 20 s: nothing was learned for psi"
    assert pads.ask("learned").startswith("nothing was learned yet")


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("zom", 'did you mean "zoom"'),
        ("zoom", "pattern does not move by zoom"),
        ("frieze", 'did you mean "freeze"'),
        ("teach 1000", "teach"),
    ],
)
def test_what_cannot_be_learned_is_told(pads, target, says):
    assert says in pads.ask("learn", target)
    assert pads.learning.waiting == ""


def test_without_a_control_nothing_is_waited_for(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rig = Pads(tmp_path, stale_after=0.5)
    assert "no input of this patch has a control for psi" in rig.ask("learn", "psi")
    assert rig.ask("learn", "freeze").startswith("move")  # an event can do that


def test_it_is_there_after_a_restart_and_waits_for_its_control(make, tmp_path):
    first = make()
    learn(first, "psi")
    first.turn("knob", 0.4, 90.0, 127.0)
    first.rig.go(2.0)
    again = make()
    again.turn("knob", 64.0)
    again.rig.go(1.0)
    assert psi(again)[-1] == REST_PSI
    again.turn("knob", 70.0)
    again.rig.go(1.0)
    assert psi(again)[-1] == pytest.approx(70 / 127, abs=0.01)
    assert again.ask("unlearn", "psi") == "pad.knob does not do psi any more"
    assert "there is: nothing" in again.ask("unlearn", "psi")
    assert load(tmp_path / "show" / FILE) == {}


def test_another_model_changes_nothing_about_knobs(pads):
    learn(pads, "psi")
    pads.turn("knob", 0.5, 0.25)
    assert pads.ask("model", "pattern").startswith("loading")
    pads.rig.go(1.5)
    assert pads.said[-1] == "pattern is on stage"
    assert psi(pads)[-1] == pytest.approx(0.25, abs=0.01)
    pads.turn("knob", 0.9)
    pads.rig.go(1.0)
    assert psi(pads)[-1] == pytest.approx(0.9, abs=0.01)


DAMAGED = [
    b"",
    b"[]",
    b"\xff\xfe",
    b'{"format": 2, "learned": []}',
    b'{"format": 1, "learned": [{"target": "psi"}]}',
    b'{"format": 1, "learned": [{"target": "psi", "control": "pad.knob", "low": 2, "high": 1}]}',
    b'{"format": 1, "learned": [{"target": "psi", "control": "a\\nb"}]}',
    b'{"format": 1, "learned": [], "more": 1}',
    b"[" * 100_000,
]


@pytest.mark.parametrize("data", DAMAGED, ids=range(len(DAMAGED)))
def test_a_damaged_file_is_told_and_nothing_of_it_is_lost(make, tmp_path, data):
    path = tmp_path / "show" / FILE
    path.parent.mkdir()
    path.write_bytes(data)
    pads = make()
    (note,) = pads.control.notes()
    assert str(path) in note
    assert "\n" not in note
    assert path.read_bytes() == data
    learn(pads, "psi")
    assert saved(tmp_path) == {"psi": "pad.knob"}
    assert path.with_suffix(".damaged-1.json").read_bytes() == data
    assert pads.control.notes() == []


def test_what_this_patch_lacks_is_told_and_kept(make, tmp_path):
    (tmp_path / "show").mkdir()
    kept = [
        Binding(target="psi", control="desk.fader", low=-1.0),
        Binding(target="dance", control="pad.note"),
        Binding(target="record", control="pad.hit"),
        Binding(target="black", control="pad.knob"),
    ]
    (tmp_path / "show" / FILE).write_bytes(dumped(kept))
    pads = make()
    missing, unknown, endless = pads.control.notes()
    assert missing.startswith("psi was learned with desk.fader, which no input of this patch gives")
    assert "dance" in unknown
    assert "record" in endless
    assert "psi by desk.fader (not in this patch)" in pads.ask("learned")
    pads.ask("unlearn", "dance")
    assert [*load(tmp_path / "show" / FILE).values()] == [kept[0], *kept[2:]]


FINITE = st.floats(-1e15, 1e15)


@given(st.sampled_from([*RANGES]), st.lists(st.one_of(FINITE, st.just(np.nan)), min_size=3), FINITE)
def test_whatever_a_control_says_the_number_stays_finite_and_within_reach(name, values, psi_of_base):
    knobs, moment = Knobs(), 0.0
    knobs.put(name, Knob(name, 0))
    base = Look(np.zeros((1, 4), np.float32), psi=psi_of_base, numbers={name: psi_of_base})
    for place, value in enumerate(values):
        if place == len(values) - 2:
            knobs.put(name, None)
        moment += 0.04
        look = knobs.look(np.array([value], np.float32), np.ones(1), base, moment)
        assert np.isfinite([look.psi, look.noise_strength, *look.numbers.values()]).all()


def test_a_zoom_goes_in_octaves_and_rests_in_the_middle():
    zoom = RANGES["zoom"]
    assert [zoom.at(share) for share in (0.0, 0.5, 1.0)] == pytest.approx([0.5, 1.0, 2.0])
    assert zoom.share(zoom.rest) == pytest.approx(0.5)
    for name, one in RANGES.items():
        assert one.share(one.at(0.3)) == pytest.approx(0.3), name


OSC = """
[input.desk]
kind = "osc"
port = {port}
[input.desk.addresses]
"/fader" = "fader"
"/button" = "button"
[control]
on = false
"""


def test_a_real_show_learns_a_fader_and_a_button_that_come_by_udp(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path, port, looks = tmp_path / "show.toml", free_port(), []
    path.write_text(STEADY + OSC.format(port=port))
    with contextlib.ExitStack() as stack:
        one = stack.enter_context(show_of(path, fps=50))
        rehearsal = stack.enter_context(rehearsing(one, SystemClock()))
        control = Control(rehearsal, one.plan, lambda: None, [], SystemClock(), print)
        stack.callback(control.close)
        sending = stack.enter_context(socket.socket(type=socket.SOCK_DGRAM))
        one.show.observe = lambda tick: (control.observe(tick), looks.append(tick.look.psi))
        learning = control._learning

        def send(address: str, value: float) -> bool:
            sending.sendto(osc.encode(address, value), ("127.0.0.1", port))
            return True

        play(
            one,
            lambda: send("/fader", 0.5) and one.world.feeds[1].frames > 0,
            lambda: learning.ask("psi"),
            lambda: send("/fader", 0.1) and not learning.waiting,
            lambda: send("/fader", 0.4) and abs(looks[-1] - 0.4) < 0.01,
            lambda: learning.ask("freeze"),
            lambda: send("/button", 1.0) and not learning.waiting,
            lambda: send("/button", 0.0) and one.show.steering.frozen is None,
            lambda: send("/button", 0.0) and float(one.show.tick.values[-1]) == 0.0,
            lambda: send("/button", 1.0) and one.show.steering.frozen is not None,
            lambda: (tmp_path / "show" / FILE).is_file() and len(saved(tmp_path)) == 2,
        )
        assert learning.told() == "psi by desk.fader, freeze by desk.button"
        assert one.show.fault == ""
    assert saved(tmp_path) == {"psi": "desk.fader", "freeze": "desk.button"}
