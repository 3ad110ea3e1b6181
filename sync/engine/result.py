"""What a sync did, in the figures that the commands print."""

from collections.abc import Iterable
from dataclasses import dataclass, fields


@dataclass(slots=True)
class SyncResult:
    """Counts of members, characters or rows of game data."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    removed: int = 0
    failed: int = 0

    def add(self, other: "SyncResult") -> None:
        """Sum up, figure by figure."""
        for figure in fields(self):
            setattr(self, figure.name, getattr(self, figure.name) + getattr(other, figure.name))

    @classmethod
    def total(cls, results: Iterable["SyncResult"]) -> "SyncResult":
        """The sum of several."""
        total = cls()
        for result in results:
            total.add(result)
        return total
