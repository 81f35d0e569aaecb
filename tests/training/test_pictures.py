"""A stranger's picture is pixels or a reason, whatever is wrong with it."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livegan.training import pictures
from livegan.training.pictures import Cut, Unfit, picture
from tests.training import odd

PAGES = odd.saved(odd.painting(70), "TIFF", save_all=True, append_images=[odd.painting(71)])


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "content", [odd.GOOD["animated.gif"], odd.GOOD["animated.webp"], PAGES], ids=["gif", "webp", "tif"]
)
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_changed_bytes_are_a_picture_or_a_reason(content, data):
    changed = bytearray(content)
    for _ in range(data.draw(st.integers(1, 3))):
        changed[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with suppress(Unfit):
        found = picture(bytes(changed[: data.draw(st.integers(1, len(content)))]), "a.gif", Cut(64))
        assert found.pixels.shape == (64, 64, 3)


def test_too_little_memory_is_no_damage(monkeypatch):
    def none_left(*_):
        raise MemoryError

    monkeypatch.setattr(pictures, "_square", none_left)
    with pytest.raises(MemoryError):
        picture(odd.GOOD["plain.png"], "plain.png", Cut(64))
