"""An account's guardians, items and loadouts."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from sandbox.bungie.world import game

LOCKED, TRACKED, MASTERWORK = 1, 2, 4
LOADOUT_SLOTS = 20


@dataclass(slots=True, eq=False)
class Item:
    """An item or a stack. ``holder`` is a character's id, or 0 for the vault and other places of the whole account.

    ``instance`` is 0 for stacks. ``bucket`` is where it lies: its own slot, the vault,
    the postmaster. ``options`` are the
    plugs that its random sockets rolled, by socket.
    """

    hash: int
    instance: int
    holder: int
    bucket: int
    quantity: int = 1
    is_equipped: bool = False
    state: int = 0
    power: int = 0
    plugs: list[int] = field(default_factory=list)
    options: dict[int, list[int]] = field(default_factory=dict)
    progress: int = 0
    expires_at: float | None = None


@dataclass(slots=True)
class Loadout:
    """A loadout of the game: its identifiers, and the items with the plugs that they had."""

    name: int
    icon: int
    color: int
    items: list[tuple[int, list[int]]]


@dataclass(slots=True, eq=False)
class Guardian:
    """A character. ``activity`` is 0 in orbit and while nobody plays it; ``is_online`` tells which."""

    id: int
    class_type: int
    race: int
    gender: int
    minutes: int
    activity: int = 0
    is_online: bool = False
    loadouts: list[Loadout | None] = field(default_factory=lambda: [None] * LOADOUT_SLOTS)


@dataclass(slots=True, eq=False)
class Account:
    """Everything that belongs to one membership."""

    guardians: dict[int, Guardian] = field(default_factory=dict)
    items: list[Item] = field(default_factory=list)
    collected: set[int] = field(default_factory=set)

    def of(self, holder: int, bucket: int | None = None) -> Iterator[Item]:
        """Return the items of a character (0: of the account), in one bucket or in all."""
        return (one for one in self.items if one.holder == holder and bucket in (None, one.bucket))

    def equipped(self, holder: int) -> list[Item]:
        """Return what a character has equipped, in the order of the buckets."""
        items = [one for one in self.of(holder) if one.is_equipped]
        return sorted(items, key=lambda one: game.EQUIPMENT.index(one.bucket))

    def instance(self, number: int) -> Item | None:
        """Return the item with this instance id."""
        return next((one for one in self.items if one.instance == number != 0), None)

    def stack(self, hash_: int, holder: int, bucket: int | None = None) -> Item | None:
        """Return a stack of something."""
        return next((one for one in self.of(holder, bucket) if one.hash == hash_ and not one.instance), None)

    def quantity(self, hash_: int) -> int:
        """Return how much of something the account has outside of characters."""
        return sum(one.quantity for one in self.of(0) if one.hash == hash_)
