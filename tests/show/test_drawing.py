"""The operator's view as a whole: every board is a picture, and everything on it is seen."""

from dataclasses import replace

import numpy as np
import pytest

from livegan.show.board import Board, Cell
from livegan.show.drawing import SIZE, Painter, View, subject
from livegan.show.panels import MODES

CAMERA = np.random.default_rng(0).integers(0, 256, (480, 640, 3), np.uint8)
EMPTY = View("", None, [], [], [], [])
FULL = View(
    "dancer",
    CAMERA,
    [((0.1, 0.1), (0.9, 0.9)), ((0.5, 0.2), (1.5, 0.2))],
    [(word, word, "14 ms old on arrival") for word in ("live", "silent", "stale", "wrong", "absent")],
    [("pictures a second", "30.0"), ("late / held", "0 / 0 of 300")],
    ["z looks uniform"],
)
LONG = replace(
    FULL,
    title="dancer " * 100,
    inputs=[("body" * 40, "wrong", "word " * 200), ("é" * 300, "live", "x" * 900)] * 6,
    rows=[("latency " * 20, "9" * 200)] * 12,
    notes=["a note that\ngoes on\tand on " * 20] * 6,
)
PICTURE = np.random.default_rng(1).integers(0, 256, (160, 160, 3), np.uint8)
CELLS = tuple(Cell(PICTURE if i % 3 else None, f"seed {i}", str(i), (200, 90, 90), i == 5) for i in range(12))
LOUD = Board(
    mode="choosing",
    big="next: rose",
    share=0.4,
    grid=CELLS,
    kept=CELLS[:5],
    confidence=0.8,
    progress=("fitting", 0.3),
    question="Enter keeps both",
    said=(("kept as rose", False), ("the disk is full", True)),
    keys=(("T", "teach"), ("H", "this view")),
)
ENDLESS = replace(
    LOUD,
    big="hold still " * 20,
    grid=tuple(replace(cell, caption="night lake " * 50, key="page down") for cell in CELLS),
    kept=tuple(replace(cell, caption="Grüne Straße " * 50) for cell in CELLS * 4),
    progress=("word " * 100, 9.0),
    question="why " * 400,
    said=(("word " * 100, True),) * 9,
    keys=(("page down " * 9, "does a lot " * 40),) * 80,
)
VIEWS = {"empty": EMPTY, "full": FULL, "long": LONG}
BOARDS = {"bare": Board(), "loud": LOUD, "endless": ENDLESS}


def draw(view):
    return Painter().draw(view)


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS.keys())
@pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS.keys())
@pytest.mark.parametrize("whole", [True, False])
def test_every_view_is_a_picture(view, board, whole):
    drawn = draw(replace(view, board=board, whole=whole))
    assert drawn.shape == (*SIZE[::-1], 4)
    assert drawn.dtype == np.uint8
    assert drawn[..., :3].max() > 150


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("part", ["big", "grid", "question", "nothing"])
def test_every_mode_shows_its_word_in_its_colour(mode, part):
    board = Board(mode=mode) if part == "nothing" else Board(mode=mode, **{part: getattr(LOUD, part)})
    drawn = draw(replace(FULL, board=board, whole=False))
    assert (drawn[50, 42, :3] == MODES[mode][1]).all()


@pytest.mark.parametrize("part", ["grid", "kept", "confidence", "progress", "question", "said", "keys", "big"])
@pytest.mark.parametrize("mode", ["playing", "recording"])
def test_what_the_board_tells_is_seen(part, mode):
    bare = Board(mode=mode)
    told = replace(bare, **{part: getattr(LOUD, part)})
    assert (draw(replace(FULL, board=told)) != draw(replace(FULL, board=bare))).any()


@pytest.mark.parametrize("part", ["kept", "confidence", "progress", "said"])
@pytest.mark.parametrize("main", ["big", "grid", "question", "keys"])
def test_nothing_is_lost_beside_what_has_the_most_room(part, main):
    mode = "recording" if main == "big" else "choosing"
    bare = Board(mode=mode, **{main: getattr(LOUD, main)})
    told = replace(bare, **{part: getattr(LOUD, part)})
    assert (draw(replace(FULL, board=told)) != draw(replace(FULL, board=bare))).any()


@pytest.mark.parametrize("mode", ["counting", "recording", "along"])
@pytest.mark.parametrize(("view", "board"), [(FULL, LOUD), (LONG, ENDLESS)])
def test_the_performer_sees_herself_beside_the_number(mode, view, board):
    view = replace(view, board=replace(board, mode=mode))
    assert subject(view) == "big"
    white = np.full_like(CAMERA, 255)
    with_camera, without = (draw(replace(view, camera=camera)) for camera in (white, None))
    assert (with_camera != without).any(axis=-1).sum() > 10_000


@pytest.mark.parametrize("main", ["big", "grid"])
def test_a_question_is_seen_beside_everything(main):
    board = replace(LOUD, mode="recording" if main == "big" else "choosing")
    assert subject(replace(FULL, board=board)) == main
    drawn = draw(replace(FULL, board=board))
    assert (drawn[..., :3] == (250, 196, 84)).all(axis=-1).sum() > 60_000


def test_an_error_alone_leaves_the_audiences_picture_as_it_is():
    drawn = draw(replace(FULL, board=Board(said=(("the disk is full", True),)), whole=False))
    assert not drawn[100:500, :, 3].any()
    assert (drawn[500:, :, :3] == (255, 122, 98)).all(axis=-1).any()


def test_keys_are_listed_when_nothing_else_needs_the_room():
    keys = Board(keys=LOUD.keys)
    assert subject(replace(FULL, board=keys)) == "keys"
    assert subject(replace(FULL, board=keys, whole=False)) == "nothing"
    assert subject(replace(FULL, board=LOUD)) == "grid"


def test_how_the_show_is_set_up_is_seen_when_asked_for():
    for part in ("notes", "skeleton", "inputs", "rows"):
        assert (draw(replace(FULL, **{part: []})) != draw(FULL)).any(), part
