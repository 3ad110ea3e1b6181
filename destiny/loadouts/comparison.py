"""A loadout compared with what a guardian wears, as the texts that a page shows."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from destiny.loadouts.build import Build
from destiny.loadouts.energy import capacity_of, energy_of
from destiny.loadouts.gear import place_of
from destiny.loadouts.matching import Difference, Found, Match, candidates, differences, find, worn_by
from destiny.loadouts.mods import with_mods
from destiny.loadouts.sentences import costs_too_much
from destiny.loadouts.slots import SLOTS, slot_names
from destiny.manifest.items import ItemDefinition
from destiny.manifest.readers import Manifest
from destiny.models import Guardian, Item


@dataclass(frozen=True, slots=True)
class PlugLine:
    """A plug of the loadout. `instead_of` is what is there now; empty if it is the same, or nobody knows."""

    name: str
    instead_of: str


@dataclass(frozen=True, slots=True)
class Line:
    """An item of the loadout. `where` is empty if the player has none; `now` is what the guardian wears instead."""

    slot: str
    name: str
    match: Match
    where: str
    now: str
    is_same: bool
    is_worn: bool
    plugs: list[PlugLine]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The worn items of a loadout, with its mods in their sockets, those carried along, and the mods that fit nowhere.

    `missing` and `to_change` count its items. `too_costly` has a sentence for each piece of armor whose mods cost
    more energy than it has.
    """

    worn: list[Line]
    carried: list[Line]
    mods: list[str]
    missing: int
    to_change: int
    too_costly: list[str]


def compare(
    build: Build,
    items: "QuerySet[Item]",
    guardian: Guardian | None,
    guardians: Iterable[Guardian],
    manifest: Manifest,
) -> Comparison:
    """Compare a loadout with what the guardian wears. A constant number of statements."""
    now = worn_by(guardian, items)
    found, left_out = with_mods(build, find(build, candidates(build, items), guardian), now, manifest)
    known = {plug for one in (*now, *(one.item for one in found if one.item)) for plug in one.details.get("plugs", ())}
    definitions = manifest.items(build.hashes | {one.item_hash for one in now} | known)
    buckets = {key: one.bucket_hash for key, one in definitions.items()}
    words = _Words(
        {key: one.name for key, one in definitions.items()},
        buckets,
        slot_names(
            manifest, tuple(dict.fromkeys((*SLOTS, *(buckets[one.hash] for one in build.items if one.hash in buckets))))
        ),
        {one.pk: one for one in guardians},
    )
    worn = [words.worn(one) for one in differences(found, now, buckets)]
    order = {name: place for place, name in enumerate(words.slots.values())}
    return Comparison(
        worn=sorted(worn, key=lambda one: order.get(one.slot, len(order))),
        carried=[words.carried(one) for one in found if not one.wanted.is_worn],
        mods=[words.name(one) for one in left_out],
        missing=sum(one.match is Match.MISSING for one in found),
        to_change=sum(not one.is_same and one.match is not Match.MISSING for one in worn),
        too_costly=list(words.too_costly(found, definitions)),
    )


def listed(build: Build, manifest: Manifest) -> Comparison:
    """Return what a loadout contains, for somebody to whom it does not belong."""
    return compare(build, Item.objects.none(), None, (), manifest)


@dataclass(frozen=True, slots=True)
class _Words:
    names: dict[int, str]
    buckets: dict[int, int]
    slots: dict[int, str]
    guardians: dict[UUID, Guardian]

    def name(self, hash_: int) -> str:
        return self.names.get(hash_) or f"#{hash_}"

    def worn(self, difference: Difference) -> Line:
        found = difference.found
        instead = difference.worn if not difference.is_worn else None
        return Line(
            **self._shared(found),
            now=self.name(instead.item_hash) if instead is not None else "",
            is_same=difference.is_same,
            is_worn=difference.is_worn,
            plugs=list(self._plugs(found, {socket: has for socket, has, _ in difference.plugs})),
        )

    def carried(self, found: Found) -> Line:
        return Line(**self._shared(found), now="", is_same=False, is_worn=False, plugs=[])

    def too_costly(self, found: Iterable[Found], definitions: Mapping[int, ItemDefinition]) -> Iterator[str]:
        for one in found:
            if one.item is None or not one.wanted.is_worn:
                continue
            now = one.item.details.get("plugs", ())
            energy = energy_of(capacity_of(one.item), now, one.wanted.plugs, definitions)
            if energy is not None and energy.is_exceeded:
                yield costs_too_much(self.name(one.wanted.hash), energy)

    def _shared(self, found: Found) -> dict[str, Any]:
        return {
            "slot": self.slots.get(self.buckets.get(found.wanted.hash, 0), ""),
            "name": self.name(found.wanted.hash),
            "match": found.match,
            "where": place_of(found.item, self.guardians) if found.item is not None else "",
        }

    def _plugs(self, found: Found, changes: dict[int, int]) -> Iterator[PlugLine]:
        for socket, plug in sorted(found.wanted.plugs.items()):
            instead_of = self.name(changes[socket]) if changes.get(socket) else ""
            yield PlugLine(self.name(plug), instead_of)
