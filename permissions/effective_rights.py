"""The database reads for the rule in `resolver`: of one player in a guild, and of one player in all guilds."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import PermissionDenied
from django.db.models import CharField, F, FilteredRelation, Func, Q, QuerySet
from django.utils import timezone

from accounts.compiled_queries import CompiledQuery
from accounts.models import User
from guilds.models import FormerMember, Guild, LinkState, Membership, MembershipQuerySet
from guilds.player_links import link_expiry
from permissions.models import Grant
from permissions.resolver import SITE_ADMIN_RANK, Authority, EffectiveRights, Place, RightSources, resolve
from permissions.rights import EVERY_RIGHT, MANAGE_RANKS, Rights

T = TypeVar("T")
# The rights of the permission set of each place's rank.
OWN_SET = "own_rank__permission_set__rights"


def effective_rights(user: User, guild: Guild) -> EffectiveRights:
    """Return the player's rights in the guild, read once for each guild and request."""
    known: dict[UUID, EffectiveRights] = _cached(user, "_rights_by_guild", dict)
    if guild.pk not in known:
        known[guild.pk] = read_effective_rights(user, guild)
    return known[guild.pk]


def guilds_with(user: User | AnonymousUser, *perms: str) -> frozenset[UUID]:
    """Return the ids of the guilds in which the player has at least one of these rights, read once for each request.

    Site admins have every right everywhere and are not considered: check for them first.
    """
    if not isinstance(user, User) or not user.is_active:
        return frozenset()
    everywhere = _cached(user, "_rights_everywhere", lambda: read_rights_by_guild(user))
    return frozenset(guild_id for guild_id, found in everywhere.items() if not found.rights.isdisjoint(perms))


def read_effective_rights(user: User, guild: Guild) -> EffectiveRights:
    """Return the player's rights in the guild as the database has them now, in one statement for a member."""
    rows = _PLACES(user=user.pk, guild=guild.pk, now=timezone.now())
    if not rows:
        return _rights_in_grace(user, guild)
    sources = RightSources(
        places=tuple(Place(rank, link_expiry(confirmed_at, guild.link_days)) for rank, _, confirmed_at, _ in rows),
        grants=(EVERY_RIGHT.intersection(rows[0][-1]),),
    )
    return resolve(sources, _sets((rank, rights) for rank, rights, *_ in rows))


def read_rights_by_guild(user: User) -> dict[UUID, EffectiveRights]:
    """Return the player's rights in each guild where they are a member, in two statements, without expiry or grace."""
    rows: dict[UUID, list[tuple[int, Rights | None]]] = defaultdict(list)
    for guild_id, rank, rights in _places(user).filter(guild__deleted_at=None).values_list("guild", "rank", OWN_SET):
        rows[guild_id].append((rank, rights))
    grants: dict[UUID, list[Rights]] = defaultdict(list)
    for guild_id, rights in Grant.objects.running().filter(user=user).values_list("guild", "rights"):
        grants[guild_id].append(rights)
    return {
        guild_id: resolve(
            RightSources(tuple(Place(rank) for rank, _ in places), tuple(grants[guild_id])), _sets(places)
        )
        for guild_id, places in rows.items()
    }


def read_authority(user: User, guild: Guild) -> Authority | None:
    """Return what the player can change rights with, as the database has it now; None if they can't manage ranks."""
    if not user.is_active:
        return None
    if user.is_superuser:
        return Authority(SITE_ADMIN_RANK, EVERY_RIGHT)
    found = read_effective_rights(user, guild)
    if found.rank is None or MANAGE_RANKS not in found.rights:
        return None
    return Authority(found.rank, found.of_rank)


def authority_of_page(user: User, guild: Guild) -> Authority:
    """Return what the user could change when the request began, for what a page shows. Raises PermissionDenied."""
    if user.is_superuser:
        return Authority(SITE_ADMIN_RANK, EVERY_RIGHT)
    found = effective_rights(user, guild)
    if found.rank is None or MANAGE_RANKS not in found.rights:
        raise PermissionDenied
    return Authority(found.rank, found.of_rank)


def authority_or_403(user: User, guild: Guild) -> Authority:
    """Return what the user can change. Raises PermissionDenied."""
    found = read_authority(user, guild)
    if found is None:
        raise PermissionDenied
    return found


def in_grace(guild: Guild) -> "QuerySet[FormerMember]":
    """Return the former members whose players can still view the guild, if their rank could."""
    since = timezone.now() - timedelta(hours=guild.grace_hours)
    return FormerMember.objects.filter(guild=guild, left_at__gte=since, link_state=LinkState.CONFIRMED).order_by()


def _rights_in_grace(user: User, guild: Guild) -> EffectiveRights:
    if not guild.grace_hours:
        return EffectiveRights()
    rows = list(in_grace(guild).filter(person=user).annotate(own_rank=_own_rank()).values_list("rank", OWN_SET))
    return resolve(RightSources(left_ranks=tuple(rank for rank, _ in rows)), _sets(rows))


def _places(user: User | UUID, now: datetime | None = None) -> MembershipQuerySet:
    return Membership.objects.with_confirmed_link_to(user, now).annotate(own_rank=_own_rank()).order_by()


def _places_in_guild(user: UUID, guild: UUID, now: datetime) -> "QuerySet[Membership, tuple[Any, ...]]":
    granted = Grant.objects.running(now).filter(guild=guild, user=user).order_by().values(name=_each(F("rights")))
    places = _places(user, now).filter(guild=guild).annotate(granted=ArraySubquery(granted))
    return places.values_list("rank", OWN_SET, "character__owner_confirmed_at", "granted")


_PLACES = CompiledQuery(_places_in_guild, user=UUID, guild=UUID, now=datetime)


def _each(array: F) -> Func:
    """Return the elements of an array, each in a row."""
    return Func(array, function="unnest", output_field=CharField())


def _own_rank() -> FilteredRelation:
    return FilteredRelation("guild__ranks", condition=Q(guild__ranks__rank_level=F("rank")))


def _sets(rows: Iterable[tuple[int, Rights | None]]) -> dict[int, Rights]:
    return {rank: rights for rank, rights in rows if rights is not None}


def _cached(user: User, name: str, read: Callable[[], T]) -> T:
    # In an attribute, which the lazy user of a request passes on to the user behind it.
    if not hasattr(user, name):
        setattr(user, name, read())
    found: T = getattr(user, name)
    return found
