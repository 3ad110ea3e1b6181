"""The players of a guild and the sources of their rights, each read in a fixed number of statements."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count

from accounts.models import User
from guilds.models import Guild
from guilds.player_links import gives_rights
from guilds.rights import RIGHTS
from permissions.effective_rights import in_grace
from permissions.models import Grant, Rank
from permissions.resolver import EffectiveRights, Place, RightSources, resolve
from permissions.rights import Rights


@dataclass(frozen=True, slots=True)
class Player:
    """A member of the guild who has signed in, with the character that gives the best rank and the main, if known."""

    user: User
    character: str
    ranks: tuple[int, ...]
    main: str
    grants: tuple[Grant, ...] = ()

    @property
    def name(self) -> str:
        return self.user.display_name

    @property
    def rank(self) -> int:
        return min(self.ranks)

    @property
    def sources(self) -> RightSources:
        return RightSources(
            places=tuple(map(Place, self.ranks)),
            grants=tuple(grant.rights for grant in self.grants),
            is_site_admin=self.user.is_superuser,
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
        members = {player.user for _, _, group in self.by_rank for player in group}
        members |= {player.user for player, _ in self.by_grant}
        return len(members.union(self.in_grace, self.site_admins))


def players_of(guild: Guild) -> dict[UUID, Player]:
    """Return the members with an active account and a confirmed link, best rank first, in three statements."""
    places = (
        guild.memberships.with_confirmed_owner()
        .filter(character__user__is_active=True)
        .order_by("rank", "-is_main", "character__name", "pk")
        .values_list("character__user", "rank", "character__name", "main_of")
    )
    grants: dict[UUID, list[Grant]] = {}
    for grant in guild.grants.running().select_related("granted_by"):
        grants.setdefault(grant.user_id, []).append(grant)
    of_player: dict[UUID, list[tuple[int, str, UUID | None]]] = {}
    for user_id, rank, name, main_of in places:
        of_player.setdefault(user_id, []).append((rank, name, main_of))
    users = User.objects.in_bulk(of_player)
    found = [_player(users[pk], own, grants.get(pk, ())) for pk, own in of_player.items() if pk in users]
    return {one.user.pk: one for one in sorted(found, key=lambda one: (one.rank, one.name.casefold()))}


def _player(user: User, places: Sequence[tuple[int, str, UUID | None]], grants: Iterable[Grant]) -> Player:
    """Return a player by rank, name and `main_of` of each of their members, best rank first."""
    main = next((name for _, name, main_of in places if main_of == user.pk), "")
    return Player(user, places[0][1], tuple(rank for rank, *_ in places), main, tuple(grants))


def member_counts(guild: Guild) -> dict[int, MemberCount]:
    """Return the number of members of each rank that has any."""
    counted = guild.memberships.order_by().values("rank")
    annotated = counted.annotate(members=Count("pk"), linked=Count("pk", filter=gives_rights()))
    lines = annotated.values_list("rank", "members", "linked")
    return {rank: MemberCount(members, members - linked) for rank, members, linked in lines}


def right_holders(guild: Guild, players: Mapping[UUID, Player], ranks: Iterable[Rank]) -> list[RightHolders]:
    """Return the players who have each right, by source."""
    ranks = list(ranks)
    sets, set_names = rights_of_sets(ranks), {rank.rank_level: rank.permission_set.name for rank in ranks}
    resolved = [(player, resolve(player.sources, sets)) for player in players.values()]
    former = [(user, found) for user, found in _in_grace(guild, sets) if user.pk not in players]
    site_admins = list(User.objects.filter(is_superuser=True, is_active=True))
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
    return list(guild.ranks.select_related("permission_set").order_by("rank_level"))


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
