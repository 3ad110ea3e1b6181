"""The rules of who has which rights in a guild, and of who can change them. They read no database.

The authority to change rights comes from the rank: a personal grant neither raises it nor gives rights to pass on.
Nobody takes away a right that they could not give: a permission set or grant that includes such a right stays as it is.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from guilds.models import GUILD_MASTER_RANK, LOWEST_RANK
from permissions.rights import DEFAULT_RIGHTS, EVERY_RIGHT, NO_RIGHTS, Rights

Key = TypeVar("Key")
LONGEST_GRANT = timedelta(days=90)
# Above every rank of the game.
SITE_ADMIN_RANK = -1


@dataclass(frozen=True, slots=True)
class Place:
    """The rank of one of a player's characters, and when the link between the two expires."""

    rank: int
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RightSources:
    """The sources of a player's rights in a guild."""

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


@dataclass(frozen=True, slots=True)
class Authority:
    """The rank of a user who changes rights, and the rights that they can pass on."""

    rank: int
    rights: Rights

    def can_change_rank(self, level: int) -> bool:
        """Return whether the rank is below the user's. Nobody changes rank 0, which has every right."""
        return level > max(self.rank, GUILD_MASTER_RANK)

    def can_rename_rank(self, level: int) -> bool:
        """Return whether the user can name the rank. A name is not a right: guild masters can name their own rank."""
        return self.can_change_rank(level) or self.rank <= GUILD_MASTER_RANK

    def includes(self, rights: Rights) -> bool:
        """Return whether the user can pass on all of these rights, and therefore take them away."""
        return rights <= self.rights

    def can_switch_set(self, level: int, rights: Rights) -> bool:
        """Return whether the user can replace the rank's permission set, which has these rights."""
        return self.can_change_rank(level) and self.includes(rights)

    def can_edit_set(self, used_by: Collection[int], rights: Rights) -> bool:
        """Return whether the user can edit a permission set with these rights that these ranks use."""
        return all(self.can_change_rank(level) for level in used_by) and self.includes(rights)

    def can_grant_to(self, level: int) -> bool:
        """Return whether the rank is below the user's. Nobody can give a personal grant to themselves."""
        return level > self.rank

    def can_end_grant(self, level: int | None, rights: Rights) -> bool:
        """Return whether the user could give the grant. The level is None if its player is no longer a member."""
        return (level is None or self.can_grant_to(level)) and self.includes(rights)
