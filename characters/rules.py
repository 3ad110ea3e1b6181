"""Pure rules about characters: their role, and the choice of a main."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from characters.models import Role


def role_of(spec_role: str | None) -> Role:
    """Return the role for Battle.net's role type; UNKNOWN without a specialization or its game data."""
    if spec_role in {Role.TANK, Role.HEALER, Role.DAMAGE}:
        return Role(spec_role)
    return Role.UNKNOWN


@dataclass(frozen=True, slots=True)
class MainCandidate:
    """A player's character in a guild, with what decides whether it is their main."""

    membership_id: UUID
    rank: int
    level: int
    item_level: int
    name: str
    is_chosen: bool = False


def choose_main(candidates: Iterable[MainCandidate]) -> MainCandidate:
    """Return the main among a player's characters in a guild. Raises ValueError without candidates.

    It is the chosen one, or else the one with the best (lowest) rank, then level, then item level. The name breaks
    ties, so that the same characters always give the same main.
    """
    return min(candidates, key=_main_order)


def _main_order(one: MainCandidate) -> tuple[bool, int, int, int, str, str]:
    return not one.is_chosen, one.rank, -one.level, -one.item_level, one.name, str(one.membership_id)
