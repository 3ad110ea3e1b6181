"""The sockets of items that a loadout can set, with the plugs that each can have."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from destiny.loadouts.build import UNSET
from destiny.loadouts.energy import capacity_of
from destiny.manifest import items
from destiny.manifest.readers import Manifest
from destiny.models import Item

PLUG_SETS = "DestinyPlugSetDefinition"
CONSTANTS = "DestinyLoadoutConstantsDefinition"
# What an item is, not what one chooses for it: intrinsic traits, looks, the tier and rolled stats of armor.
FIXED = frozenset({3956125808, 2048875504, 1926152773, 760375309, 2518356196})
Json: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Socket:
    """A socket: its place in the item, the plug it has now (0 for none), and those it can have."""

    place: int
    plug: int
    options: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Sockets:
    """The sockets of an item that have a choice, the plugs of all that it has, and its energy (0 if unknown)."""

    choices: Sequence[Socket] = ()
    plugs: Sequence[int] = ()
    capacity: int = 0


NO_SOCKETS = Sockets()


def sockets_of(manifest: Manifest, gear: Sequence[Item]) -> dict[int, Sockets]:
    """Return the sockets of items with instance ids, by those. Two statements, however many items."""
    definitions = manifest.definitions(items.TABLE, {one.item_hash for one in gear})
    blocks = {key: _block(one) for key, one in definitions.items()}
    sets = {number for block in blocks.values() for entry in _entries(block) if (number := _plug_set(entry))}
    plugs = {key: _plugs_in(one) for key, one in manifest.definitions(PLUG_SETS, sets).items()}
    return {
        one.instance_id: Sockets(
            list(_choices(one, blocks[one.item_hash], plugs)), one.details.get("plugs", ()), capacity_of(one)
        )
        for one in gear
        if one.instance_id is not None and one.item_hash in blocks
    }


def _choices(item: Item, block: Json, plugs: Mapping[int, tuple[int, ...]]) -> Iterable[Socket]:
    now: Sequence[int] = item.details.get("plugs", ())
    rolled: Mapping[str, Sequence[int]] = item.details.get("options", {})
    fixed = _fixed(block)
    for place, entry in enumerate(_entries(block)):
        plug = now[place] if place < len(now) else 0
        offered = (*rolled.get(str(place), ()), *plugs.get(_plug_set(entry), ()))
        options = tuple(one for one in dict.fromkeys((*((plug,) if plug else ()), *offered)) if one != UNSET)
        if place not in fixed and entry.get("defaultVisible") is not False and len(options) > 1:
            yield Socket(place, plug, options)


def _block(definition: Json) -> Json:
    block = definition.get("sockets")
    return block if isinstance(block, dict) else {}


def _entries(block: Json) -> list[Json]:
    entries = block.get("socketEntries")
    return [one if isinstance(one, dict) else {} for one in entries] if isinstance(entries, list) else []


def _plug_set(entry: Json) -> int:
    number = entry.get("reusablePlugSetHash")
    return number if isinstance(number, int) else 0


def _fixed(block: Json) -> set[int]:
    categories = block.get("socketCategories")
    return {
        place
        for category in (categories if isinstance(categories, list) else [])
        if category.get("socketCategoryHash") in FIXED
        for place in category.get("socketIndexes", [])
    }


def _plugs_in(definition: Json) -> tuple[int, ...]:
    listed = definition.get("reusablePlugItems")
    plugs = (one.get("plugItemHash") for one in listed) if isinstance(listed, list) else ()
    return tuple(plug for plug in plugs if isinstance(plug, int))
