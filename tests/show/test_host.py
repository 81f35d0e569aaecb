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
from livegan.ring import Ring
from livegan.show.host import Child, Host, backoff


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
