"""The result of a sync, as the commands print it."""

from collections.abc import Iterable
from dataclasses import dataclass, fields


@dataclass(slots=True)
class SyncResult:
    """Numbers of members, characters or rows of game data."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    removed: int = 0
    failed: int = 0

    def add(self, other: "SyncResult") -> None:
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))

    @classmethod
    def total(cls, results: Iterable["SyncResult"]) -> "SyncResult":
        total = cls()
        for result in results:
            total.add(result)
        return total
