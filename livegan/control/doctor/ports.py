"""UDP ports: whether those that livegan listens on are free, and who has them otherwise."""

import contextlib
import socket

import psutil

from livegan.control.doctor.check import Check, Machine

USUAL = {
    7770: "commands of a show",
    6448: "rows to livegan serve",
    5006: "the rig of patches/wekinator-rig.toml",
    12000: "answers of livegan serve, heard by another program",
}
"""Ports that livegan's own patches use, and what for."""

_ANSWERS = 12000


def usual(machine: Machine) -> list[Check]:
    """The ports of `USUAL`."""
    return [one(port, use, "ok" if port == _ANSWERS else "warn") for port, use in USUAL.items()]


def one(port: int, use: str, taken: str, host: str = "127.0.0.1") -> Check:
    """A port and what it is used for; `taken`: the state when somebody has it."""
    name = f"port {port}"
    if is_free(port, host):
        return Check(name, "ok", f"free ({use})")
    holder = _holder(port)
    found = f"{holder or 'another program'} has it ({use})"
    mend = f"close {holder}" if holder else f"sudo ss -lunp 'sport = :{port}'  # tells who has it; close that"
    return Check(name, taken, found, "" if taken == "ok" else mend)


def is_free(port: int, host: str) -> bool:
    """Whether this port could be listened on now."""
    with contextlib.closing(socket.socket(type=socket.SOCK_DGRAM)) as asked:
        try:
            asked.bind((host, port))
        except OSError:
            return False
    return True


def _holder(port: int) -> str:
    """The program that listens there, as far as this person may know; else ""."""
    with contextlib.suppress(psutil.Error, OSError):
        for found in psutil.net_connections("udp"):
            if found.laddr and found.laddr.port == port and found.pid:
                words = psutil.Process(found.pid).cmdline()
                return f"{' '.join(words)[:60]} (process {found.pid})"
    return ""
