"""Checks in real time, run by hand: each prints a small table and ends with status 1 when something failed."""

import sys
from collections.abc import Iterable

Row = tuple[str, str, bool]
"""What was asked, what was found, and whether that is good."""


def status(rows: Iterable[Row]) -> int:
    """Print the table, each row as soon as it is there; 1 when one is not good, else 0."""
    bad = 0
    for what, told, good in rows:
        sys.stdout.write(f"{'ok  ' if good else 'FAIL'}  {what:48}  {told}\n")
        sys.stdout.flush()
        bad += not good
    return int(bad > 0)
