"""The writes of a guild's settings, each on its timeline."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.models import User
from guilds.access import lock_guild
from guilds.edit_conflict import check_version
from guilds.models import Guild, TimelineEvent
from guilds.settings.durations import DurationSetting
from guilds.timeline.services import new_event, record

INFO_FIELDS = ("description", "recruiting", "links", "visibility")


def info_of(guild: Guild) -> dict[str, Any]:
    """Return what the guild says about itself."""
    return {name: getattr(guild, name) for name in INFO_FIELDS}


@transaction.atomic
def change_info(*, guild: Guild, actor: User, info: Mapping[str, Any], version: str) -> bool:
    """Save what the guild says about itself; return whether anything changed.

    `version` is that of `info_of` when the user opened the form. Raises EditConflict and PermissionDenied.
    """
    locked = _lock_open_guild(guild, actor, "guilds.edit_info")
    before = {name: value for name, value in info_of(locked).items() if info[name] != value}
    if not before:
        return False
    check_version(version, info_of(locked))
    after = {name: info[name] for name in before}
    _save(locked, after)
    details = {"before": before, "after": after}
    record([new_event(guild.pk, TimelineEvent.Kind.INFO_CHANGED, actor=actor, details=details)])
    return True


@transaction.atomic
def change_duration(*, guild: Guild, actor: User, setting: DurationSetting, value: int, version: str) -> bool:
    """Save a setting about how long permissions last; return whether it changed.

    `version` is that of the value when the user opened the form. Raises EditConflict and PermissionDenied.
    """
    locked = _lock_open_guild(guild, actor, "guilds.manage_ranks")
    before = setting.value_of(locked)
    if value == before:
        return False
    check_version(version, before)
    _save(locked, {setting.column: value})
    details = {"what": setting.name, "before": before, "after": value}
    record([new_event(guild.pk, TimelineEvent.Kind.RIGHTS_CHANGED, actor=actor, details=details)])
    return True


def _lock_open_guild(guild: Guild, actor: User, perm: str) -> Guild:
    locked = lock_guild(guild, actor, perm)
    if locked.deleted_at is not None:
        raise PermissionDenied
    return locked


def _save(guild: Guild, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(guild, name, value)
    guild.save(update_fields=(*values, "updated_at"))
