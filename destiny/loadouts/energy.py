"""The energy of armor: what the plugs of a piece cost together, and how much it has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from destiny.loadouts.build import UNSET
from destiny.manifest.items import ItemDefinition
from destiny.models import Item


@dataclass(frozen=True, slots=True)
class Energy:
    """The energy that a piece of armor has, and the cost of its plugs together."""

    used: int
    capacity: int

    @property
    def is_exceeded(self) -> bool:
        return self.used > self.capacity


def capacity_of(item: Item) -> int:
    """Return how much energy an item has; 0 if it is no armor, or Bungie did not say."""
    capacity: int = (item.details.get("energy") or (0,))[0]
    return capacity


def energy_of(
    capacity: int, now: Sequence[int], chosen: Mapping[int, int], definitions: Mapping[int, ItemDefinition]
) -> Energy | None:
    """Return the energy of a piece with the chosen plugs by socket, and those it has `now` in its other sockets.

    None without a capacity. What Bungie says is used is not asked: it is older than plugs that were just inserted.
    """
    if not capacity:
        return None
    plugs = dict(enumerate(now)) | {place: plug for place, plug in chosen.items() if plug not in (0, UNSET)}
    return Energy(sum(definitions[plug].energy_cost for plug in plugs.values() if plug in definitions), capacity)
