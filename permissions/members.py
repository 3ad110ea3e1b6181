"""The players of a guild and the sources of their rights, each read in a fixed number of statements."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import BooleanField, Count, ExpressionWrapper, F, Q, QuerySet
from django.utils import timezone

from accounts.compiled_queries import CompiledQuery
from accounts.models import User
from guilds.display_names import display_name
from guilds.models import Guild, Membership
from guilds.player_links import gives_rights
from guilds.rights import RIGHTS
from permissions.effective_rights import in_grace
from permissions.models import Grant, Rank
from permissions.resolver import EffectiveRights, Place, RightSources, resolve
from permissions.rights import Rights


@dataclass(frozen=True, slots=True)
class Player:
    """A member of the guild who has signed in, with the character that gives the best rank and the main, if known."""

    id: UUID
    name: str
    is_site_admin: bool
    character: str
    # Best first.
    ranks: tuple[int, ...]
    main: str
    grants: tuple[Grant, ...] = ()

    @property
    def rank(self) -> int:
        return self.ranks[0]

    @property
    def sources(self) -> RightSources:
        return RightSources(
            places=tuple(map(Place, self.ranks)),
            grants=tuple(grant.rights for grant in self.grants),
            is_site_admin=self.is_site_admin,
        )


@dataclass(frozen=True, slots=True)
class MemberCount:
    """The number of characters with a rank, and of those without a confirmed link to a player."""

    members: int = 0
    unlinked: int = 0


@dataclass(frozen=True, slots=True)
class RightHolders:
    """The players who have one right, by source. A player can have several."""

    right: str
    # With the rank's level and the name of its permission set.
    by_rank: list[tuple[int, str, list[Player]]]
    by_grant: list[tuple[Player, Grant]]
    in_grace: list[User]
    site_admins: list[User]

    @property
    def count(self) -> int:
        found = {player.id for _, _, group in self.by_rank for player in group}
        found |= {player.id for player, _ in self.by_grant}
        return len(found.union(one.pk for one in (*self.in_grace, *self.site_admins)))


def players_of(guild: Guild) -> dict[UUID, Player]:
    """Return the members with an active account and a confirmed link, best rank first, in two statements."""
    grants: dict[UUID, list[Grant]] = {}
    now = timezone.now()
    for grant in _GRANTS(guild=guild.pk, now=now):
        grants.setdefault(grant.user_id, []).append(grant)
    of_player: dict[UUID, list[_Place]] = {}
    for row in _PLACES(guild=guild.pk, now=now):
        of_player.setdefault(row[0], []).append(_Place._make(row))
    found = [_player(own, grants.get(key, ())) for key, own in of_player.items()]
    return {one.id: one for one in sorted(found, key=lambda one: (one.rank, one.name.casefold()))}


class _Place(NamedTuple):
    """A member with its player."""

    player: UUID
    player_name: str
    is_site_admin: bool
    rank: int
    character: str
    is_players_main: bool


def _places(guild: UUID, now: datetime) -> "QuerySet[Membership, tuple[Any, ...]]":
    members = Membership.objects.filter(guild=guild, character__user__is_active=True).with_confirmed_owner(now)
    return members.order_by("rank", "-is_main", "character__name", "pk").values_list(
        "character__user",
        display_name("character__user"),
        "character__user__is_superuser",
        "rank",
        "character__name",
        ExpressionWrapper(Q(main_of__isnull=False, main_of=F("character__user")), BooleanField()),
    )


def _player(places: Sequence[_Place], grants: Iterable[Grant]) -> Player:
    """Return a player by their members, best rank first."""
    best = places[0]
    main = next((one.character for one in places if one.is_players_main), "")
    ranks = tuple(one.rank for one in places)
    return Player(best.player, best.player_name, best.is_site_admin, best.character, ranks, main, tuple(grants))


def member_counts(guild: Guild) -> dict[int, MemberCount]:
    """Return the number of members of each rank that has any."""
    lines = _COUNTS(guild=guild.pk, now=timezone.now())
    return {rank: MemberCount(members, members - linked) for rank, members, linked in lines}


def _counts(guild: UUID, now: datetime) -> "QuerySet[Membership, tuple[Any, ...]]":
    counted = Membership.objects.filter(guild=guild).order_by().values("rank")
    annotated = counted.annotate(members=Count("pk"), linked=Count("pk", filter=gives_rights(now)))
    return annotated.values_list("rank", "members", "linked")


_GRANTS = CompiledQuery(
    lambda guild, now: Grant.objects.running(now).filter(guild=guild).select_related("granted_by"),
    guild=UUID,
    now=datetime,
)
_PLACES = CompiledQuery(_places, guild=UUID, now=datetime)
_COUNTS = CompiledQuery(_counts, guild=UUID, now=datetime)
_RANKS = CompiledQuery(
    lambda guild: Rank.objects.filter(guild=guild).select_related("permission_set").order_by("rank_level"), guild=UUID
)
_SITE_ADMINS = CompiledQuery(lambda: User.objects.filter(is_superuser=True, is_active=True))


def right_holders(guild: Guild, players: Mapping[UUID, Player], ranks: Iterable[Rank]) -> list[RightHolders]:
    """Return the players who have each right, by source."""
    ranks = list(ranks)
    sets, set_names = rights_of_sets(ranks), {rank.rank_level: rank.permission_set.name for rank in ranks}
    resolved = [(player, resolve(player.sources, sets)) for player in players.values()]
    former = [(user, found) for user, found in _in_grace(guild, sets) if user.pk not in players]
    site_admins = _SITE_ADMINS()
    return [
        RightHolders(
            right=right,
            by_rank=_by_rank((player for player, found in resolved if right in found.of_rank), set_names),
            by_grant=[(one, grant) for one in players.values() for grant in one.grants if right in grant.rights],
            in_grace=[user for user, found in former if right in found.in_grace],
            site_admins=site_admins,
        )
        for right in RIGHTS
    ]


def rights_of_sets(ranks: Iterable[Rank]) -> dict[int, Rights]:
    """Return the rights of each rank's permission set, as the rule takes them."""
    return {rank.rank_level: rank.permission_set.rights for rank in ranks}


def ranks_of(guild: Guild) -> list[Rank]:
    """Return the guild's ranks with their permission sets, the guild master's first."""
    return _RANKS(guild=guild.pk)


def _by_rank(players: Iterable[Player], set_names: Mapping[int, str]) -> list[tuple[int, str, list[Player]]]:
    groups: dict[int, list[Player]] = {}
    for player in players:
        groups.setdefault(player.rank, []).append(player)
    return [(level, set_names.get(level, ""), group) for level, group in sorted(groups.items())]


def _in_grace(guild: Guild, sets: Mapping[int, Rights]) -> list[tuple[User, EffectiveRights]]:
    """Return former members with what they can still do; no statement where the guild grants no grace period."""
    if not guild.grace_hours:
        return []
    left: dict[User, list[int]] = {}
    for former in in_grace(guild).filter(person__is_active=True).select_related("person"):
        if former.person is not None:
            left.setdefault(former.person, []).append(former.rank)
    return [(user, resolve(RightSources(left_ranks=tuple(ranks)), sets)) for user, ranks in left.items()]
