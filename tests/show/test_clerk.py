"""Clerks: real children, real deaths; whatever is asked is answered, in order, and nobody waits for ever."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
from contextlib import closing

import numpy as np
import psutil
import pytest

from livegan.clock import SystemClock
from livegan.letters import Letter
from livegan.show import clerk as clerk_room
from livegan.show.clerk import Clerk
from tests import clerks
from tests.shows import wait_for


@pytest.fixture
def clerk():
    with closing(Clerk("obeying", clerks.obey, SystemClock())) as one:
        yield one


def told(clerk: Clerk, *words: dict) -> list[dict]:
    """Ask several letters; gives a list that fills with the words of the answers."""
    answers: list[dict] = []
    for one in words:
        clerk.ask(Letter(one), lambda answer: answers.append(answer.words))
    return answers


def test_letters_are_answered_in_order_with_what_they_carry(clerk):
    answers: list[Letter] = []
    for number in range(20):
        clerk.ask(Letter({"number": number}, {"rows": np.full((2, 3), number)}), answers.append)
    wait_for(lambda: clerk.waiting == 0)
    wait_for(lambda: len(answers) == 20)
    assert [answer.words["number"] for answer in answers] == list(range(20))
    assert all((answer.arrays["rows"] == number).all() for number, answer in enumerate(answers))
    assert clerk.health().state == "open"


def test_letters_that_wait_are_given_together_and_progress_is_heard(clerk):
    asleep = told(clerk, {"do": "sleep", "seconds": 1})
    wait_for(lambda: asleep)
    answers = told(clerk, {}, {"do": "count"}, {})
    wait_for(lambda: len(answers) == 6)
    assert [words["together"] for words in answers if words["done"]] == [3, 3, 3]
    assert [words["share"] for words in answers if not words["done"]] == [0, 1, 2]
    assert [words["done"] for words in asleep] == [False, True]


def test_what_a_killed_child_had_not_answered_is_told_again(clerk):
    before = told(clerk, {})
    wait_for(lambda: before)
    asleep = told(clerk, {"do": "sleep", "seconds": 1})
    wait_for(lambda: asleep)
    answers = told(clerk, *({"number": n} for n in range(10)))
    os.kill(clerk.pid(), signal.SIGKILL)
    later = told(clerk, {"number": 10})
    wait_for(lambda: len(answers) == 10 and later)
    assert [words["number"] for words in [*answers, *later]] == list(range(11))
    assert {words["pid"] for words in answers} == {clerk.pid()} != {before[0]["pid"]}
    assert [words["done"] for words in asleep] == [False, False, True]
    assert clerk.health().restarts == 1
    assert "status -9" in clerk.health().died


def test_a_letter_that_kills_every_child_is_answered_and_only_that_one(clerk):
    answers = told(clerk, {"number": 0}, {"number": 1}, {"do": "die"}, {"number": 3})
    wait_for(lambda: len(answers) == 4)
    assert [words.get("number") for words in answers] == [0, 1, None, 3]
    assert [bool(words["error"]) for words in answers] == [False, False, True, False]
    assert "broke over this 3 times" in answers[2]["error"]
    assert clerk.waiting == 0


def test_nothing_is_heard_of_what_was_dropped_and_work_goes_on(clerk):
    before = told(clerk, {})
    wait_for(lambda: before)
    answers = told(clerk, {"do": "sleep", "seconds": 60}, {"number": 1})
    wait_for(lambda: answers)
    clerk.drop()
    assert clerk.waiting == 0
    later = told(clerk, {"number": 2})
    wait_for(lambda: later)
    assert [words["done"] for words in answers] == [False]
    assert later[0]["pid"] != before[0]["pid"]
    assert (clerk.health().restarts, clerk.health().died) == (0, "")


def test_a_child_that_does_not_start_leaves_nobody_waiting(monkeypatch):
    monkeypatch.setattr(clerk_room, "STILLBORN", 2)
    with closing(Clerk("refusing", clerks.refuse, SystemClock())) as one:
        answers = told(one, {}, {})
        wait_for(lambda: len(answers) == 2)
        assert "does not start (RuntimeError: no desk for me)" in answers[1]["error"]
        assert one.health().state in ("dead", "opening")
        assert "no desk for me" in one.health().died


def test_interrupts_are_for_the_show_and_sigterm_ends(clerk):
    answers = told(clerk, {"do": "manners"})
    wait_for(lambda: answers)
    assert answers[0]["ignores"]
    first = clerk.pid()
    os.kill(first, signal.SIGINT)
    os.kill(first, signal.SIGTERM)
    again = told(clerk, {})
    wait_for(lambda: again)
    assert again[0]["pid"] != first
    assert "status -15" in clerk.health().died


@pytest.mark.skipif(not hasattr(os, "nice"), reason="no priorities here")
def test_one_of_low_priority_steps_back():
    with closing(Clerk("slow", clerks.obey, SystemClock(), low_priority=True)) as one:
        answers = told(one, {"do": "manners"})
        wait_for(lambda: answers)
        assert answers[0]["nice"] == min(19, os.nice(0) + 15)
        assert answers[0]["idle"] == hasattr(os, "SCHED_IDLE")


def test_close_waits_for_what_was_asked_and_leaves_no_child(tmp_path):
    path = tmp_path / "written"
    one = Clerk("obeying", clerks.obey, SystemClock())
    answers = told(one, *({"do": "write", "path": str(path), "text": n} for n in range(50)))
    one.close(patience=60)
    assert len(answers) == 50
    assert path.read_text().split() == [str(n) for n in range(50)]
    assert not [child for child in psutil.Process().children() if child.name() == one.name]
    assert one.pid() is None


def test_a_stopped_child_stops_nobody_who_asks_nor_the_end(clerk):
    ready = told(clerk, {})
    wait_for(lambda: ready)
    os.kill(clerk.pid(), signal.SIGSTOP)
    child = psutil.Process(clerk.pid())
    much = {"much": np.zeros(1 << 20)}
    asking = threading.Thread(target=lambda: [clerk.ask(Letter({}, much)) for _ in range(5)])
    asking.start()
    asking.join(30)
    assert not asking.is_alive()
    assert clerk.waiting == 5
    clerk.close(patience=0.1)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


def test_a_listener_that_fails_is_told_and_the_next_is_heard(clerk):
    clerk.ask(Letter({}), lambda answer: answer.words["nothing of that name"])
    answers = told(clerk, {})
    wait_for(lambda: answers)
    assert "nothing of that name" in clerk.health().reason


def test_a_letter_that_cannot_be_sent_is_refused_at_once(clerk, monkeypatch):
    with pytest.raises(ValueError, match="cannot be sent"):
        clerk.ask(Letter({}, {"words": np.array(["no numbers"])}))
    monkeypatch.setattr(clerk_room, "LARGEST", 1000)
    with pytest.raises(ValueError, match="too large"):
        clerk.ask(Letter({}, {"numbers": np.zeros(1000)}))
    assert clerk.waiting == 0


@pytest.mark.parametrize("low_priority", [False, True])
def test_a_parent_killed_with_minus_nine_leaves_no_orphan_and_told_letters_are_done(tmp_path, low_priority):
    path = tmp_path / "written"
    script = textwrap.dedent(f"""
        import time
        from livegan.clock import SystemClock
        from livegan.letters import Letter
        from livegan.show.clerk import Clerk
        from tests import clerks
        if __name__ == "__main__":
            clerk = Clerk("obeying", clerks.obey, SystemClock(), {low_priority})
            ready = []
            clerk.ask(Letter({{"do": "write", "path": {str(path)!r}, "text": 1}}), ready.append)
            while not ready:
                time.sleep(0.01)
            clerk.ask(Letter({{"do": "sleep", "seconds": 0.3}}))
            clerk.ask(Letter({{"do": "write", "path": {str(path)!r}, "text": 2}}))
            clerk.ask(Letter({{"do": "sleep", "seconds": 60}}))
            time.sleep(0.1)
            print(clerk.pid(), flush=True)
            time.sleep(60)
    """)
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    child = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.wait()
    wait_for(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE, 20)
    assert path.read_text().split() == ["1"] if low_priority else ["1", "2"]
