"""What tests of several rooms share: a display that needs no screen, and examples that are the same in every run."""

import os
import select
import shutil
import subprocess
from collections.abc import Iterator

import pytest
from hypothesis import settings

# The same examples each time; `--hypothesis-profile default` looks for new ones, and for more.
settings.register_profile("same", derandomize=True, deadline=None, database=None, max_examples=50)
settings.load_profile("same")


@pytest.fixture(scope="session")
def display() -> Iterator[str]:
    """An X display of 1280 x 800 pixels without a window manager, in DISPLAY for the rest of the session."""
    if shutil.which("Xvfb") is None:
        pytest.skip("Xvfb is not installed (apt install xvfb)")
    ready, told = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(told), "-screen", "0", "1280x800x24", "-nolisten", "tcp"],
        pass_fds=[told],
        stderr=subprocess.DEVNULL,
    )
    os.close(told)
    try:
        with pytest.MonkeyPatch.context() as patch:
            name = f":{_line(ready)}"
            patch.setenv("DISPLAY", name)
            patch.setenv("XDG_SESSION_TYPE", "x11")
            yield name
    finally:
        os.close(ready)
        server.kill()
        server.wait()


def _line(source: int) -> str:
    """The one line that Xvfb writes when it is ready; fails when it has not within 30 seconds."""
    text = b""
    while not text.endswith(b"\n"):
        arrived, _, _ = select.select([source], [], [], 30.0)
        data = os.read(source, 64) if arrived else b""
        assert data, "Xvfb did not start"
        text += data
    return text.decode().strip()
