"""The security log: who did what, when and from where. In PostgreSQL for a year, and as lines of JSON besides.

An event is written in the transaction of the change that it reports, so that there is never one without the other.
See docs/decisions/0023-security-log.md.
"""

import json
import logging
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db import DatabaseError, transaction
from django.db.models import Count, Q
from django.http import HttpRequest
from django.utils import timezone

from accounts.client_ip import current_address, visitor_address
from accounts.models import SecurityEvent, User

Event = SecurityEvent.Event
RETENTION = timedelta(days=365)
DELETED_PERSON = "deleted account"
LONGEST_DETAIL = 200
LONGEST_LINE = 900
# Anybody can make sign-ins fail. Beyond these, an hour's failures are lines of JSON only.
FAILURES_PER_HOUR = 500
FAILURES_PER_ADDRESS = 30

lines = logging.getLogger("guildsite.security")
logger = logging.getLogger(__name__)


def record(
    event: Event,
    *,
    request: HttpRequest | None = None,
    user: User | None = None,
    actor: User | None = None,
    guild_id: UUID | None = None,
    **details: Any,
) -> None:
    """Write one event, in the transaction of the caller if there is one.

    `user` is whose account or permissions it is about, `actor` who did it; a sign-in has the same person as both.
    The address is that of `request`, or of the request that is being answered. `details` must be JSON and hold
    neither secrets nor anything that people typed.
    """
    row = _row(event, request, user, actor, guild_id, details)
    row.save(force_insert=True)
    # What is rolled back did not happen.
    transaction.on_commit(partial(_write_line, row), robust=True)


def record_failed_sign_in(request: HttpRequest, problem: str, user: User | None = None) -> None:
    """Write that somebody could not sign in. Never raises: the page that tells them why matters more.

    Floods do not fill the table: see FAILURES_PER_HOUR and FAILURES_PER_ADDRESS. The lines are complete.
    """
    row = _row(Event.SIGN_IN_FAILED, request, user, user, None, {"problem": problem})
    try:
        with transaction.atomic():
            if _has_room_for(row):
                row.save(force_insert=True)
    except DatabaseError as error:
        logger.warning("A failed sign-in could not be stored: %s.", type(error).__name__)
    _write_line(row)


def forget(user: User) -> None:
    """Remove a person from the log: name, link, and the addresses that they came from. The events stay."""
    SecurityEvent.objects.filter(user=user).update(user=None, user_label=DELETED_PERSON)
    SecurityEvent.objects.filter(actor=user).update(actor=None, actor_label=DELETED_PERSON, address=None)


def delete_expired() -> int:
    """Delete what is older than RETENTION; returns how many events."""
    return SecurityEvent.objects.filter(created_at__lt=timezone.now() - RETENTION).delete()[0]


def _row(
    event: Event,
    request: HttpRequest | None,
    user: User | None,
    actor: User | None,
    guild_id: UUID | None,
    details: dict[str, Any],
) -> SecurityEvent:
    return SecurityEvent(
        event=event,
        user=user,
        user_label=user.battletag if user else "",
        actor=actor,
        actor_label=actor.battletag if actor else "",
        guild_id=guild_id,
        address=visitor_address(request) if request else current_address(),
        details={name: _clipped(value) for name, value in details.items()},
    )


def _clipped(value: Any) -> Any:
    return value[:LONGEST_DETAIL] if isinstance(value, str) else value


def _has_room_for(row: SecurityEvent) -> bool:
    """Two attempts at once may both see the last free place; that is close enough."""
    hour = SecurityEvent.objects.filter(event=row.event, created_at__gt=timezone.now() - timedelta(hours=1))
    found = hour.aggregate(together=Count("pk"), here=Count("pk", filter=Q(address=row.address)))
    return bool(found["together"] < FAILURES_PER_HOUR and found["here"] < FAILURES_PER_ADDRESS)


def _write_line(row: SecurityEvent) -> None:
    """Ids and no names: what a deleted person leaves in a file leads to nobody."""
    fields: dict[str, Any] = {
        "event": str(row.event),
        "id": str(row.pk),
        "at": (row.created_at or timezone.now()).isoformat(timespec="seconds"),
        "user": row.user_id and str(row.user_id),
        "actor": row.actor_id and str(row.actor_id),
        "guild": row.guild_id and str(row.guild_id),
        "address": row.address,
    }
    line = json.dumps({**fields, "details": row.details})
    if len(line) > LONGEST_LINE:
        line = json.dumps({**fields, "details": "too long, see the database"})
    with suppress(Exception):
        lines.info("%s", line)
