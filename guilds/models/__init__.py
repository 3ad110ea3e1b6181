"""The models of guilds, by feature."""

from guilds.away.models import Leave, RosterRule
from guilds.former_members.models import FormerAltNote, FormerGuildMaster, FormerMember, ReinviteFlag
from guilds.models.guild import GUILD_MASTER_RANK, KEPT_AFTER_DELETION, LOWEST_RANK, Guild, Visibility
from guilds.models.membership import Membership, MembershipQuerySet
from guilds.notes.models import OfficerNote
from guilds.overview.models import GuildVisit
from guilds.player_links import LinkState
from guilds.roster.models import RosterView
from guilds.timeline.models import TimelineEvent, TimelineFeed
from guilds.todo.models import TodoItem

__all__ = (
    "GUILD_MASTER_RANK",
    "KEPT_AFTER_DELETION",
    "LOWEST_RANK",
    "FormerAltNote",
    "FormerGuildMaster",
    "FormerMember",
    "Guild",
    "GuildVisit",
    "Leave",
    "LinkState",
    "Membership",
    "MembershipQuerySet",
    "OfficerNote",
    "ReinviteFlag",
    "RosterRule",
    "RosterView",
    "TimelineEvent",
    "TimelineFeed",
    "TodoItem",
    "Visibility",
)
