import os
import signal
import socket
import subprocess
import sys
import textwrap
import time

import psutil
import pytest

from livegan import patch
from livegan.clock import SystemClock
from livegan.patch import Part
from livegan.ring import Ring
from livegan.show import host, life
from livegan.show.host import Child, Health, Host, backoff, seeing
from tests import leaky


def wait_for(happened, seconds=20.0):
    """Real processes need real time; the test asks whether it happens, not how fast."""
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


@pytest.fixture
def steady():
    """A host with one steady input; gives (child, its ring)."""
    part = patch.part("inputs", "steady", {"rate": 100}, "test")
    ring = Ring.create(64, 4096)
    child = Child("steady", part, ring, None, SystemClock())
    host = Host([child], SystemClock())
    host.start()
    yield child, ring
    host.close()
    assert child.pid() is None
    ring.close()


def test_deaths_in_a_row_wait_longer_each_time():
    assert [backoff(n) for n in range(1, 10)] == [0, 0.5, 1, 2, 4, 8, 16, 30, 30]


def test_a_killed_child_comes_back_and_its_counts_go_on(steady):
    child, ring = steady
    wait_for(lambda: ring.count > 10)
    first, count = child.pid(), ring.count
    os.kill(first, signal.SIGKILL)
    wait_for(lambda: child.pid() not in (None, first) and ring.count > count + 5)
    assert child.health().state == "open"
    assert child.health().restarts == 1
    assert child.health().reason == ""
    assert "ended with status" in child.health().died


def test_a_stopped_child_is_noticed_killed_and_replaced(steady):
    child, ring = steady
    wait_for(lambda: ring.count > 10)
    first = child.pid()
    os.kill(first, signal.SIGSTOP)
    wait_for(lambda: child.health().state == "hung" and "no sign of life" in child.health().reason)
    wait_for(lambda: child.pid() not in (None, first))
    assert not psutil.pid_exists(first)


def test_a_lost_device_is_told_and_tried_again():
    taken = socket.socket(type=socket.SOCK_DGRAM)
    taken.bind(("127.0.0.1", 0))
    part = patch.part("inputs", "osc", {"port": taken.getsockname()[1], "addresses": {"/x": "x"}}, "test")
    ring = Ring.create(64, 4096)
    child = Child("osc", part, ring, None, SystemClock())
    host = Host([child], SystemClock())
    host.start()
    try:
        wait_for(lambda: child.health().lost >= 2)
        assert str(taken.getsockname()[1]) in child.health().reason
        taken.close()
        wait_for(lambda: child.health().state == "open")
    finally:
        host.close()
        ring.close()


def test_no_child_outlives_a_parent_killed_with_minus_nine():
    script = textwrap.dedent("""
        from livegan import patch
        from livegan.clock import SystemClock
        from livegan.ring import Ring
        from livegan.show.host import Child, Host
        import time
        if __name__ == "__main__":
            part = patch.part("inputs", "steady", {}, "test")
            child = Child("steady", part, Ring.create(64, 4096), None, SystemClock())
            Host([child], SystemClock()).start()
            while not child.pid():
                time.sleep(0.01)
            print(child.pid(), flush=True)
            time.sleep(60)
    """)
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    pid = int(parent.stdout.readline())
    family = psutil.Process(parent.pid).children(recursive=True)
    assert pid in [one.pid for one in family]
    parent.kill()
    parent.wait()
    wait_for(lambda: not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in family), 5.0)


@pytest.fixture
def leaking(monkeypatch):
    """Gives a leaky child that is being watched, and its ring."""
    monkeypatch.setattr(life, "WARM", 0.1)
    monkeypatch.setattr(life, "WEIGH", 0.05)
    made = []

    def start(kind: type[leaky.Leaky], name: str, **settings: object) -> tuple[Child, Ring]:
        ring = Ring.create(512, 64)
        child = Child("leaky", Part(name, kind, kind.Settings(kind=name, **settings)), ring, None, clock, leaky.main)
        host = Host([child], clock)
        made.extend([host, ring])
        host.start()
        return child, ring

    clock = SystemClock()
    yield start
    for one in made:
        one.close()


class Heard:
    """What a leaky child's frames say: (process, seen, since when it was open), each frame once."""

    def __init__(self, ring: Ring) -> None:
        self._ring, self._count, self.frames = ring, 0, []

    def look(self) -> list[float]:
        """The processes, in the order in which they wrote."""
        for arrival in self._ring.since(self._count):
            self._count, frame = arrival.frame.count, arrival.frame
            self.frames.append((float(frame.data[0]), frame.seen, frame.seen - float(frame.data[1])))
        return list(dict.fromkeys(pid for pid, _, _ in self.frames))


@pytest.mark.parametrize(("kind", "name"), [(leaky.Leaky, "leaky"), (leaky.LeakyDetector, "leaky_detector")])
def test_a_child_that_grows_too_large_is_replaced_by_one_that_is_ready(leaking, kind, name):
    child, ring = leaking(kind, name)
    heard = Heard(ring)
    wait_for(lambda: len(heard.look()) >= 2)
    (old, new), health = heard.look()[:2], child.health()
    last = max(place for place, frame in enumerate(heard.frames) if frame[0] == old)
    assert all(pid == old for pid, _, _ in heard.frames[: last + 1])  # never two writers
    assert not psutil.pid_exists(int(old))
    opened = next(opened for pid, _, opened in heard.frames if pid == new)
    assert (opened < heard.frames[last][1]) == kind.detector
    assert (health.replaced >= 1, health.restarts) == (True, 0)
    assert "its memory grew from" in health.last


def test_successors_that_do_not_start_leave_the_old_one_be(leaking, tmp_path, monkeypatch):
    monkeypatch.setattr(host, "POSTPONED", 0.0)
    child, ring = leaking(leaky.LeakyDetector, "leaky_detector", alone=tmp_path / "taken")
    heard = Heard(ring)
    for _ in range(3):
        before = child._heir_due
        wait_for(lambda before=before: child._heir_due > before)
        assert (child.health().state, child.health().reason) == ("open", "")
    count = ring.count
    wait_for(lambda: ring.count > count + 20)
    assert heard.look() == [child.pid()]
    assert (child.health().replaced, child.health().restarts) == (0, 0)


def test_when_the_old_one_dies_first_its_successor_goes_on(leaking):
    child, ring = leaking(leaky.LeakyDetector, "leaky_detector")
    heard = Heard(ring)
    wait_for(lambda: child._heir is not None)
    os.kill(child.pid(), signal.SIGKILL)
    wait_for(lambda: len(heard.look()) >= 2)
    assert child.health().restarts + child.health().replaced >= 1


def test_of_what_befell_a_camera_its_readers_tell():
    well, lost = Health("open", restarts=1, last="it died"), Health("lost", "unplugged", lost=3, last="unplugged")
    assert seeing(well, lost) == Health("lost", "unplugged", lost=3, restarts=1, last="unplugged; it died")
    assert seeing(well, Health("open", lost=2)).state == "open"
    assert seeing(lost, well).state == "lost"
    assert seeing(well, Health("hung")).state == "hung"
