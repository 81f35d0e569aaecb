"""Undo and redo: any depth, exact, and one sentence when there is nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livegan.errors import BadRequest
from livegan.rehearsal.deeds import Deed, Deeds


class Ledger:
    """A number that deeds change."""

    def __init__(self) -> None:
        self.deeds, self.value, self.past, self.future = Deeds(), 0, [], []

    def change(self, to: int) -> None:
        before = self.value

        def put(value: int) -> None:
            self.value = value

        self.deeds.did(Deed(f"to {to}", lambda: put(before), lambda: put(to)))
        self.past.append(before)
        self.future.clear()
        put(to)


@given(st.lists(st.one_of(st.integers(1, 9), st.sampled_from(["undo", "redo"])), max_size=40))
def test_undo_and_redo_are_exact(steps):
    ledger = Ledger()
    for step in steps:
        if isinstance(step, int):
            ledger.change(step)
        elif step == "undo" and ledger.past:
            ledger.future.append(ledger.value)
            ledger.deeds.undo()
            assert ledger.value == ledger.past.pop()
        elif step == "redo" and ledger.future:
            ledger.past.append(ledger.value)
            ledger.deeds.redo()
            assert ledger.value == ledger.future.pop()
        else:
            with pytest.raises(BadRequest, match=f"there is nothing to {step}"):
                getattr(ledger.deeds, step)()


def test_what_was_done_is_told():
    ledger = Ledger()
    ledger.change(3)
    assert ledger.deeds.undo() == "undone: to 3"
    assert ledger.deeds.redo() == "done again: to 3"
