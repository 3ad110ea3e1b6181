"""The game's own loadouts, with their names, and where their items are."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from destiny.loadouts.gear import place_of
from destiny.loadouts.slots import slot_names
from destiny.loadouts.sockets import CONSTANTS
from destiny.manifest.readers import Manifest
from destiny.models import Guardian, Item

NAMES = "DestinyLoadoutNameDefinition"
# The constants' table has one row.
_ROW = 1


@dataclass(frozen=True, slots=True)
class Identifiers:
    """What a loadout can be called: names with their hashes; icons and colors, which are only pictures, by number."""

    names: list[tuple[int, str]]
    icons: list[int]
    colors: list[int]

    def allow(self, name: int, icon: int, color: int) -> bool:
        """Return whether the game knows all three; it refuses an action without one of them."""
        return name in dict(self.names) and icon in self.icons and color in self.colors


@dataclass(frozen=True, slots=True)
class GameItem:
    """An item of a game's loadout. `where` is empty if the player no longer has it; then it has no name either."""

    slot: str
    name: str
    where: str
    is_worn: bool


@dataclass(frozen=True, slots=True)
class GameLoadout:
    """A loadout of the game. `index` is its place from 0; `icon` and `color` count from 1, and are 0 if unknown."""

    guardian: Guardian
    index: int
    name: str
    icon: int
    color: int
    hashes: tuple[int, int, int]
    items: list[GameItem]
    is_empty: bool

    @property
    def number(self) -> int:
        return self.index + 1

    @property
    def missing(self) -> int:
        return sum(not one.where for one in self.items)


def identifiers(manifest: Manifest | None) -> Identifiers:
    """Return what the manifest allows."""
    row = manifest.definition(CONSTANTS, _ROW) if manifest else None
    if manifest is None or row is None:
        return Identifiers([], [], [])
    names = manifest.definitions(NAMES, _hashes(row, "loadoutNameHashes"))
    return Identifiers(
        [(key, str(one.get("name", key))) for key, one in names.items()],
        _hashes(row, "loadoutIconHashes"),
        _hashes(row, "loadoutColorHashes"),
    )


def game_loadouts(
    manifest: Manifest, known: Identifiers, guardians: Sequence[Guardian], items: Iterable[Item]
) -> dict[int, list[GameLoadout]]:
    """Return all loadouts of each guardian by character id. `items` are those that they contain."""
    shelf = _Shelf(manifest, known, {one.pk: one for one in guardians}, {one.instance_id: one for one in items})
    return {one.character_id: [shelf.loadout(one, index) for index in range(len(one.loadouts))] for one in guardians}


def instances_in(guardians: Iterable[Guardian]) -> set[int]:
    """Return the instance ids of all items in the game's loadouts."""
    return {key for one in guardians for loadout in one.loadouts if loadout for key, _ in loadout["items"]}


class _Shelf:
    """What the loadouts of a page have in common."""

    def __init__(
        self,
        manifest: Manifest,
        known: Identifiers,
        guardians: Mapping[UUID, Guardian],
        items: Mapping[int | None, Item],
    ) -> None:
        self._known = known
        self._names = dict(known.names)
        self._guardians = guardians
        self._items = items
        self._definitions = manifest.items({one.item_hash for one in items.values()})
        buckets = tuple(dict.fromkeys(one.bucket_hash for one in self._definitions.values()))
        self._slots = slot_names(manifest, buckets)

    def loadout(self, guardian: Guardian, index: int) -> GameLoadout:
        stored: Mapping[str, Any] | None = guardian.loadouts[index]
        if stored is None:
            return GameLoadout(guardian, index, "", 0, 0, (0, 0, 0), [], is_empty=True)
        name, icon, color = stored["name"], stored["icon"], stored["color"]
        items = [self._item(guardian, instance) for instance, _ in stored["items"]]
        return GameLoadout(
            guardian=guardian,
            index=index,
            name=self._names.get(name, ""),
            icon=_number(self._known.icons, icon),
            color=_number(self._known.colors, color),
            hashes=(name, icon, color),
            items=items,
            is_empty=False,
        )

    def _item(self, guardian: Guardian, instance: int) -> GameItem:
        item = self._items.get(instance)
        if item is None:
            return GameItem("", "", "", is_worn=False)
        definition = self._definitions.get(item.item_hash)
        is_worn = item.place == Item.Place.EQUIPPED and item.guardian_id == guardian.pk
        where = place_of(item, self._guardians)
        if definition is None:
            return GameItem("", f"#{item.item_hash}", where, is_worn)
        return GameItem(self._slots[definition.bucket_hash], definition.name, where, is_worn)


def _number(listed: list[int], hash_: int) -> int:
    return listed.index(hash_) + 1 if hash_ in listed else 0


def _hashes(row: Mapping[str, Any], key: str) -> list[int]:
    listed = row.get(key)
    return [one for one in listed if isinstance(one, int)] if isinstance(listed, list) else []
