"""Recent sign-ins: exporting and deleting an account require one."""

import time
from datetime import timedelta

from django.contrib.sessions.backends.base import SessionBase

SIGNED_IN_AT = "signed_in_at"
RECENT = timedelta(minutes=10)


def mark_reauthenticated(session: SessionBase) -> None:
    """Record a sign-in in this browser's session."""
    session[SIGNED_IN_AT] = time.time()


def is_recently_authenticated(session: SessionBase) -> bool:
    """Return True if the last sign-in in this browser was less than RECENT ago."""
    return time.time() - float(session.get(SIGNED_IN_AT, 0)) < RECENT.total_seconds()
