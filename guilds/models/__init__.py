"""Guilds, who stands in them, what happened there, and what their officers write down."""

from guilds.former_members.models import KEPT_AFTER_LEAVING, FormerAltNote, FormerGuildMaster, FormerMember
from guilds.models.desk import (
    OfficerNote,
    OfficerNoteQuerySet,
    PlannedChange,
    PlannedChangeQuerySet,
)
from guilds.models.rosters import (
    DEFAULT_LINK_DAYS,
    GUILD_MASTER_RANK,
    KEPT_AFTER_DELETION,
    LONGEST_GRACE_HOURS,
    LONGEST_LINK_DAYS,
    LOWEST_RANK,
    Guild,
    GuildQuerySet,
    Membership,
    MembershipQuerySet,
    Visibility,
)
from guilds.player_links import LinkState, expires_soon, gives_rights, link_expiry, link_lifetime
from guilds.timeline.models import UNCONFIRMED_LINK, TimelineEvent, TimelineEventQuerySet

__all__ = (
    "DEFAULT_LINK_DAYS",
    "GUILD_MASTER_RANK",
    "KEPT_AFTER_DELETION",
    "KEPT_AFTER_LEAVING",
    "LONGEST_GRACE_HOURS",
    "LONGEST_LINK_DAYS",
    "LOWEST_RANK",
    "UNCONFIRMED_LINK",
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
    "PlannedChange",
    "PlannedChangeQuerySet",
    "TimelineEvent",
    "TimelineEventQuerySet",
    "Visibility",
    "expires_soon",
    "gives_rights",
    "link_expiry",
    "link_lifetime",
)
