"""Checks in real time, run by hand: each prints a small table and ends with status 1 when something failed."""

import sys

Row = tuple[str, str, bool]
"""What was asked, what was found, and whether that is good."""


def status(rows: list[Row]) -> int:
    """Print the table; 1 when a row is not good, else 0."""
    for what, told, good in rows:
        sys.stdout.write(f"{'ok  ' if good else 'FAIL'}  {what:48}  {told}\n")
    return int(not all(good for _, _, good in rows))
