"""Where a person stands in a guild: the one place that decides what they may do there."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import BooleanField, Exists, F, FilteredRelation, IntegerField, OuterRef, Q, QuerySet
from django.db.models.functions import Cast
from django.utils import timezone

from accounts.models import User
from guilds.models import GUILD_MASTER_RANK, Guild, Membership, TimelineEvent, link_expiry
from guilds.rights import READ
from permissions.models import EVERY_RIGHT, FLAG_OF, Grant, Rank
from permissions.rules import SITE_ADMIN_RANK, Authority, Rights

# The rights of a rank for which the guild has not chosen a set.
RESTRICTED: Rights = frozenset({READ})
NOTHING: Rights = frozenset()
SEATS_FLAGS = [f"seat__permission_set__{flag}" for flag in FLAG_OF.values()]


@dataclass(frozen=True, slots=True)
class Standing:
    """A person's best rank in a guild (None for an outsider), and from where their rights come."""

    rank: int | None = None
    of_rank: Rights = NOTHING
    granted: Rights = NOTHING
    in_grace: Rights = NOTHING
    # When the link that gives the rank expires, unless the person signs in before.
    expires_at: datetime | None = None

    @property
    def rights(self) -> Rights:
        """All that the person may do there."""
        return self.of_rank | self.granted | self.in_grace


def standing_of(user: User, guild: Guild) -> Standing:
    """The person's standing as the database has it now, in two statements.

    A grant adds to the rights of a member and is nothing by itself, so that whoever leaves holds none.
    """
    best = (
        Membership.objects.giving_rights_to(user)
        .filter(guild=guild)
        .annotate(seat=FilteredRelation("guild__ranks", condition=Q(guild__ranks__rank_level=F("rank"))))
        .order_by("rank", "-character__owner_confirmed_at")
        .values_list("rank", "character__owner_confirmed_at", *SEATS_FLAGS)
        .first()
    )
    if best is None:
        return Standing(in_grace=_rights_in_grace(user, guild))
    rank, confirmed_at, *flags = best
    granted = [grant.rights for grant in Grant.objects.running().filter(guild=guild, user=user)]
    return Standing(
        rank,
        rights_of_rank(rank, flags),
        NOTHING.union(*granted),
        expires_at=link_expiry(confirmed_at, guild.link_days),
    )


def standings_of(user: User) -> dict[UUID, Standing]:
    """The person's standing in each guild where they hold a rank's rights, in two statements.

    Grace is not looked at, nor when links expire.
    """
    places = (
        Membership.objects.giving_rights_to(user)
        .filter(guild__deleted_at=None)
        .annotate(seat=FilteredRelation("guild__ranks", condition=Q(guild__ranks__rank_level=F("rank"))))
        .order_by("guild", "rank")
        .distinct("guild")
        .values_list("guild", "rank", *SEATS_FLAGS)
    )
    granted: dict[UUID, Rights] = {}
    for grant in Grant.objects.running().filter(user=user):
        granted[grant.guild_id] = granted.get(grant.guild_id, NOTHING) | grant.rights
    return {
        guild: Standing(rank, rights_of_rank(rank, flags), granted.get(guild, NOTHING))
        for guild, rank, *flags in places
    }


def standings(user: User) -> dict[UUID, Standing]:
    """The same, asked once while the request lasts that brought this user."""
    known: dict[UUID, Standing] | None = user.__dict__.get("_standings_everywhere")
    if known is None:
        known = user.__dict__["_standings_everywhere"] = standings_of(user)
    return known


def guilds_with(user: User | AnonymousUser, *perms: str) -> frozenset[UUID]:
    """Return the ids of the guilds in which the player has at least one of these rights by rank or grant.

    Site admins have every right everywhere and are not considered: check for them first.
    """
    if not isinstance(user, User) or not user.is_active:
        return frozenset()
    return frozenset(guild for guild, found in standings(user).items() if not found.rights.isdisjoint(perms))


def rights_of_rank(rank_level: int, flags: "list[bool | None]") -> Rights:
    """What a rank with these columns of its set may do; the guild master everything, always."""
    if rank_level == GUILD_MASTER_RANK:
        return EVERY_RIGHT
    if flags[0] is None:
        return RESTRICTED
    return frozenset(perm for perm, flag in zip(FLAG_OF, flags, strict=True) if flag)


def standing(user: User, guild: Guild) -> Standing:
    """The same, asked once for each guild while the request lasts that brought this user."""
    # As an attribute, which a request's lazy user passes on to the person behind it.
    person: Any = user
    if not hasattr(person, "_standings"):
        person._standings = {}
    known: dict[UUID, Standing] = person._standings
    if guild.pk not in known:
        known[guild.pk] = standing_of(user, guild)
    return known[guild.pk]


def authority_of(user: User, guild: Guild) -> Authority | None:
    """From where this person may change rights, asked anew; None for an outsider. Site admins stand above all ranks."""
    if user.is_active and user.is_superuser:
        return Authority(SITE_ADMIN_RANK, EVERY_RIGHT)
    found = standing_of(user, guild)
    return None if found.rank is None else Authority(found.rank, found.of_rank)


def rights_of_ranks(guild: Guild) -> dict[int, Rights]:
    """What each rank may do, for all ten of them."""
    chosen = {rank.rank_level: rank.permission_set.rights for rank in guild.ranks.select_related("permission_set")}
    return {level: EVERY_RIGHT if level == GUILD_MASTER_RANK else chosen.get(level, RESTRICTED) for level in range(10)}


def leavers_in_grace(guild: Guild) -> "QuerySet[TimelineEvent]":
    """Who left lately enough to still read, if the guild wants it so, and could read before.

    Who has come back is among them, and stands by the rank again.
    """
    blind: Any = Rank.objects.filter(
        guild=guild,
        rank_level=Cast(OuterRef("details__rank"), IntegerField()),
        rank_level__gt=GUILD_MASTER_RANK,
        permission_set__can_view=False,
    )
    return TimelineEvent.objects.filter(
        ~Exists(blind, output_field=BooleanField()),
        guild=guild,
        kind=TimelineEvent.Kind.LEFT,
        happened_at__gte=timezone.now() - timedelta(hours=guild.grace_hours),
    ).by_confirmed_players()


def _rights_in_grace(user: User, guild: Guild) -> Rights:
    """Reading, for a while, for a person whose last character left."""
    if not guild.grace_hours:
        return NOTHING
    return RESTRICTED if leavers_in_grace(guild).filter(person=user).exists() else NOTHING
