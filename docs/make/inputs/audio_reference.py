"""Where the sounds of tests/media/drums.flac begin, according to another program: what the tests compare with.

Needs librosa 0.11, which livegan does not: make a virtual environment somewhere else, pip install librosa, and run

    python docs/make/inputs/audio_reference.py
"""

import json
from pathlib import Path

import librosa

ROOT = Path(__file__).parents[3]


def main() -> None:
    sound, rate = librosa.load(ROOT / "tests/media/drums.flac", sr=None, mono=True)
    onsets = librosa.onset.onset_detect(y=sound, sr=rate, units="time")
    tempo, _ = librosa.beat.beat_track(y=sound, sr=rate)
    found = {
        "made": f"by docs/make/inputs/audio_reference.py: onset_detect and beat_track of librosa {librosa.__version__}",
        "seconds": len(sound) / rate,
        "onsets": [round(float(at), 4) for at in onsets],
        "tempo": round(float(tempo[0]), 2),
    }
    text = json.dumps(found, indent=1).replace(",\n  ", ", ").replace("[\n  ", "[").replace("\n ]", "]")
    (ROOT / "tests/data/drums.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
