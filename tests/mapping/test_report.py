"""What a fit says of itself: every output once, with what it misses or with what would tell."""

import pytest

from livegan.mapping.report import FitReport

TWICE = "teach each number, class or gesture twice to know what a new one is missed by"


@pytest.mark.parametrize(
    ("told", "lines"),
    [
        ({}, []),
        ({"held_out": 0.125}, ["it misses a round that it was not taught by 12.5%"]),
        (
            {"held_out": 0.25, "errors": {"a": 0.5, "b": 0.0}},
            [f"{name}: misses a round that it was not taught by {by}" for name, by in (("a", "50.0%"), ("b", "0.0%"))],
        ),
        (
            {"errors": {"a": 0.5}, "untold": ("b",)},
            ["a: misses a round that it was not taught by 50.0%", f"b: {TWICE}"],
        ),
        ({"untold": tuple("abcdef")}, [f"a, b, c, d and 2 more: {TWICE}"]),
    ],
)
def test_what_is_missed_is_told_of_each_output(told, lines):
    usual = {"held_out": None} | told
    report = FitReport("each", ("a", "b"), 3, {}, 0.0, (), (), (), **usual)
    assert list(report.missed()) == lines
