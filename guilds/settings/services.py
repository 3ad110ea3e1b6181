"""The settings of a guild and their writes, each on its timeline."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from guilds.access import lock_guild
from guilds.edit_conflict import check_version
from guilds.models import Guild, TimelineEvent
from guilds.models.guild import LONGEST_GRACE_HOURS, LONGEST_LINK_DAYS
from guilds.player_links import link_lifetime
from guilds.timeline.services import new_event, record

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

INFO_FIELDS = ("description", "recruiting", "links", "visibility")


@dataclass(frozen=True, slots=True)
class DurationSetting:
    """A number of hours or days. `name` is that of the URL and of the change on the timeline."""

    name: str
    column: str
    unit: str
    minimum: int
    longest: int
    label: "StrPromise"
    help_text: "StrPromise"

    @property
    def maximum(self) -> int:
        """The highest value that a guild can choose, also by the site's settings."""
        return link_lifetime(self.longest).days if self.unit == "days" else self.longest

    def value_of(self, guild: Guild) -> int:
        value: int = getattr(guild, self.column)
        return value


GRACE = DurationSetting(
    name="grace",
    column="grace_hours",
    unit="hours",
    minimum=0,
    longest=LONGEST_GRACE_HOURS,
    label=_("Hours"),
    help_text=_("0 to %(maximum)d. With 0, leavers lose access immediately."),
)
LINK_DAYS = DurationSetting(
    name="link_days",
    column="link_days",
    unit="days",
    minimum=1,
    longest=LONGEST_LINK_DAYS,
    label=_("Days"),
    help_text=_("1 to %(maximum)d. The permissions of a player who doesn't sign in for longer are suspended."),
)
DURATIONS = (GRACE, LINK_DAYS)


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
