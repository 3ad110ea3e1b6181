"""The browsers where a person is signed in, and how they are signed out."""

from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts import security_log
from accounts.models import BrowserSession, User

Event = security_log.Event


def sessions_of(user: User) -> "QuerySet[BrowserSession]":
    """Return the sessions that have not expired, the last used first."""
    return BrowserSession.objects.filter(user=user, expire_date__gt=timezone.now()).order_by("-last_used_at")


@transaction.atomic
def end_session(*, user: User, public_id: UUID) -> bool:
    """Sign one of the person's browsers out; returns False when there is no such session."""
    if not BrowserSession.objects.filter(user=user, public_id=public_id).delete()[0]:
        return False
    security_log.record(Event.SESSIONS_ENDED, user=user, actor=user, sessions=1)
    return True


@transaction.atomic
def end_sessions(*, user: User) -> int:
    """Sign all of the person's browsers out, the one that asks included; returns how many."""
    count = BrowserSession.objects.filter(user=user).delete()[0]
    security_log.record(Event.SESSIONS_ENDED, user=user, actor=user, sessions=count)
    return count
