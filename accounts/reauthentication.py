"""How long ago the person at this browser signed in: what cannot be undone for ever asks for it."""

import time
from datetime import timedelta

from django.contrib.sessions.backends.base import SessionBase

SIGNED_IN_AT = "signed_in_at"
RECENT = timedelta(minutes=10)


def mark_reauthenticated(session: SessionBase) -> None:
    """Battle.net confirmed just now who this is. Kept in the session: another browser's sign-in says nothing here."""
    session[SIGNED_IN_AT] = time.time()


def is_recently_authenticated(session: SessionBase) -> bool:
    """Whether that was less than RECENT ago."""
    return time.time() - float(session.get(SIGNED_IN_AT, 0)) < RECENT.total_seconds()
