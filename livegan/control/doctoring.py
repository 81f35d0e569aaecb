"""The command `livegan doctor`: what works here, what does not, and the line that mends it.

Changes nothing, and opens a camera only when asked to.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict

from rich.console import Console
from rich.table import Table
from rich.text import Text

from livegan.control.doctor import apart, table
from livegan.control.doctor.check import Check, Machine

Say = Callable[[str], None]
_SIGNS = {"ok": ("ok", "green"), "warn": ("warn", "yellow"), "missing": ("missing", "bold red"), "skip": ("-", "dim")}


def doctor(machine: Machine, as_json: bool, say: Say, progress: Say) -> bool:
    """Tell of everything that is looked at, as a table or JSON; whether nothing is missing that a show needs."""
    progress("looking at this machine, for some seconds ...")
    found = [check for answer in apart.answers(table.names(machine), machine, table.look) for check in answer]
    say(as_text(found) if not as_json else json.dumps({"checks": [asdict(one) for one in found]}, indent=1))
    return all(one.state != "missing" for one in found)


def as_text(found: Sequence[Check], console: Console | None = None) -> str:
    """A table, and below it the lines that mend, unbroken so that they can be copied."""
    console = console or Console(highlight=False)
    rows = Table.grid(padding=(0, 2))
    rows.add_column()
    rows.add_column(style="bold", no_wrap=True)
    rows.add_column(overflow="fold")
    for one in found:
        sign, style = _SIGNS[one.state]
        rows.add_row(Text(sign, style), Text(one.name), Text(one.found, "dim" if one.state == "skip" else ""))
    with console.capture() as shown:
        console.print(rows)
        lines = {one.mend: [other.name for other in found if other.mend == one.mend] for one in found if one.mend}
        if lines:
            console.print("\nWhat mends it:", style="bold")
        for mend, names in lines.items():
            console.print(Text.assemble((", ".join(names), "bold"), f": {mend}"), soft_wrap=True)
        console.print(f"\n{_sum(found)}", soft_wrap=True)
    return "\n".join(line.rstrip() for line in shown.get().splitlines())


def _sum(found: Sequence[Check]) -> str:
    count = {state: sum(one.state == state for one in found) for state in _SIGNS}
    told = f"{count['ok']} ok, {count['warn']} to look at, {count['missing']} missing, {count['skip']} left out."
    return told + (" A show can play here." if not count["missing"] else " Something that a show needs is missing.")
