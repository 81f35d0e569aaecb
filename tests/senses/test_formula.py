"""Formulas are read as they are written everywhere, and nothing that is not one is read at all."""

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livegan.errors import BadRequest
from livegan.frame import Feature, Frame
from livegan.senses.derived import Derived
from livegan.senses.formula import DEEPEST, LONGEST, Call, Name, Number, parse, written

ROW = {"x": 0.75, "left_wrist.y": -1.25, "1.nose.x": 2.0, "cc.7": 0.5}
NAMES = st.sampled_from([*ROW])


def value(text: str) -> float:
    """What a formula over `ROW` gives."""
    derived = Derived([Feature(name) for name in ROW], {"found": text})
    frame = Frame(np.array([*ROW.values()], np.float32), 1.0, np.ones(1, bool))
    return float(derived.step(frame).data[-1])


@st.composite
def sums(draw, depth=3):
    """A formula of + - * and parentheses, and what it is worth."""
    if depth == 0 or draw(st.integers(0, 3)) == 0:
        name = draw(NAMES)
        number = draw(st.integers(0, 20)) / 4
        return draw(st.sampled_from([(name, ROW[name]), (f"{number:g}", number)]))
    (a, x), (b, y) = draw(sums(depth=depth - 1)), draw(sums(depth=depth - 1))
    space = draw(st.sampled_from(["", " "]))
    sign, worth = draw(st.sampled_from([("+", x + y), ("-", x - y), ("*", x * y)]))
    return draw(st.sampled_from([(f"({a}{space}{sign}{space}{b})", worth), (f"-({a}{sign}{b})", -worth)]))


@given(sums())
def test_what_is_in_parentheses_is_worth_what_it_says(both):
    text, worth = both
    if len(text) <= LONGEST:
        assert value(f"{text} + 0 * x") == pytest.approx(worth, rel=1e-6, abs=1e-6)


@given(st.lists(st.tuples(st.sampled_from("+-*"), st.integers(1, 9)), max_size=12))
def test_products_bind_closer_and_equals_go_from_left_to_right(parts):
    done, term = 0.0, ROW["x"]
    for sign, number in parts:
        if sign == "*":
            term *= number
        else:
            done, term = done + term, number if sign == "+" else -number
    text = "x" + "".join(f" {sign} {number}" for sign, number in parts)
    assert value(text) == pytest.approx(done + term, rel=1e-6)


@given(st.text(max_size=LONGEST) | st.text("()+-*/.,' 0123456789exms", max_size=LONGEST))
def test_anything_else_is_refused_and_nothing_worse(text):
    with suppress(BadRequest):
        parse(text)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("100 ms", Number(0.1, True, 0)),
        ("1.5s", Number(1.5, True, 0)),
        (" 2 min", Number(120.0, True, 1)),
        ("-2e-1", Number(-0.2, False, 0)),
        (".5", Number(0.5, False, 0)),
        ("1.left_wrist.x", Name("1.left_wrist.x", 0)),
        ("'left-hand.x'", Name("left-hand.x", 0)),
        ("'5'", Name("5", 0)),
        ("f(a,2 s)", Call("f", (Name("a", 2), Number(2.0, True, 4)), 0)),
        ("-x", Call("-", (Name("x", 1),), 0)),
    ],
)
def test_numbers_times_and_names_are_told_apart(text, tree):
    assert parse(text) == tree


@pytest.mark.parametrize("name", ["x", "left_wrist.x", "1.nose.x", "5", "1e5", "2 s", "left-hand", "a b"])
def test_every_name_can_be_written(name):
    assert parse(written(name)) == Name(name, 0)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "character 1: a number, a name or ( is wanted, found the end"),
        ("x +", "character 4: a number, a name or ( is wanted, found the end"),
        ("x y", 'character 3: the end or one of + - * / is wanted, found "y"'),
        ("x ** 2", 'character 4: a number, a name or ( is wanted, found "*"'),
        ("(x", "character 3: ) is wanted, found the end"),
        ("f(x y)", 'character 5: ) or , is wanted, found "y"'),
        ("x > 2", 'character 3: ">" means nothing'),
        ("x.__class__(x)", 'character 1: there is no function "x.__class__"'),
        ("2e16", "within ±1e+15, found 2e16"),
        ("x + " * 80 + "x", f"at most {LONGEST} characters, found 321"),
        ("(" * 21 + "x" + ")" * 21, f"at most {DEEPEST} parentheses"),
        ("-" * 300, "a number, a name or ("),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(text, says):
    with pytest.raises(BadRequest) as told:
        value(text)
    assert says in str(told.value)


def test_the_longest_and_the_deepest_are_read():
    assert value("x" + "+x" * 149) == pytest.approx(150 * ROW["x"], rel=1e-6)
    assert value("(" * DEEPEST + "x" + ")" * DEEPEST) == ROW["x"]
