"""The sessions of a user, and ending them."""

from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts import security_log
from accounts.models import BrowserSession, User


def sessions_of(user: User) -> "QuerySet[BrowserSession]":
    """Return the sessions that have not expired, the most recently used first."""
    return BrowserSession.objects.filter(user=user, expire_date__gt=timezone.now()).order_by("-last_used_at")


@transaction.atomic
def end_session(*, user: User, public_id: UUID) -> bool:
    """End one of the user's sessions. Returns False if there is none with this id."""
    if not BrowserSession.objects.filter(user=user, public_id=public_id).delete()[0]:
        return False
    security_log.record(security_log.Event.SESSIONS_ENDED, user=user, actor=user, sessions=1)
    return True


@transaction.atomic
def end_sessions(*, user: User) -> int:
    """End all of the user's sessions. Returns how many."""
    count = BrowserSession.objects.filter(user=user).delete()[0]
    security_log.record(security_log.Event.SESSIONS_ENDED, user=user, actor=user, sessions=count)
    return count
