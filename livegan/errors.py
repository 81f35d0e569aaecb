"""The two ways a request can end without its result, and how an input is lost, each told in one sentence.

A message says what was asked, what was found, and what to do about it.
"""


class LiveganError(Exception):
    """Base of every error that is shown to a person as one sentence, never as a traceback."""

    exit_code = 1


class BadRequest(LiveganError):
    """What was asked for cannot be done as it was asked: a typo, a missing file, a wrong number. Exit 2."""

    exit_code = 2


class Failure(LiveganError):
    """The request was right and something failed on the way: a device, a disk, a driver. Exit 1."""


class Lost(Exception):
    """The device, file or peer is gone; the message says what and what to do. The host opens it again."""
