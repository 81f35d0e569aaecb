"""Whatever is commanded: no exception, the show goes on, undo is exact, the look stays in its box."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from livegan.control.repertoire import COMMANDS, Stand
from livegan.errors import LiveganError
from livegan.latent.look import is_finite
from tests.control.pads import CONTROLS, Pads
from tests.rehearsal.rig import Rig

POSES = [None, [0.0, 0.0, 0.0], [4.0, 0.0, 0.0], [0.0, 4.0, 0.0], [90.0, 0.0, -90.0]]
ASKED = [
    *[(name, ()) for name in ("grid", "near", "closer", "wider", "grab", "keep", "next", "previous", "forget")],
    *[(name, ()) for name in ("teach", "teach-all", "correct", "play", "cancel", "replace", "undo", "redo")],
    *[(name, ()) for name in ("freeze", "safe", "black", "check", "along", "refit", "status", "view")],
    *[("seed", (seed,)) for seed in range(4)],
    *[("pick", (number,)) for number in (1, 5, 12)],
    *[("record", (down,)) for down in (0, 1)],
    *[("keep", (name,)) for name in ("rose", "noon")],
    *[("name", (name,)) for name in ("rose", "dawn")],
    *[("look", (name,)) for name in ("rose", "1", "7")],
    *[("near", (0.5,)), ("grab", (1.0,)), ("lag", (100.0,)), ("teach", (2,)), ("refit", ("rbf",))],
    *[("model", (name,)) for name in ("pattern", "gone")],
    *[("rounds", ()), ("leave-out-all", ()), ("leave-out", (1,)), ("take-back", (1,))],
    *[("lesson", (name,)) for name in ("own", "fx", "gone")],
    *[("set", ("psi", 0.3)), ("set", ("glow", 2.0)), ("set", ("gone", 2.0)), ("example", ())],
    *[("record-output", ("glow", yes)) for yes in (False, True)],
    *[(name, (target,)) for name in ("learn", "unlearn") for target in ("psi", "freeze", "near $", "next", "rcord")],
    *[("learned", ()), ("learn", ("record",))],
    *[("relabel", (1, "rose")), ("edit", (1, "psi", 0.5)), ("edit", (2, "body.x", 0.5, 1)), ("blank", (1, "glow"))],
]
DEEDS = [
    ("seed", (9,)),
    ("keep", ()),
    ("keep", ("day",)),
    ("forget", ()),
    ("name", ("night",)),
    ("replace", ()),
    ("refit", ()),
    ("leave-out-all", ()),
    ("leave-out", (1,)),
    ("take-back", (1,)),
    ("model", ("pattern",)),
    ("relabel", (1, "rose")),
    ("edit", (1, "psi", 0.5)),
    ("blank", (2, "glow")),
    ("unlearn", ("psi",)),
    ("unlearn", ("freeze",)),
]
STEPS = st.lists(
    st.one_of(
        st.sampled_from(ASKED),
        st.tuples(st.just("pose"), st.sampled_from(range(len(POSES)))),
        st.tuples(st.just("go"), st.floats(0.02, 1.5)),
        st.tuples(st.just("turn"), st.tuples(st.sampled_from([*CONTROLS]), st.sampled_from([0.0, 0.3, 1.0]))),
        st.tuples(
            st.just("wiggle"), st.tuples(st.sampled_from(["psi", "freeze", "next"]), st.sampled_from([*CONTROLS]))
        ),
        st.tuples(st.just("back and forth"), st.sampled_from(DEEDS)),
        st.just(("teach something", ())),
    ),
    max_size=25,
)


@contextmanager
def playing() -> Iterator[tuple[Pads, Stand]]:
    """A rig in a folder of its own, in memory where there is such a place."""
    place = Path("/dev/shm") if Path("/dev/shm").is_dir() else None
    folder = Path(tempfile.mkdtemp(dir=place))
    try:
        with chdir(folder):
            pads = Pads(folder, mapping='[mapping.fx]\noutputs = ["psi", "glow"]\n')
            yield pads, pads.stand
    finally:
        shutil.rmtree(folder)


def asked(stand: Stand, name: str, values: tuple) -> str:
    """As whoever asks would be answered."""
    try:
        reply = COMMANDS.run(stand, name, values)
        stand.rehearsal.note(reply)
    except LiveganError as error:
        reply = str(error)
        stand.rehearsal.note(reply, error=True)
    assert "\n" not in reply
    return reply


def state(stand: Stand) -> tuple:
    """What undo is to bring back."""
    of = stand.rehearsal
    kept = [(one.name, one.look.seed) for one in of.choosing.kept]
    lecterns = [course.lectern for course in of.courses.all.values()]
    taught = [([r.id for r in one.rounds.kept], one.rounds.version, one.fits.model) for one in lecterns]
    return kept, taught, dict(stand.learning.bindings)


def back_and_forth(rig: Rig, stand: Stand, deed: tuple) -> None:
    """Whatever a deed changed, undo brings back exactly, and redo makes again."""
    deeds = rig.rehearsal.deeds
    before, count = state(stand), len(deeds._done)
    asked(stand, *deed)
    rig.go(0.04)
    after, more = state(stand), len(deeds._done) - count
    for _ in range(more):
        assert asked(stand, "undo", ()).startswith("undone")
        rig.go(0.04)
    assert state(stand) == before
    for _ in range(more):
        assert asked(stand, "redo", ()).startswith("done again")
        rig.go(0.04)
    assert state(stand) == after


def step(pads: Pads, stand: Stand, what: str, value: object) -> None:
    rig, of = pads.rig, stand.rehearsal
    if what == "pose":
        rig.pose = None if POSES[value] is None else np.array(POSES[value])
    elif what == "go":
        rig.go(value)
    elif what == "turn":
        pads.turn(*value)
    elif what == "wiggle":
        asked(stand, "learn", value[:1])
        pads.turn(value[1], 1.0, 0.0, 1.0)
    elif what == "teach something":
        chosen = ("set", ("psi", 0.1)) if of.course.sliders else ("seed", (len(of.deeds._done),))
        for name, values in (chosen, ("teach", ())):
            asked(stand, name, values)
        rig.go(0.6)
    elif what != "back and forth":
        asked(stand, what, value)
    elif not of.teaching.busy and not of.checking.running and not of.along.running and of._resume_at is None:
        back_and_forth(rig, stand, value)


def held(rig: Rig) -> None:
    """What holds at any moment, for the ticks since it was asked last."""
    for tick in rig.ticks:
        assert is_finite(tick.look)
        assert np.abs(tick.look.w).max() < BOX
        assert 0.0 <= tick.light <= 1.0
    rig.ticks.clear()
    before = rig.show.meters.frames
    rig.go(0.08)
    assert rig.show.meters.frames > before
    assert rig.show.running
    assert rig.show.meters.faults == 0, rig.show.fault


BOX = 8.0
"""The pattern's w are normal numbers, and no command may leave their range."""


def run(steps: list[tuple]) -> int:
    """Play a sequence, holding what must hold after each step; gives how many pictures it took."""
    with playing() as (pads, stand):
        for what, value in steps:
            step(pads, stand, what, value)
            held(pads.rig)
        return pads.rig.show.meters.frames


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STEPS)
def test_any_sequence_of_commands(steps):
    assert run(steps) >= 2 * len(steps)
