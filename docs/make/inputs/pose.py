"""The picture of docs/inputs/pose.md: the real input on the bundled dancer and on walkers, and what it told.

.venv/bin/python -m docs.make.inputs.pose
"""

import numpy as np
from PIL import Image

from docs.make.inputs.hands import COLOURS, DARK, PICTURES, ROOT, bars, overlaid, told
from livegan.files import bundled
from livegan.inputs.pose import Pose
from livegan.senses.body import CONNECTIONS
from tests.films import film

SHOWN = {
    "nose.y": (0, 1.5),
    "tilt": (-0.8, 0.8),
    "left_elbow.x": (-1.5, 1.5),
    "left_wrist.x": (-2, 2),
    "left_wrist.y": (-2, 2),
    "right_elbow.x": (-1.5, 1.5),
    "right_wrist.x": (-2, 2),
    "right_wrist.y": (-2, 2),
}
HIGH, BARS = 360, 240


def main() -> None:
    sheet = Image.new("RGB", (1440, HIGH), DARK)
    settings = Pose.Settings(kind="pose", source="camera:0", features="upper")
    clips = [(film(bundled("media") / "dancer.mp4", 1), (20, 62)), (film(ROOT / "tests/media/park.mp4", 1), (135,))]
    left = 0
    for clip, moments in clips:
        values = told(Pose(), settings, clip)
        for n in moments:
            here = [[(values[n][f"raw.{p}.x"], values[n][f"raw.{p}.y"]) for p in line] for line in CONNECTIONS]
            picture = overlaid(clip[n], [(np.array(line), COLOURS["left"]) for line in here])
            picture = picture.resize((round(picture.width * HIGH / picture.height), HIGH))
            room = min(picture.width, sheet.width - left)
            sheet.paste(picture.crop(((picture.width - room) // 2, 0, (picture.width + room) // 2, HIGH)), (left, 0))
            left += room
            if left < sheet.width:
                sheet.paste(bars(values[n], SHOWN, COLOURS["left"], (BARS, HIGH)), (left, 0))
                left += BARS
    sheet.save(PICTURES / "input-pose.webp", quality=82, method=6)


if __name__ == "__main__":
    main()
