"""The security log: who did what, when and from which IP address. In PostgreSQL for a year, and as JSON lines.

An event is saved in the transaction of the change that it records, so neither exists without the other.
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

from accounts.client_ip import client_ip_of, current_client_ip
from accounts.models import SecurityEvent, User

Event = SecurityEvent.Event
RETENTION = timedelta(days=365)
DELETED_PERSON = "deleted account"
LONGEST_DETAIL = 200
LONGEST_LINE = 900
# Anybody can cause failed sign-ins. Beyond these limits, they are only logged as JSON lines.
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
    """Record one event, in the caller's transaction if there is one.

    `user` is whose account or permissions changed, `actor` who did it; a sign-in has the same for both.
    The IP address is that of `request` or of the current request. `details` must be JSON without
    secrets or user input.
    """
    row = SecurityEvent(event=event, user=user, actor=actor, guild_id=guild_id, details=details)
    _complete(row, request)
    row.save(force_insert=True)
    # After the commit: what is rolled back did not happen.
    transaction.on_commit(partial(_write_line, row), robust=True)


def record_failed_sign_in(request: HttpRequest, problem: str, user: User | None = None) -> None:
    """Record a failed sign-in. Never raises: the error page matters more.

    FAILURES_PER_HOUR and FAILURES_PER_ADDRESS limit the rows in the table; all failures are logged as JSON lines.
    """
    row = SecurityEvent(event=Event.SIGN_IN_FAILED, user=user, actor=user, details={"problem": problem})
    _complete(row, request)
    try:
        with transaction.atomic():
            if _has_room_for(row):
                row.save(force_insert=True)
    except DatabaseError as error:
        logger.warning("A failed sign-in could not be stored: %s.", type(error).__name__)
    _write_line(row)


def forget(user: User) -> None:
    """Remove a user's name, links and IP addresses from the log. The events stay."""
    SecurityEvent.objects.filter(user=user).update(user=None, user_label=DELETED_PERSON)
    SecurityEvent.objects.filter(actor=user).update(actor=None, actor_label=DELETED_PERSON, address=None)


def delete_expired() -> int:
    """Delete events older than RETENTION. Returns how many."""
    return SecurityEvent.objects.filter(created_at__lt=timezone.now() - RETENTION).delete()[0]


def _complete(row: SecurityEvent, request: HttpRequest | None) -> None:
    row.user_label = row.user.battletag if row.user else ""
    row.actor_label = row.actor.battletag if row.actor else ""
    row.address = client_ip_of(request) if request else current_client_ip()
    for name, value in row.details.items():
        row.details[name] = value[:LONGEST_DETAIL] if isinstance(value, str) else value


def _has_room_for(row: SecurityEvent) -> bool:
    # Two simultaneous attempts can both take the last place; that is close enough.
    hour = SecurityEvent.objects.filter(event=row.event, created_at__gt=timezone.now() - timedelta(hours=1))
    found = hour.aggregate(together=Count("pk"), here=Count("pk", filter=Q(address=row.address)))
    return bool(found["together"] < FAILURES_PER_HOUR and found["here"] < FAILURES_PER_ADDRESS)


def _write_line(row: SecurityEvent) -> None:
    # Ids without names: after a deletion, the lines in log files identify nobody.
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
