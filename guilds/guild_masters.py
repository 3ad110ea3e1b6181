"""Guild masters, current and former: they decide about the deletion of a guild's data."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet

from accounts.models import User
from guilds.models import GUILD_MASTER_RANK, FormerGuildMaster, Guild, Membership

# How long rosters must have shown a character as guild master before its player can delete the guild's data.
REQUIRED_TIME_AS_MASTER = timedelta(hours=24)
# How long before a deletion someone can have been guild master and still undo it.
RECENTLY = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Deletion:
    """The permission of a user to delete the guild's data, and the time from which a guild master has it."""

    is_possible: bool
    is_guild_master: bool = True
    possible_from: datetime | None = None


def deletion_by(actor: User, guild: Guild) -> Deletion:
    """Return whether the user can delete the guild's data according to the rosters; site admins always can."""
    if actor.is_superuser:
        return Deletion(is_possible=True)
    place = guild.memberships.with_confirmed_link_to(actor).filter(rank=GUILD_MASTER_RANK).first()
    if place is None:
        return Deletion(is_possible=False, is_guild_master=False)
    if place.rank_since is None:
        return Deletion(is_possible=False)
    possible_from = place.rank_since + REQUIRED_TIME_AS_MASTER
    checked_at = guild.roster_checked_at
    return Deletion(is_possible=checked_at is not None and checked_at >= possible_from, possible_from=possible_from)


def can_restore(actor: User, guild: Guild) -> bool:
    """Return whether the user can undo the deletion of the guild's data, now or as a recent guild master."""
    return actor.has_perm("guilds.delete", guild) or _recently_lost(actor).filter(guild=guild).exists()


def restorable_by(actor: User) -> list[Guild]:
    """Return the guilds whose deleted data the user can restore."""
    theirs = Q(memberships__character__user=actor) | Q(pk__in=_recently_lost(actor).values("guild"))
    deleted = Guild.objects.restorable().filter(theirs).distinct().select_related("realm")
    return [guild for guild in deleted if can_restore(actor, guild)]


def remember_guild_masters(memberships: Iterable[Membership], *, now: datetime) -> None:
    """Keep which players lose the rank of guild master with these memberships; call this before they are changed."""
    ids = [one.pk for one in memberships]
    if not ids:
        return
    masters = Membership.objects.with_confirmed_owner().filter(pk__in=ids, rank=GUILD_MASTER_RANK).order_by("pk")
    FormerGuildMaster.objects.bulk_create(
        [
            FormerGuildMaster(guild_id=guild_id, person_id=person_id, until=now)
            for guild_id, person_id in masters.values_list("guild", "character__user")
        ],
        update_conflicts=True,
        unique_fields=["guild", "person"],
        update_fields=("until", "updated_at"),
    )


def _recently_lost(actor: User) -> "QuerySet[FormerGuildMaster]":
    """The guilds whose guild master the user was until shortly before their data was deleted."""
    return FormerGuildMaster.objects.filter(person=actor, until__gte=F("guild__deleted_at") - RECENTLY)
