"""What the game's rules say about characters. No database, no clock, no network."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from characters.models import Role


def role_of(spec_role: str | None) -> Role:
    """The role of a specialization with Battle.net's role type `spec_role`.

    A missing specialization, or one whose game data was not fetched yet, has no known role.
    """
    if spec_role in {Role.TANK, Role.HEALER, Role.DAMAGE}:
        return Role(spec_role)
    return Role.UNKNOWN


@dataclass(frozen=True, slots=True)
class MainCandidate:
    """One character of a person in a guild, with what decides whether it is their main."""

    membership_id: UUID
    rank: int
    level: int
    item_level: int
    name: str
    is_chosen: bool = False


def choose_main(candidates: Iterable[MainCandidate]) -> MainCandidate:
    """The main among one person's characters in one guild.

    The one that somebody chose, or else the best (lowest) rank, then level, then item level; the name decides what is
    left, so that the same characters always give the same main. Raises ValueError without candidates.
    """
    return min(candidates, key=_place)


def _place(one: MainCandidate) -> tuple[bool, int, int, int, str, str]:
    return not one.is_chosen, one.rank, -one.level, -one.item_level, one.name, str(one.membership_id)
