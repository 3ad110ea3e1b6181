"""Who is the guild master by the rosters, since when, and who was it lately: the data of a guild hangs on it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Q

from accounts.models import User
from guilds.models import GUILD_MASTER_RANK, Guild, TimelineEvent, TimelineEventQuerySet

Kind = TimelineEvent.Kind
# Rosters must have shown a character as guild master for so long before its player can delete the guild's data.
SETTLED = timedelta(hours=24)
# Whoever was guild master so long before a deletion can undo it.
LATELY = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Deletion:
    """Whether a person can delete the guild's data, and from when a guild master can."""

    is_possible: bool
    is_guild_master: bool = True
    possible_from: datetime | None = None


def deletion_by(actor: User, guild: Guild) -> Deletion:
    """Whether the person can delete the guild's data as the rosters have it now; site admins always can."""
    if actor.is_superuser:
        return Deletion(is_possible=True)
    place = guild.memberships.giving_rights_to(actor).filter(rank=GUILD_MASTER_RANK).first()
    if place is None:
        return Deletion(is_possible=False, is_guild_master=False)
    if place.rank_since is None:
        return Deletion(is_possible=False)
    possible_from = place.rank_since + SETTLED
    checked_at = guild.roster_checked_at
    return Deletion(is_possible=checked_at is not None and checked_at >= possible_from, possible_from=possible_from)


def can_restore(actor: User, guild: Guild) -> bool:
    """Whether the person can undo the deletion of the guild's data: also who was guild master until lately."""
    return actor.has_perm("guilds.delete", guild) or _lost_lately(actor).filter(guild=guild).exists()


def restorable_by(actor: User) -> list[Guild]:
    """The guilds whose data was deleted and that the person can restore."""
    theirs = Q(memberships__character__user=actor) | Q(pk__in=_lost_lately(actor).values("guild"))
    deleted = Guild.objects.restorable().filter(theirs).distinct().select_related("realm")
    return [guild for guild in deleted if can_restore(actor, guild)]


def _lost_lately(actor: User) -> TimelineEventQuerySet:
    """The events by which the person stopped being guild master, not long before the guild's data was deleted."""
    was_master = Q(kind=Kind.LEFT, details__rank=GUILD_MASTER_RANK) | Q(
        kind=Kind.DEMOTED, details__before=GUILD_MASTER_RANK
    )
    found = TimelineEvent.objects.filter(was_master, person=actor, happened_at__gte=F("guild__deleted_at") - LATELY)
    return found.by_confirmed_players()
