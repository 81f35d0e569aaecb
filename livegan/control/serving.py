"""The command `livegan serve`: open the mapping of a patch, answer rows by OSC until told to stop."""

import contextlib
import queue
from collections.abc import Callable
from pathlib import Path

from livegan import files
from livegan import patch as patches
from livegan.clock import SystemClock
from livegan.control.running import no_pauses, stopped_by_signals
from livegan.errors import BadRequest
from livegan.patch import Patch, ServeSettings
from livegan.rehearsal import scribe, study
from livegan.serving.project import Shelf
from livegan.serving.server import Queue, Server
from livegan.serving.session import Session
from livegan.show.clerk import Clerk

Say = Callable[[str], None]


def serve(name: str, say: Say) -> None:
    """Serve the mapping of a patch until Ctrl-C or SIGTERM. Raises BadRequest or Failure in one sentence."""
    plan = patches.read(files.find("patches", name, suffix=".toml"))
    if plan.serve is None:
        raise BadRequest(f"{plan.path.name} has no [serve] to say what is answered: patches/wekinator.toml has one")
    wanted, clock = plan.serve, SystemClock()
    waiting: Queue = queue.SimpleQueue()
    with contextlib.ExitStack() as stack:
        server = Server(wanted, waiting, say)
        stack.callback(server.close)
        writing = Clerk("scribe", scribe.work, clock)
        stack.callback(writing.close)
        fitting = Clerk("fitter", study.work, clock, low_priority=True)
        stack.callback(fitting.close, 0.0)
        shelf = Shelf(root(plan, wanted), writing, fitting, waiting.put)
        session = Session(shelf.opened(wanted), shelf.open, wanted.reply_address)
        told(session, wanted, say)
        with stopped_by_signals(lambda: waiting.put(None)), no_pauses():
            server.run(session)


def root(plan: Patch, wanted: ServeSettings) -> Path:
    """The folder of mappings that a patch means: where its mapping is, or is to be made. Raises BadRequest."""
    if "/" in wanted.mapping or "\\" in wanted.mapping or wanted.mapping in ("", ".", ".."):
        raise BadRequest(f'serve.mapping: the name of a folder in mappings/ is wanted, found "{wanted.mapping}"')
    try:
        return files.find("mappings", wanted.mapping, plan.path.parent).parent
    except BadRequest:
        return Path.cwd() / "mappings"


def told(session: Session, wanted: ServeSettings, say: Say) -> None:
    """Say what is served, and where."""
    project = session.project
    say(
        f"{project.folder.name}: {len(project.inputs)} inputs come to port {wanted.port}, {wanted.address}, and "
        f"{len(project.outputs)} outputs go to {wanted.reply}, {wanted.reply_address}. Ctrl-C ends it."
    )
