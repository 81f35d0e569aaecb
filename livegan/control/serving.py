"""A mapping that answers rows by OSC: the command `livegan serve`, and the same in a process beside a show."""

import contextlib
import queue
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from livegan import files
from livegan import patch as patches
from livegan.clock import Clock, SystemClock
from livegan.control.running import no_pauses, stopped_by_signals
from livegan.errors import BadRequest, LiveganError, Lost
from livegan.frame import Frame
from livegan.inputs.base import Input, InputSettings, Source
from livegan.patch import Part, Patch, ServeSettings
from livegan.rehearsal import scribe, study
from livegan.ring import Ring
from livegan.serving.project import Shelf
from livegan.serving.server import Queue, Server
from livegan.serving.session import TRAINED, Session
from livegan.show import child
from livegan.show.child import Task
from livegan.show.clerk import Clerk
from livegan.show.host import Child, Health, Host

Say = Callable[[str], None]


def serve(name: str, say: Say) -> None:
    """Serve the mapping of a patch until Ctrl-C or SIGTERM. Raises BadRequest or Failure in one sentence."""
    plan = patches.read(files.find("patches", name, suffix=".toml"))
    if plan.serve is None:
        raise BadRequest(f"{plan.path.name} has no [serve] to say what is answered: patches/wekinator.toml has one")
    waiting: Queue = queue.SimpleQueue()
    with opened(plan.serve, root(plan, plan.serve), waiting, say) as (server, session):
        told(session, plan.serve, say)
        with stopped_by_signals(lambda: waiting.put(None)), no_pauses():
            server.run(session)


@contextlib.contextmanager
def opened(wanted: ServeSettings, folder: Path, waiting: Queue, say: Say) -> Iterator[tuple[Server, Session]]:
    """An open server and what it answers by; `folder` holds the mappings. Raises BadRequest or Failure."""
    clock = SystemClock()
    with contextlib.ExitStack() as stack:
        server = Server(wanted, waiting, say)
        stack.callback(server.close)
        writing = Clerk("scribe", scribe.work, clock)
        stack.callback(writing.close)
        fitting = Clerk("fitter", study.work, clock, low_priority=True)
        stack.callback(fitting.close, 0.0)
        shelf = Shelf(folder, writing, fitting, waiting.put)
        session = Session(shelf.opened(wanted), shelf.open, clock.now, wanted.reply_address)
        stack.callback(lambda: session.project.notebook.again())
        if session.project.players:
            waiting.put(lambda: [TRAINED])
        yield server, session


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


class BesideSettings(InputSettings):
    """What is served beside a show, and the folder of its mappings."""

    serve: ServeSettings
    root: Path


class Serving(Input):
    """The server as what a show's children are: opened, asked how it is, and opened again when it is lost."""

    Settings = BesideSettings
    stale_after = None

    def __init__(self) -> None:
        self._open = contextlib.ExitStack()

    def open(self, settings: BesideSettings, source: Source | None = None) -> None:
        waiting: Queue = queue.SimpleQueue()
        try:
            server, session = self._open.enter_context(opened(settings.serve, settings.root, waiting, self._complain))
        except LiveganError as error:
            raise Lost(str(error)) from error
        self._answering = threading.Thread(target=server.run, args=(session,), name="answers", daemon=True)
        self._answering.start()
        self._open.callback(self._answering.join)
        self._open.callback(waiting.put, None)

    def read(self, timeout: float) -> Frame | None:
        self._answering.join(timeout)
        if not self._answering.is_alive():
            raise Lost("the server of the mapping has ended by itself: it is opened again")
        return None

    def close(self) -> None:
        self._open.close()

    def _complain(self, sentence: str) -> None:
        self.complaint = sentence


class Beside:
    """The server in a process beside a show, brought back whenever it dies."""

    def __init__(self, plan: Patch, wanted: ServeSettings, clock: Clock) -> None:
        self._frames = Ring.create(2, 1)
        settings = BesideSettings(kind="serve", serve=wanted, root=root(plan, wanted))
        part = Part("serve", Serving, settings)
        self._child = Child("serve", part, self._frames, None, clock, main, has_children=True)
        self._host = Host([self._child], clock)
        self._host.start()

    def health(self) -> Health:
        """How the server is, and what it said last."""
        return self._child.health()

    def notes(self) -> list[str]:
        """What the operator should know about it."""
        return [reason] if (reason := self.health().reason) else []

    def close(self) -> None:
        """End the server; its port is free when this returns."""
        self._host.close()
        self._frames.close()


def main(task: Task) -> None:
    """The first function of the server's process."""
    with no_pauses():
        child.main(task, Serving)
