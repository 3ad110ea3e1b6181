"""What a guild says about itself, and how long its leavers may read on: the writes, each on the timeline."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.models import User
from guilds.access import lock_guild
from guilds.models import Guild, TimelineEvent
from guilds.timeline.services import new_event, record

INFO_FIELDS = ("description", "recruiting", "links", "visibility")
Kind = TimelineEvent.Kind


class Stale(Exception):
    """Somebody else changed it since this person looked."""


def info_of(guild: Guild) -> dict[str, Any]:
    """What the guild says about itself."""
    return {name: getattr(guild, name) for name in INFO_FIELDS}


def state_of_info(guild: Guild) -> str:
    """A digest of it: what somebody saw before they changed it."""
    return hashlib.sha256(json.dumps(info_of(guild), sort_keys=True).encode()).hexdigest()[:16]


@transaction.atomic
def change_info(*, guild: Guild, actor: User, info: Mapping[str, Any], seen: str) -> bool:
    """Write what the person typed; returns whether anything differs.

    `seen` is `state_of_info` when they looked. Raises Stale, and PermissionDenied.
    """
    locked = _open_guild(guild, actor, "guilds.edit_info")
    before = {name: value for name, value in info_of(locked).items() if info[name] != value}
    if not before:
        return False
    if seen != state_of_info(locked):
        raise Stale
    after = {name: info[name] for name in before}
    for name, value in after.items():
        setattr(locked, name, value)
    locked.save(update_fields=(*after, "updated_at"))
    _tell(locked, actor, Kind.INFO_CHANGED, before=before, after=after)
    return True


def change_grace(*, guild: Guild, actor: User, hours: int, seen: int) -> bool:
    """Let those who leave read on for so many hours; returns whether that differs. Raises Stale, and PermissionDenied.

    It is about rights, and belongs to those who decide about them.
    """
    return _change_number(guild, actor, "grace_hours", "grace", hours, seen)


def change_link_days(*, guild: Guild, actor: User, days: int, seen: int) -> bool:
    """Let characters give rights for so many days after a sign-in; returns whether that differs.

    It is about rights, as the grace is. Raises Stale, and PermissionDenied.
    """
    return _change_number(guild, actor, "link_days", "link_days", days, seen)


@transaction.atomic
def _change_number(guild: Guild, actor: User, field: str, what: str, value: int, seen: int) -> bool:
    locked = _open_guild(guild, actor, "guilds.manage_ranks")
    before = getattr(locked, field)
    if value == before:
        return False
    if seen != before:
        raise Stale
    setattr(locked, field, value)
    locked.save(update_fields=(field, "updated_at"))
    _tell(locked, actor, Kind.RIGHTS_CHANGED, what=what, before=before, after=value)
    return True


def _open_guild(guild: Guild, actor: User, perm: str) -> Guild:
    locked = lock_guild(guild, actor, perm)
    if locked.deleted_at is not None:
        raise PermissionDenied
    return locked


def _tell(guild: Guild, actor: User, kind: Kind, **details: object) -> None:
    record([new_event(guild.pk, kind, actor=actor, details=details)])
