"""One id for everything that a request causes: its log lines, its tasks, and their requests to Battle.net."""

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

HEADER = "X-Request-ID"
WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{8,64}")

_current: ContextVar[str] = ContextVar("request_id", default="")


def current_id() -> str:
    """Return the id of the request or task that this thread works for; empty outside of both."""
    return _current.get()


def accepted(given: str) -> str:
    """Return the id that a proxy has given, if it can be in a log; otherwise a new one."""
    return given if WELL_FORMED.fullmatch(given) else uuid.uuid4().hex


@contextmanager
def working_for(request_id: str) -> Iterator[None]:
    """Use this id inside of the block."""
    token = _current.set(request_id)
    try:
        yield
    finally:
        _current.reset(token)


def work_for(request_id: str) -> None:
    """Use this id in this thread until the next call."""
    _current.set(request_id)
