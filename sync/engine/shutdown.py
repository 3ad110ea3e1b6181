"""The shutdown of a worker: it sends no more requests, and hands back the rest of its jobs."""

import threading

_has_begun = threading.Event()


def begin() -> None:
    """Send no more requests from now on."""
    _has_begun.set()


def has_begun() -> bool:
    """Return whether the worker of this process was told to end."""
    return _has_begun.is_set()
