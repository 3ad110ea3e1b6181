"""Who may change which rights: pure rules, without a database.

Whoever changes rights has a rank, which a personal grant does not raise, and rights that they may pass on, which are
those of that rank: what somebody holds for a time only is theirs to use, not to give away. A right that is not
theirs to pass on is not theirs to take away either: whatever holds such a right stays as it is.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from guilds.models import GUILD_MASTER_RANK

Rights = frozenset[str]
Person = TypeVar("Person")
LONGEST_GRANT = timedelta(days=90)
# Above every rank of the game.
SITE_ADMIN_RANK = -1


@dataclass(frozen=True, slots=True)
class Authority:
    """The rank from which somebody changes rights, and the rights that they may pass on."""

    rank: int
    rights: Rights

    def may_change_rank(self, rank_level: int) -> bool:
        """Only a rank below one's own; that of the guild master holds every right, whoever asks."""
        return rank_level > max(self.rank, GUILD_MASTER_RANK)

    def may_name_rank(self, rank_level: int) -> bool:
        """A name is no right: the guild master may name the own rank too."""
        return self.may_change_rank(rank_level) or self.rank <= GUILD_MASTER_RANK

    def holds(self, rights: Rights) -> bool:
        """Return whether all of these rights are one's own to pass on, and so to take away."""
        return rights <= self.rights

    def may_switch_rank(self, rank_level: int, rights: Rights) -> bool:
        """Only a lower rank, and only away from a set whose rights one holds."""
        return self.may_change_rank(rank_level) and self.holds(rights)

    def may_change_set(self, used_by: Collection[int], rights: Rights) -> bool:
        """Only a set that no rank at or above one's own has, and whose rights one holds."""
        return all(self.may_change_rank(level) for level in used_by) and self.holds(rights)

    def may_grant_to(self, rank_level: int) -> bool:
        """A personal grant is for somebody of a lower rank, never for oneself."""
        return rank_level > self.rank

    def may_end_grant(self, rank_level: int | None, rights: Rights) -> bool:
        """Only what one could give; the rank is None for somebody who is no longer a member."""
        return (rank_level is None or self.may_grant_to(rank_level)) and self.holds(rights)


@dataclass(frozen=True, slots=True)
class Holder:
    """A person of the guild, as far as their rights go."""

    best_rank: int
    granted: Rights = frozenset()
    is_site_admin: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """What one person gains and loses."""

    gains: Rights
    loses: Rights


def rights_of(holder: Holder, rights_of_rank: Mapping[int, Rights]) -> Rights:
    """Those of the best rank, and what was granted on top."""
    return rights_of_rank[holder.best_rank] | holder.granted


def changes(
    people: Mapping[Person, Holder], before: Mapping[int, Rights], after: Mapping[int, Rights]
) -> dict[Person, Change]:
    """What would become of each person's rights; those for whom nothing changes are left out."""
    found: dict[Person, Change] = {}
    for person, holder in people.items():
        if holder.is_site_admin:
            continue
        old, new = rights_of(holder, before), rights_of(holder, after)
        if old != new:
            found[person] = Change(gains=new - old, loses=old - new)
    return found
