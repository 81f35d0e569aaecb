"""A face's mesh as named expressions, in the face's own frame and size: the same wherever, however large and turned.

Neutral is a fixed face, the same for everybody: nothing is learnt while it runs, so nothing drifts. Must never say
that a face is there when it is not.
"""

import numpy as np

from livegan.frame import Feature
from livegan.senses.calm import DOUBT

_SIDED = {
    "eye_outer": (263, 33),
    "eye_inner": (362, 133),
    "eye_top": (386, 159),
    "eye_bottom": (374, 145),
    "pupil": (473, 468),
    "brow_outer": (300, 70),
    "brow_middle": (334, 105),
    "brow_inner": (336, 107),
    "nostril": (358, 129),
    "cheek": (425, 205),
    "ear": (454, 234),
    "jaw": (397, 172),
}

LANDMARKS = {
    "forehead": 10,
    "chin": 152,
    "nose_bridge": 168,
    "nose_tip": 1,
    "nose_base": 2,
    "upper_lip": 0,
    "lower_lip": 17,
    "upper_lip_inner": 13,
    "lower_lip_inner": 14,
    "mouth_left": 291,
    "mouth_right": 61,
    **{f"left_{part}": left for part, (left, _) in _SIDED.items()},
    **{f"right_{part}": right for part, (_, right) in _SIDED.items()},
}
"""The points of the mesh that have a name; left is the face's own, in a picture that is no mirror's."""

UNITS = {
    "x": 0.1,
    "y": 0.1,
    "size": 0.1,
    "turn": 0.3,
    "nod": 0.2,
    "tilt": 0.3,
    "mouth_open": 0.3,
    "mouth_wide": 0.3,
    "smile": 0.3,
    "pucker": 0.3,
    "brow_left": 0.3,
    "brow_right": 0.3,
    "eye_left": 0.4,
    "eye_right": 0.4,
    "gaze.x": 0.2,
    "gaze.y": 0.2,
}
"""What is told of a face, and how much of it is one clearly visible movement; `turn`, `nod`, `tilt` are angles."""

SMALLEST = 0.03
"""A face that is lower than this share of the picture's height is not one."""

_CANONICAL = {
    4: (0.0, -0.463, 7.587),
    6: (0.0, 2.473, 5.789),
    168: (0.0, 3.271, 5.236),
    10: (0.0, 8.262, 4.482),
    263: (4.446, 2.664, 3.173),
    362: (1.856, 2.585, 3.758),
    284: (6.279, 6.615, 1.426),
    297: (3.524, 8.006, 3.729),
    356: (7.743, 2.365, -2.005),
    372: (6.408, 2.236, 1.561),
    358: (1.786, -0.978, 4.85),
}
"""What of a face does not move by itself, in centimetres, x to its left, y up, z forward; the right half is the mirror
of this one. From MediaPipe's canonical face model, Apache-2.0."""

_OTHER = {263: 33, 362: 133, 284: 54, 297: 67, 356: 127, 372: 143, 358: 129}
_STIFF = [*_CANONICAL, *_OTHER.values()]
_MODEL = np.array([*_CANONICAL.values(), *(np.multiply(_CANONICAL[n], (-1, 1, 1)) for n in _OTHER)])
_HEIGHT = 17.67

_CORNERS = {"left": [263, 362], "right": [33, 133]}
_BROWS = {"left": [300, 293, 334, 296, 336], "right": [70, 63, 105, 66, 107]}
_LIDS = {"left": ([387, 386, 385], [373, 374, 380]), "right": ([160, 159, 158], [144, 145, 153])}
_IRIS = {"left": 473, "right": 468}

_MOUTH = 5.25
"""Centimetres of the canonical face between the corners of a relaxed mouth."""

_GRADES = {"wide": (_MOUTH, 1.8), "smile": (-0.08, 1.0), "lips": (0.38, 0.3), "brow": (2.23, 0.8), "lids": (0.08, 0.25)}
"""Where each is in a relaxed face, and how far it goes from there: the canonical model, put right by two faces."""


def head(points: np.ndarray) -> tuple[np.ndarray, float]:
    """How a head is turned [3, 3], and the length of its centimetre.

    points: [478, 3] of one measure, x right, y up, z forward. By least squares over what of a face does not move by
    itself (Umeyama 1991).
    """
    seen = points[_STIFF]
    there, here = seen - seen.mean(axis=0), _MODEL - _MODEL.mean(axis=0)
    u, spread, vt = np.linalg.svd(there.T @ here)
    flip = np.array([1.0, 1.0, np.sign(np.linalg.det(u @ vt))])
    turned = (u * flip) @ vt
    return turned, float((spread * flip).sum() / (here**2).sum())


def face_features(points: np.ndarray, aspect: float) -> np.ndarray:
    """What a face does, float64, in the order of UNITS; left is the face's own, in a picture that is no mirror's.

    points: [478, 3] x, y (0..1 of the picture, y down), z (as x, away). aspect: width / height. x, y: the middle
    between forehead and nose in 0..1 of the picture, from the top left. size: forehead to chin in picture heights.
    turn, nod, tilt: radians, towards the picture's right, up, and leaning to the right. For the rest 0 is the relaxed
    face and 1 about as far as a face goes: mouth_open in mouth widths, smile signed, eyes 0 closed and 1 open, gaze -1
    to 1 from one corner of the eye to the other.
    """
    placed = points * (aspect, -1.0, -aspect)
    turned, scale = head(placed)
    x, y, _ = placed[_STIFF].mean(axis=0)
    own = placed @ turned / max(scale, 1e-9)  # in centimetres of the canonical face, wherever that lies
    turn, nod, tilt = _angles(turned)
    eyes = [_eye(own, side) for side in ("left", "right")]
    gaze = np.mean([_gaze(own, side) for side in ("left", "right")], axis=0)
    brows = [_brow(own, side) for side in ("left", "right")]
    return np.array([x / aspect, -y, _HEIGHT * scale, turn, nod, tilt, *_mouth(own), *brows, *eyes, *gaze])


def _angles(turned: np.ndarray) -> tuple[float, float, float]:
    """Turn, nod and tilt of a head that first nods, then turns, then tilts."""
    turn = np.arctan2(-turned[2, 0], np.hypot(turned[0, 0], turned[1, 0]))
    return float(turn), float(-np.arctan2(turned[2, 1], turned[2, 2])), float(-np.arctan2(turned[1, 0], turned[0, 0]))


def _graded(measure: str, value: float) -> float:
    relaxed, full = _GRADES[measure]
    return float(value - relaxed) / full


def _apart(own: np.ndarray, a: int, b: int) -> float:
    return float(np.linalg.norm(own[a] - own[b]))


def _mouth(own: np.ndarray) -> tuple[float, float, float, float]:
    """mouth_open, mouth_wide, smile (how far the corners are above the lips' line), pucker (how full lips are)."""
    gap, wide = _apart(own, 13, 14), _apart(own, 61, 291)
    line = 0.65 * own[13] + 0.35 * own[14]  # the corners follow a falling jaw by a third
    above = (own[[61, 291]].mean(axis=0) - line)[1]
    full = (_apart(own, 0, 17) - gap) / max(wide, 1e-9)
    return gap / _MOUTH, _graded("wide", wide), _graded("smile", above), _graded("lips", full)


def _brow(own: np.ndarray, side: str) -> float:
    """How far a brow is above the corners of its eye, which do not move with the lids."""
    return _graded("brow", (own[_BROWS[side]].mean(axis=0) - own[_CORNERS[side]].mean(axis=0))[1])


def _eye(own: np.ndarray, side: str) -> float:
    """How far the lids are apart, in eye widths; not below closed."""
    above, below = _LIDS[side]
    gap = np.linalg.norm(own[above] - own[below], axis=1).mean()
    return max(_graded("lids", gap / max(_apart(own, *_CORNERS[side]), 1e-9)), 0.0)


def _gaze(own: np.ndarray, side: str) -> np.ndarray:
    """Where the iris is between the corners of its eye, [2], in half eye widths: right and up."""
    corners = _CORNERS[side]
    return (own[_IRIS[side]] - own[corners].mean(axis=0))[:2] * 2 / max(_apart(own, *corners), 1e-9)


def swapped(name: str) -> str:
    """The name of the same on the other side of a face."""
    other = {"left": "right", "right": "left"}
    return "_".join(other.get(part, part) for part in name.split("_"))


class Face:
    """A face followed from frame to frame: its features as in UNITS, and the landmarks wanted besides, by name.

    mirrored: the picture is a mirror's. Landmarks are x, y in 0..1 of the picture, and z.
    """

    def __init__(self, mirrored: bool, landmarks: tuple[str, ...] = ()) -> None:
        told = {**UNITS, **{f"{name}.{axis}": 0.1 for name in landmarks for axis in "xyz"}}
        turns = ("turn", "nod", "tilt")
        self.features = [Feature(n, "angle" if n in turns else "linear", "face", unit=u) for n, u in told.items()]
        as_shown, names = swapped if mirrored else str, list(UNITS)
        self._order = [names.index(as_shown(name)) for name in names]
        self._named = [LANDMARKS[as_shown(name)] for name in landmarks]
        self._last = np.zeros(len(told), np.float32)
        self.forget()

    def forget(self) -> None:
        """What was followed before is somewhere else now."""
        self._seen = -np.inf

    def follow(self, found: np.ndarray | None, aspect: float, seen: float) -> tuple[np.ndarray, np.ndarray, bool]:
        """What is known at `seen` seconds of a mesh float [478, 3], None for nobody; aspect: width / height.

        Gives values float32 [features] (those before where nobody is there), present bool [1], and whether this is
        another face.
        """
        nobody = found is None or not np.isfinite(found).all()
        numbers = np.zeros(len(UNITS)) if nobody else face_features(found, aspect)
        x, y, size = numbers[:3]
        if not (0 <= x <= 1 and 0 <= y <= 1 and size > SMALLEST):
            return self._last, np.array([False]), False
        before, passed, self._seen = self._last, seen - self._seen, seen
        self._last = np.concatenate((numbers[self._order], found[self._named].ravel())).astype(np.float32)
        way = np.hypot((x - before[0]) * aspect, y - before[1])
        return self._last, np.array([True]), bool(passed > DOUBT or way > size)
