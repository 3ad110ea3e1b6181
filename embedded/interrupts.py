"""Handling of Ctrl-C and similar signals at safe points: a signal sets a flag, which waiting code checks.

Raising from the handler could happen between the start of a process and recording it, and leave it running.
"""

import signal
import time
from collections.abc import Callable
from types import FrameType


class Interrupted(BaseException):
    """A signal has asked this command to stop."""


class _Flag:
    received: signal.Signals | None = None
    deaf = False
    impatient = False
    replace = False


def install() -> None:
    """Handle SIGINT, SIGTERM, SIGHUP and SIGUSR1 from now on."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _receive)
    signal.signal(signal.SIGUSR1, _receive_replace)


def check() -> None:
    """Raise Interrupted at the first call after a signal, and never again, so that cleanup is not interrupted."""
    if _Flag.received is not None and not _Flag.deaf:
        _Flag.deaf = True
        raise Interrupted


def ignore() -> None:
    """Ignore signals from now on, so that cleanup can finish."""
    _Flag.deaf = True


def is_impatient() -> bool:
    """Return whether Ctrl-C was pressed again during the cleanup."""
    return _Flag.impatient


def wants_replacement() -> bool:
    """Return whether SIGUSR1 came since the last call: the site's processes are to be replaced by new ones."""
    wanted, _Flag.replace = _Flag.replace, False
    return wanted


def status() -> int:
    """Return the exit status that tells a shell which signal ended the command."""
    return 128 + (_Flag.received or 0)


def wait_until(condition: Callable[[], bool], *, seconds: float, interval: float = 0.05) -> bool:
    """Poll the condition; return whether it became true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        check()
        if time.monotonic() > deadline:
            return False
        time.sleep(interval)
    return True


def _receive(number: int, _frame: FrameType | None) -> None:
    _Flag.impatient = _Flag.deaf and number == signal.SIGINT
    _Flag.received = signal.Signals(number)


def _receive_replace(number: int, _frame: FrameType | None) -> None:
    _Flag.replace = True
