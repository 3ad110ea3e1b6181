"""The models of guilds, by feature."""

from guilds.former_members.models import KEPT_AFTER_LEAVING, FormerAltNote, FormerGuildMaster, FormerMember
from guilds.models.guild import (
    DEFAULT_LINK_DAYS,
    GUILD_MASTER_RANK,
    KEPT_AFTER_DELETION,
    LONGEST_GRACE_HOURS,
    LONGEST_LINK_DAYS,
    LOWEST_RANK,
    Guild,
    GuildQuerySet,
    Visibility,
)
from guilds.models.membership import Membership, MembershipQuerySet
from guilds.notes.models import OfficerNote, OfficerNoteQuerySet
from guilds.player_links import LinkState, expires_soon, gives_rights, link_expiry, link_lifetime
from guilds.timeline.models import TimelineEvent, TimelineEventQuerySet
from guilds.todo.models import TodoItem, TodoItemQuerySet

__all__ = (
    "DEFAULT_LINK_DAYS",
    "GUILD_MASTER_RANK",
    "KEPT_AFTER_DELETION",
    "KEPT_AFTER_LEAVING",
    "LONGEST_GRACE_HOURS",
    "LONGEST_LINK_DAYS",
    "LOWEST_RANK",
    "FormerAltNote",
    "FormerGuildMaster",
    "FormerMember",
    "Guild",
    "GuildQuerySet",
    "LinkState",
    "Membership",
    "MembershipQuerySet",
    "OfficerNote",
    "OfficerNoteQuerySet",
    "TimelineEvent",
    "TimelineEventQuerySet",
    "TodoItem",
    "TodoItemQuerySet",
    "Visibility",
    "expires_soon",
    "gives_rights",
    "link_expiry",
    "link_lifetime",
)
