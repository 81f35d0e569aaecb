import pytest

from livegan.errors import Lost
from livegan.show.cameras import one_each

BY_ID = "camera:/dev/v4l/by-id/usb-C920-video-index0"
THERE = {"0": 0, "1": 1, "C920": 0, "/dev/video0": 0, BY_ID.removeprefix("camera:"): 0, "Stage": 2}


def index_of(name: str) -> int:
    if name not in THERE:
        raise Lost("there is none")
    return THERE[name]


@pytest.mark.parametrize(
    ("sources", "opened"),
    [
        (["camera:0", "camera:C920"], ["camera:C920"] * 2),
        (["camera:C920", "camera:0", BY_ID], ["camera:C920"] * 3),
        (["camera:0", "camera:/dev/video0", "camera:0"], ["camera:0"] * 3),
        (["camera:/dev/video0", BY_ID, "camera:1"], [BY_ID, BY_ID, "camera:1"]),
        (["camera:Stage", "camera:C920"], ["camera:Stage", "camera:C920"]),
        (["camera:7", "camera:gone", "clip:0"], ["camera:7", "camera:gone", "clip:0"]),
    ],
)
def test_a_device_is_opened_once_by_the_name_that_lasts(sources, opened):
    found = one_each(sources, index_of)
    assert [found[source] for source in sources] == opened
