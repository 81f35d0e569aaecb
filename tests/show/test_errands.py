"""Errands: in order, in their own thread, at a low priority, ended within their patience."""

import os
import threading

import pytest

from livegan.show.errands import NICE, Errands
from tests.shows import wait_for


@pytest.fixture
def errands():
    one = Errands()
    yield one
    one.close()


def test_they_are_done_in_order_elsewhere(errands):
    done = []
    for number in range(5):
        errands.do(lambda number=number: done.append((number, threading.get_ident())))
    wait_for(lambda: len(done) == 5)
    assert [number for number, _ in done] == [*range(5)]
    assert threading.get_ident() not in {thread for _, thread in done}


@pytest.mark.skipif(not hasattr(os, "setpriority"), reason="threads have no priority of their own here")
def test_they_stand_back_and_nobody_else_does(errands):
    found, before = [], os.getpriority(os.PRIO_PROCESS, 0)
    errands.do(lambda: found.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id())))
    wait_for(lambda: found)
    assert found == [min(19, max(NICE, before))]
    assert os.getpriority(os.PRIO_PROCESS, 0) == before


def test_after_closing_none_is_begun_and_the_thread_is_gone():
    errands, done, going = Errands(), [], threading.Event()
    errands.do(going.wait)
    errands.do(lambda: done.append(1))
    threading.Timer(0.05, going.set).start()
    errands.close()
    assert done == []
    assert "errands" not in {thread.name for thread in threading.enumerate()}
