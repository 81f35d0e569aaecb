"""The mapping server: one UDP port, a queue, and a session that answers each message in order.

It must lose nothing while the session is busy, and never fall to a stranger's datagram.
"""

import contextlib
import queue
import threading
from collections.abc import Callable

from livegan import osc
from livegan.errors import Failure
from livegan.inputs.osc import bound
from livegan.patch import ServeSettings
from livegan.serving.control import heard
from livegan.serving.out import Out, refusal
from livegan.serving.session import Session
from livegan.serving.wire import Way

MOST = 65_536
"""So many datagrams may wait; those beyond are lost, which is told."""

_LARGEST = 65_535
_WAKE = 0.25  # seconds; a wait without end would not hear of the end, nor Windows of Ctrl-C

Call = Callable[[], list[Out]]
Item = tuple[bytes, str] | Call
Queue = queue.SimpleQueue[Item | None]
"""Datagrams with their sender, what is to be done between two of them, and None for the end."""


class Server:
    """An open port and the ways to where the answers go; it answers once. say: gets each sentence that is new."""

    def __init__(self, settings: ServeSettings, waiting: Queue, say: Callable[[str], None]) -> None:
        self._settings, self._waiting, self._say = settings, waiting, say
        self._ways = {"outputs": Way(settings.reply)} | ({"errors": Way(settings.errors)} if settings.errors else {})
        self._last, self._ended = "", False
        try:
            self._socket = bound(settings.host, settings.port)
        except OSError as error:
            raise Failure(
                f"rows cannot be heard on {settings.host} port {settings.port} ({error.strerror}); end what listens "
                "there, Wekinator perhaps, or change port under [serve] in the patch"
            ) from error

    def run(self, session: Session) -> None:
        """Answer until None is in the queue."""
        receiving = threading.Thread(target=self._receive, name="rows", daemon=True)
        receiving.start()
        while (item := self._next()) is not None:
            for out in self._answered(session, item):
                # A terminal that is gone, or closed, ends nothing.
                with contextlib.suppress(OSError, ValueError):
                    self._send(out)
        self._ended = True
        receiving.join()

    def close(self) -> None:
        """Free the port."""
        self._ended = True
        for one in (self._socket, *self._ways.values()):
            one.close()

    def _next(self) -> Item | None:
        while True:
            try:
                return self._waiting.get(timeout=_WAKE)
            except queue.Empty:
                continue

    def _receive(self) -> None:
        """In a thread of its own: the system keeps only a fraction of a second of what nobody takes."""
        full = False
        self._socket.settimeout(_WAKE)
        while not self._ended:
            try:
                data, peer = self._socket.recvfrom(_LARGEST)
            except OSError:  # nothing came; or, on Windows, an answer found nobody
                continue
            full, before = self._waiting.qsize() >= MOST, full
            if not full:
                self._waiting.put((data, peer[0]))
            elif not before:
                self._waiting.put(lambda: [refusal("more came than could be answered, and some of it is lost")])

    def _answered(self, session: Session, item: Item) -> list[Out]:
        """What is said to a datagram or for a call; whatever it was, the next one is answered all the same."""
        try:
            return item() if callable(item) else self._heard(session, *item)
        except osc.Refused as why:
            return [refusal(f"a datagram was not taken: {why}")]
        except Exception as error:
            return [refusal(f"livegan failed over a message ({type(error).__name__}: {error}); please report it")]

    def _heard(self, session: Session, data: bytes, sender: str) -> list[Out]:
        if not self._settings.admits(sender):
            raise osc.Refused(f"{sender} is not among the senders under [serve] in the patch; add it, or ignore it")
        messages = osc.decode(data)
        return [out for message in messages for out in heard(session, message, self._settings.address)]

    def _send(self, out: Out) -> None:
        if out.to in self._ways:
            self._ways[out.to].send(out)
        if out.to == "terminal" or (out.to == "errors" and out.values != self._last):
            self._last = str(out.values)
            self._say(self._last)
