"""Which items of a player a loadout means, and how it differs from what a guardian wears."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db.models import Q, QuerySet

from destiny.loadouts.build import UNSET, Build, BuildItem
from destiny.models import Guardian, Item

Place = Item.Place


class Match(StrEnum):
    """How an item of a loadout was found: itself, another one with its hash, or not at all."""

    ITSELF = "itself"
    COPY = "copy"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Found:
    """An item of a loadout, and the player's item that it means."""

    wanted: BuildItem
    item: Item | None
    match: Match


@dataclass(frozen=True, slots=True)
class Difference:
    """What applying a loadout would change in one place. `worn` is what the guardian wears there now.

    `plugs` are those to change, as (socket, plug now, plug wanted).
    """

    found: Found
    worn: Item | None
    is_worn: bool
    plugs: tuple[tuple[int, int, int], ...]

    @property
    def is_same(self) -> bool:
        return self.is_worn and not self.plugs


def candidates(build: Build, items: "QuerySet[Item]") -> list[Item]:
    """Return the player's items that the loadout could mean, read in one statement."""
    instances = {one.instance_id for one in build.items if one.instance_id is not None}
    hashes = {one.hash for one in build.items}
    wanted = items.filter(Q(instance_id__in=instances) | Q(item_hash__in=hashes, instance_id__isnull=False))
    return list(wanted.select_related("guardian"))


def worn_by(guardian: Guardian | None, items: "QuerySet[Item]") -> list[Item]:
    """Return what a guardian wears."""
    return list(items.filter(guardian=guardian, place=Place.EQUIPPED)) if guardian is not None else []


def find(build: Build, items: Sequence[Item], guardian: Guardian | None = None) -> list[Found]:
    """Find each item by its instance id, or the one with its hash that is closest to the guardian."""
    instances = {one.instance_id: one for one in items}
    taken = {one.instance_id for one in build.items}
    found = []
    for wanted in build.items:
        item = instances.get(wanted.instance_id) if wanted.instance_id is not None else None
        if item is not None and item.item_hash == wanted.hash:
            found.append(Found(wanted, item, Match.ITSELF))
            continue
        copies = (one for one in items if one.item_hash == wanted.hash and one.instance_id not in taken)
        copy = max(copies, key=lambda one: _closeness(one, guardian), default=None)
        taken.add(copy.instance_id if copy else None)
        found.append(Found(wanted, copy, _kind_of(wanted, copy)))
    return found


def _kind_of(wanted: BuildItem, copy: Item | None) -> Match:
    """Without an instance id, each item with the hash is the one that is meant."""
    if copy is None:
        return Match.MISSING
    return Match.COPY if wanted.instance_id is not None else Match.ITSELF


def _closeness(item: Item, guardian: Guardian | None) -> tuple[Any, ...]:
    is_near = guardian is not None and item.guardian_id == guardian.pk
    return is_near and item.place == Place.EQUIPPED, is_near, item.power or 0, item.instance_id or 0


def differences(found: Iterable[Found], worn: Iterable[Item], slots: Mapping[int, int]) -> list[Difference]:
    """Compare what the loadout wears with what a guardian wears; `slots` has the bucket of each hash."""
    wearing = {slots.get(one.item_hash, 0): one for one in worn}
    compared = []
    for one in found:
        if not one.wanted.is_worn:
            continue
        now = wearing.get(slots.get(one.wanted.hash, 0))
        is_worn = now is not None and one.item is not None and now.pk == one.item.pk
        compared.append(Difference(one, now, is_worn, tuple(_plugs(one))))
    return compared


def _plugs(found: Found) -> Iterable[tuple[int, int, int]]:
    """Yield the plugs of the item that the loadout wants to have changed."""
    if found.item is None:
        return
    now: Sequence[int] = found.item.details.get("plugs", ())
    for socket, plug in sorted(found.wanted.plugs.items()):
        has = now[socket] if socket < len(now) else 0
        if plug not in (0, UNSET, has):
            yield socket, has, plug
