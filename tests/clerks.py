"""What the children of clerks do in tests: light to import, since every child imports it anew."""

import os
import signal
import threading
from pathlib import Path

from livegan.letters import Letter
from livegan.show.desk import Desk


def obey(desk: Desk) -> None:
    """Do what the word "do" says, and answer with what was asked."""
    for batch in desk.letters():
        for number, letter in batch:
            words = {
                "done": True,
                "error": "",
                "pid": os.getpid(),
                "together": len(batch),
                **_did(letter, desk, number),
            }
            desk.answer(number, Letter(letter.words | words, letter.arrays))


def _did(letter: Letter, desk: Desk, number: int) -> dict[str, object]:
    path = Path(letter.words.get("path", ""))
    match letter.words.get("do"):
        case "die":
            os.kill(os.getpid(), signal.SIGKILL)
        case "sleep":
            desk.answer(number, Letter({"done": False}))
            threading.Event().wait(letter.words["seconds"])
        case "count":
            for share in range(3):
                desk.answer(number, Letter({"done": False, "share": share}))
        case "write":
            with path.open("a") as file:
                file.write(f"{letter.words['text']}\n")
        case "manners":
            return {
                "ignores": signal.getsignal(signal.SIGINT) == signal.SIG_IGN,
                "nice": os.nice(0),
                "idle": hasattr(os, "SCHED_IDLE") and os.sched_getscheduler(0) == os.SCHED_IDLE,
            }
    return {}


def refuse(desk: Desk) -> None:
    """Never get ready."""
    raise RuntimeError("no desk for me")
