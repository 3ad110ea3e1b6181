"""The maximum level, as the members' levels show it."""

from collections.abc import Mapping

# A level counts as shared by many from two members on, and from one in fifty.
FEWEST = 2
ONE_IN = 50


def max_level(members_by_level: Mapping[int, int]) -> int | None:
    """Return the highest level that many members share: the numbers of members by level; None without any.

    Battle.net does not name the maximum, and it rises with each expansion: the few who reach a new one first don't
    change who counts as finished. If no level is shared by many, the highest one is returned.
    """
    known = {level: members for level, members in members_by_level.items() if level and members}
    many = max(FEWEST, sum(known.values()) / ONE_IN)
    shared = [level for level, members in known.items() if members >= many]
    return max(shared or known, default=None)
