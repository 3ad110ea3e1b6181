"""A player's items with their definitions, as plain values: read in one statement, however many there are."""

from collections import Counter
from collections.abc import Collection
from typing import NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from destiny import game
from destiny.manifest.items import ItemDefinition, unknown_item
from destiny.manifest.readers import Manifest
from destiny.models import Item

Place = Item.Place
_COLUMNS = (
    "pk",
    "guardian_id",
    "place",
    "instance_id",
    "item_hash",
    "bucket_hash",
    "quantity",
    "state",
    "power",
    "damage_type",
)


class OwnedItem(NamedTuple):
    """An item or a stack. `holder` is the guardian who has it; `slot` the bucket in which it is worn, or lies."""

    key: UUID
    holder: UUID | None
    place: str
    instance: int | None
    hash: int
    bucket: int
    quantity: int
    state: int
    power: int
    element: int
    slot: int
    name: str
    definition: ItemDefinition

    @property
    def is_instance(self) -> bool:
        return self.instance is not None

    @property
    def is_locked(self) -> bool:
        return bool(self.state & Item.State.LOCKED)

    @property
    def is_equipped(self) -> bool:
        return self.place == Place.EQUIPPED

    @property
    def is_in_postmaster(self) -> bool:
        return self.bucket in game.POSTMASTER


def owned_items(items: "QuerySet[Item]", manifest: Manifest | None) -> list[OwnedItem]:
    """Return the items with their definitions."""
    rows = list(items.order_by().values_list(*_COLUMNS))
    definitions = definitions_of({row[4] for row in rows}, manifest)
    found = []
    for key, holder, place, instance, hash_, bucket, quantity, state, power, damage in rows:
        definition = definitions[hash_]
        lies = bucket not in (game.VAULT, *game.POSTMASTER)
        slot = bucket if lies or not definition.bucket_hash else definition.bucket_hash
        found.append(
            OwnedItem(
                key,
                holder,
                place,
                instance,
                hash_,
                bucket,
                quantity,
                state,
                power or 0,
                damage or definition.damage_type,
                slot,
                definition.name,
                definition,
            )
        )
    return found


def definitions_of(hashes: Collection[int], manifest: Manifest | None) -> dict[int, ItemDefinition]:
    """Return all definitions. An item that the manifest does not have yet is called by its number."""
    known = manifest.items(hashes) if manifest is not None else {}
    return {one: known.get(one) or unknown_item(one) for one in hashes}


def duplicates(items: Collection[OwnedItem]) -> Counter[int]:
    """Count the items with an instance by their hash, of those that are worn."""
    counts = Counter(one.hash for one in items if one.is_instance and one.slot in game.SLOTS)
    return Counter({key: count for key, count in counts.items() if count > 1})
