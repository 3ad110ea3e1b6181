"""The rule that decides which rights a player has in a guild. It reads no database."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from guilds.models import GUILD_MASTER_RANK, LOWEST_RANK
from permissions.rights import DEFAULT_RIGHTS, EVERY_RIGHT, NO_RIGHTS, Rights

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Place:
    """The rank of one of a player's characters, and when the link between the two expires."""

    rank: int
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RightSources:
    """What a player's rights in a guild come from."""

    places: tuple[Place, ...] = ()
    grants: tuple[Rights, ...] = ()
    # The ranks of the characters that left within the guild's grace period.
    left_ranks: tuple[int, ...] = ()
    is_site_admin: bool = False


@dataclass(frozen=True, slots=True)
class EffectiveRights:
    """A player's best rank in a guild (None for an outsider), and their rights by source."""

    rank: int | None = None
    of_rank: Rights = NO_RIGHTS
    granted: Rights = NO_RIGHTS
    in_grace: Rights = NO_RIGHTS
    # When the link that gives the rank expires, unless the player signs in before.
    expires_at: datetime | None = None

    @property
    def rights(self) -> Rights:
        return self.of_rank | self.granted | self.in_grace


@dataclass(frozen=True, slots=True)
class Change:
    """The rights that one player gains and loses."""

    gains: Rights
    loses: Rights


def rights_of_rank(level: int, sets: Mapping[int, Rights]) -> Rights:
    """Return the rights of a rank. `sets` has the rights of each rank's permission set."""
    return EVERY_RIGHT if level == GUILD_MASTER_RANK else sets.get(level, DEFAULT_RIGHTS)


def rights_of_ranks(sets: Mapping[int, Rights]) -> dict[int, Rights]:
    """Return the rights of all ten ranks."""
    return {level: rights_of_rank(level, sets) for level in range(GUILD_MASTER_RANK, LOWEST_RANK + 1)}


def resolve(sources: RightSources, sets: Mapping[int, Rights]) -> EffectiveRights:
    """Return the rights of the best rank, plus those of grants; without any rank, those of the grace period.

    A grant adds to the rights of a member, so somebody who left the guild has none of it.
    """
    if not sources.places:
        could_view = any(rights_of_rank(level, sets) >= DEFAULT_RIGHTS for level in sources.left_ranks)
        return EffectiveRights(in_grace=DEFAULT_RIGHTS if could_view else NO_RIGHTS)
    rank = min(place.rank for place in sources.places)
    expiries = [place.expires_at for place in sources.places if place.rank == rank and place.expires_at]
    return EffectiveRights(
        rank,
        of_rank=rights_of_rank(rank, sets),
        granted=NO_RIGHTS.union(*sources.grants),
        expires_at=max(expiries, default=None),
    )


def changes(
    players: Mapping[Key, RightSources], before: Mapping[int, Rights], after: Mapping[int, Rights]
) -> dict[Key, Change]:
    """Return what each player gains and loses with other permission sets; players without a change are left out."""
    found: dict[Key, Change] = {}
    for player, sources in players.items():
        old, new = resolve(sources, before).rights, resolve(sources, after).rights
        if old != new and not sources.is_site_admin:
            found[player] = Change(gains=new - old, loses=old - new)
    return found
