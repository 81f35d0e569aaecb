import numpy as np

from livegan.senses.skeleton import figures


def test_bodies_and_hands_of_any_input_are_drawn_as_far_as_they_were_seen():
    points = {"body.raw.left_shoulder": (0.1, 0.2), "body.raw.left_elbow": (0.3, 0.4), "body.raw.left_wrist": None}
    points |= {"pads.raw.left.wrist": (0.5, 0.6), "pads.raw.left.thumb_cmc": (0.7, 0.8), "pads.raw.right.wrist": (0, 0)}
    told = {
        f"{name}.{axis}": np.nan if at is None else at[k] for name, at in points.items() for k, axis in enumerate("xy")
    }
    names, values = [*told, "body.left_elbow.x"], np.array([*told.values(), 9.0], np.float32)
    found = {tuple(np.round(line, 3).ravel().tolist()) for line in figures(names, values)}
    assert found == {(0.1, 0.2, 0.3, 0.4), (0.5, 0.6, 0.7, 0.8)}


def test_of_what_gives_no_landmarks_there_is_no_figure():
    assert figures(["pad.cc.1"], np.zeros(1, np.float32)) == []
