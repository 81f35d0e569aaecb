"""The picture of docs/inputs/face.md: the real input on a panned, zoomed and rolled still, and what it told.

.venv/bin/python -m docs.make.inputs.face
"""

import cv2
import numpy as np
from PIL import Image

from docs.make.inputs.hands import DARK, PICTURES, ROOT, bars, overlaid, told
from livegan.inputs.face import Face
from livegan.senses.face import LANDMARKS, UNITS

STILL = np.asarray(Image.open(ROOT / "tests/media/astronaut.jpg"))
SIZE, ORANGE = (480, 360), (255, 176, 64)
ROUND = ("forehead", "left_ear", "left_jaw", "chin", "right_jaw", "right_ear", "forehead")
MOUTH = ("mouth_left", "upper_lip", "mouth_right", "lower_lip", "mouth_left")
INNER = ("mouth_left", "upper_lip_inner", "mouth_right", "lower_lip_inner", "mouth_left")
NOSE = ("nose_bridge", "nose_tip", "nose_base")
EYE = ("eye_outer", "eye_top", "eye_inner", "eye_bottom", "eye_outer")
BROW = ("brow_outer", "brow_middle", "brow_inner")
SIDED = [tuple(f"{side}_{part}" for part in line) for side in ("left", "right") for line in (EYE, BROW, ("pupil",) * 2)]
SHOWN = {name: (-1.0, 1.0) for name in UNITS if name not in ("x", "y")}
SHOWN |= dict.fromkeys(("size", "mouth_open"), (0.0, 1.0)) | dict.fromkeys(("eye_left", "eye_right"), (0.0, 1.5))


def framed(x: float, y: float, zoom: float, roll: float = 0.0) -> np.ndarray:
    """The still with its point x, y in the middle, `zoom` times as large, leaning `roll` radians to the right."""
    matrix = cv2.getRotationMatrix2D((x, y), -np.degrees(roll), zoom)
    matrix[:, 2] += SIZE[0] / 2 - x, SIZE[1] / 2 - y
    return cv2.warpAffine(STILL, matrix, SIZE, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)


def raised(picture: np.ndarray, x: float, y: float, by: float) -> np.ndarray:
    """The picture with what is around x, y drawn up by so many pixels."""
    down, right = np.mgrid[: SIZE[1], : SIZE[0]].astype(np.float32)
    share = np.exp(-(((right - x) / 32) ** 4) - ((down - y) / 12) ** 4)
    return cv2.remap(picture, right, down + by * share, cv2.INTER_CUBIC)


def main() -> None:
    settings = Face.Settings(kind="face", source="camera:0", mirrored=False, landmarks=tuple(LANDMARKS))
    close = framed(226, 118, 2.0)
    moments = [framed(250, 150, 1.3), framed(215, 125, 1.8, 0.35), raised(close, 295, 126, 11)]
    sheet = Image.new("RGB", (3 * SIZE[0], 720), DARK)
    for place, picture in enumerate(moments):
        values = told(Face(), settings, [picture] * 12)[-1]
        at = {name: (values[f"{name}.x"], values[f"{name}.y"]) for name in LANDMARKS}
        lines = [(np.array([at[name] for name in line]), ORANGE) for line in (ROUND, MOUTH, INNER, NOSE, *SIDED)]
        sheet.paste(overlaid(picture, lines), (place * SIZE[0], 0))
        sheet.paste(bars(values, SHOWN, ORANGE, (SIZE[0], 360)), (place * SIZE[0], 360))
    sheet.save(PICTURES / "input-face.webp", quality=82, method=6)


if __name__ == "__main__":
    main()
