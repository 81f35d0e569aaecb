"""What a session has to say, as datagrams on their way. Numbers go as floats in 32 bits, as Wekinator's do.

Our codec refuses what is not finite; distances of gestures may be infinite and must go out all the same.
"""

import contextlib
import socket

import numpy as np

from livegan import osc
from livegan.errors import BadRequest
from livegan.serving.out import Out


def datagram(out: Out) -> bytes:
    """One OSC message."""
    if isinstance(out.values, str):
        return osc.encode(out.address, out.values)
    numbers = np.asarray(out.values, ">f4")
    return _padded(out.address) + _padded("," + "f" * numbers.size) + numbers.tobytes()


def _padded(text: str) -> bytes:
    data = text.encode("ascii")
    return data + bytes(4 - len(data) % 4)


class Way:
    """The way to a place "HOST:PORT"; what cannot be sent is lost, as datagrams are. Raises BadRequest."""

    def __init__(self, place: str) -> None:
        host, _, port = place.rpartition(":")
        try:
            family, kind, _, _, self._place = socket.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_DGRAM)[0]
        except (OSError, UnicodeError) as error:
            raise BadRequest(f"nothing can be sent to {place} ({error}): look at [serve] in the patch") from None
        self._socket = socket.socket(family, kind)

    def send(self, out: Out) -> None:
        """Send one message; never waits, never fails."""
        with contextlib.suppress(OSError, osc.Refused):
            self._socket.sendto(datagram(out), self._place)

    def close(self) -> None:
        """Nothing more is sent."""
        self._socket.close()
