import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from livegan.frame import Feature
from livegan.senses.hold import Hold

FEATURES = [Feature("a.x", group="a"), Feature("b.x", group="b"), Feature("a.y", group="a")]


def test_what_is_missed_for_a_moment_stays_and_what_is_gone_is_gone():
    hold = Hold(FEATURES, 0.15)
    told = [hold.follow({"a": (1, 2)} if n in (0, 3) else {}, n / 20) for n in range(8)]
    assert [bool(present[0]) for _, present in told] == [True] * 7 + [False]
    assert not any(present[1] for _, present in told)
    assert all(values.tolist() == [1, 0, 2] for values, _ in told)


def test_nothing_is_held_across_a_cut():
    hold = Hold(FEATURES, 10)
    hold.follow({"a": (1, 2), "b": (3,)}, 0.0)
    hold.forget()
    values, present = hold.follow({"b": (4,)}, 0.1)
    assert (values.tolist(), present.tolist()) == ([1, 4, 2], [False, True])


@given(st.lists(st.booleans(), min_size=1, max_size=40), st.floats(0, 0.5))
def test_a_group_is_there_exactly_when_it_was_found_within_the_time(found, seconds):
    hold = Hold(FEATURES, seconds)
    for n, here in enumerate(found):
        values, present = hold.follow({"b": (n,)} if here else {}, n / 30)
        before = [k for k in range(n + 1) if found[k]]
        assert present[1] == bool(before and n / 30 - before[-1] / 30 <= seconds)
        assert values[1] == (before[-1] if before else 0)
        assert values.dtype == np.float32
