"""Ctrl-C and its kin, noticed where it is safe: a signal sets a flag, and whoever waits asks for it.

Raising from the handler could strike between the start of a process and its being written down, and leave
it behind.
"""

import signal
import time
from collections.abc import Callable
from types import FrameType


class Interrupted(BaseException):
    """Somebody asked this command to end."""


class _Flag:
    received: signal.Signals | None = None
    deaf = False


def install() -> None:
    """Takes over SIGINT, SIGTERM and SIGHUP for the rest of this process's life."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _receive)


def check() -> None:
    """Raises at the first call after a signal, and only there: cleaning up is not interrupted again."""
    if _Flag.received is not None and not _Flag.deaf:
        _Flag.deaf = True
        raise Interrupted


def ignore() -> None:
    """From here on the command ends anyway, and must be let finish."""
    _Flag.deaf = True


def status() -> int:
    """The exit status that tells a shell which signal ended the command."""
    return 128 + (_Flag.received or 0)


def wait_until(condition: Callable[[], bool], *, seconds: float, interval: float = 0.05) -> bool:
    """Polls; says whether the condition came true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        check()
        if time.monotonic() > deadline:
            return False
        time.sleep(interval)
    return True


def _receive(number: int, _frame: FrameType | None) -> None:
    _Flag.received = signal.Signals(number)
