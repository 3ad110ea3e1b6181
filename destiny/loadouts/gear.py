"""The player's items that a loadout can have, with where they are: read in one statement, without their details."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext

from accounts.plain_text import plain
from destiny.game import POSTMASTER
from destiny.loadouts.build import ANY_CLASS
from destiny.loadouts.slots import SLOTS
from destiny.manifest.items import ItemDefinition
from destiny.manifest.readers import Manifest
from destiny.models import Guardian, Item

_COLUMNS = ("instance_id", "item_hash", "place", "bucket_hash", "guardian_id", "power")


class Gear(NamedTuple):
    """An item that can be worn. `where` says in words where it is."""

    instance_id: int
    hash: int
    place: str
    where: str
    holder: UUID | None
    power: int
    definition: ItemDefinition

    @property
    def value(self) -> str:
        """What a form sends for it."""
        return f"{self.hash}-{self.instance_id}"


def gear_by_slot(items: "QuerySet[Item]", guardians: Iterable[Guardian], manifest: Manifest) -> dict[int, list[Gear]]:
    """Return the items of each slot, the strongest first."""
    names = {one.pk: one.class_name for one in guardians}
    rows = list(items.filter(instance_id__isnull=False).order_by().values_list(*_COLUMNS))
    definitions = manifest.items({row[1] for row in rows})
    found: dict[int, list[Gear]] = {slot: [] for slot in SLOTS}
    for instance, hash_, place, bucket, holder, power in rows:
        definition = definitions.get(hash_)
        if definition is not None and definition.bucket_hash in found:
            where = place_in_words(place, bucket, names.get(holder, ""))
            gear = Gear(instance, hash_, place, where, holder, power or 0, definition)
            found[definition.bucket_hash].append(gear)
    for listed in found.values():
        listed.sort(key=lambda one: (-one.power, one.definition.name, one.instance_id))
    return found


def place_of(item: Item, guardians: Mapping[UUID, Guardian]) -> str:
    """Return in words where an item is."""
    holder = guardians.get(item.guardian_id) if item.guardian_id else None
    return place_in_words(item.place, item.bucket_hash, holder.class_name if holder else "")


def place_in_words(place: str, bucket: int, guardian: str) -> str:
    """Return in words where something is, and who has it."""
    if bucket in POSTMASTER:
        return gettext("postmaster, %(guardian)s") % {"guardian": guardian}
    if place == Item.Place.EQUIPPED:
        return gettext("equipped, %(guardian)s") % {"guardian": guardian}
    return guardian or gettext("vault")


def matching(listed: Iterable[Gear], text: str, class_type: int) -> list[Gear]:
    """Return what the class can wear and has each word of the text in its name, type or rarity."""
    words = plain(text).split()
    return [
        one
        for one in listed
        if one.definition.class_type in (ANY_CLASS, class_type)
        and all(word in _searched(one.definition) for word in words)
    ]


def _searched(definition: ItemDefinition) -> str:
    return plain(f"{definition.name} {definition.type_name} {definition.tier_name}")
