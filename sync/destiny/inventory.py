"""Compare the items of an answer with ours, without the database: what to add, to change and to remove.

An answer proves little by what it lacks. A part without data says nothing about its items; of a part that came, an item
is gone only if it is nowhere else in the answer; and when all or most of what a guardian or the account has in a place
disappears at once, a second answer has to confirm it (`doubted`).
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from django.conf import settings

from destiny.models import Guardian, Item
from sync.bungie.components import Component
from sync.bungie.profile import Item as ListedItem
from sync.bungie.profile import ItemDetails, Profile
from sync.engine.bulk import Change, Columns, diff

T = TypeVar("T")
Place = Item.Place

# Bungie shows the state from before an action for so long: 3 to 10 seconds were measured, and answers are kept.
WRITE_LAG = timedelta(seconds=settings.BUNGIE_WRITE_LAG_SECONDS)
# People dismantle and spend; more than this and more than half of a part at once is more likely Bungie's mistake.
DOUBTED_FROM = 10


@dataclass(frozen=True, slots=True)
class Listed:
    """An item of the answer, where it is, and who holds it: the character id, or None for the account."""

    place: str
    character_id: int | None
    item: ListedItem


@dataclass(frozen=True, slots=True)
class InventoryDiff:
    """What to write. `doubted` are the places from which most items have disappeared; those are not in `gone`."""

    added: list[Item]
    changed: list[Change[Item]]
    gone: list[UUID]
    doubted: frozenset[str]


def compare(
    stored: Sequence[Item], answer: Profile, guardians: Mapping[int, Guardian], *, confirmed: frozenset[str]
) -> InventoryDiff:
    """Compare the stored items of a membership with an answer.

    `guardians` are those of ours by character id; items of others are left out. What an earlier answer already said
    about the `confirmed` places is no longer doubted.
    """
    recent = _recently_written(stored, answer.minted_at)
    rows = _Rows([one for one in stored if one.item_hash not in recent])
    added: list[Item] = []
    changed: list[Change[Item]] = []
    for one in listed_items(answer):
        if one.item.hash in recent or (one.character_id is not None and one.character_id not in guardians):
            continue
        guardian = guardians[one.character_id] if one.character_id is not None else None
        row = rows.take(one, guardian)
        columns = _columns(one, guardian, row, answer.details)
        if row is None:
            added.append(Item(**columns))
        elif differing := diff(row, columns):
            changed.append(Change(row, differing))
    owners: dict[UUID | None, int] = {one.pk: one.character_id for one in guardians.values()}
    missing = [one for one in rows.left() if _was_answered(one, answer, owners)]
    doubted = _doubted(stored, missing) - confirmed
    return InventoryDiff(added, changed, [one.pk for one in missing if one.place not in doubted], doubted)


class _Rows:
    """Our rows by what identifies them: an instance id, or where a stack lies."""

    def __init__(self, stored: Sequence[Item]) -> None:
        self._instances = {one.instance_id: one for one in stored if one.instance_id is not None}
        self._stacks: defaultdict[tuple[Any, ...], list[Item]] = defaultdict(list)
        for one in stored:
            if one.instance_id is None:
                self._stacks[one.place, one.guardian_id, one.item_hash, one.bucket_hash].append(one)

    def take(self, listed: Listed, guardian: Guardian | None) -> Item | None:
        """Return the row of a listed item, each row once."""
        if listed.item.instance_id is not None:
            return self._instances.pop(listed.item.instance_id, None)
        stacks = self._stacks[listed.place, guardian and guardian.pk, listed.item.hash, listed.item.bucket_hash]
        return stacks.pop(0) if stacks else None

    def left(self) -> list[Item]:
        """Return the rows that were not taken."""
        return [*self._instances.values(), *(one for stacks in self._stacks.values() for one in stacks)]


def listed_items(answer: Profile) -> Iterator[Listed]:
    """Return each item once: what is equipped or carried first, should Bungie list it in the vault, too."""
    seen: set[int] = set()
    for one in _all_listed(answer):
        if one.item.instance_id is None or one.item.instance_id not in seen:
            seen.add(one.item.instance_id or 0)
            yield one


def _all_listed(answer: Profile) -> Iterator[Listed]:
    for place, by_character in ((Place.EQUIPPED, answer.equipped.data), (Place.CARRIED, answer.carried.data)):
        for character_id, items in by_character.items():
            yield from (Listed(place.value, character_id, item) for item in items)
    for place, entries in ((Place.VAULT, answer.vault.data), (Place.CURRENCY, answer.currencies.data)):
        yield from (Listed(place.value, None, item) for item in entries)


def _recently_written(stored: Sequence[Item], minted_at: datetime | None) -> frozenset[int]:
    """Return the hashes of items that an action of ours changed, of which the answer may not know yet."""
    if minted_at is None:
        return frozenset()
    since = minted_at - WRITE_LAG
    return frozenset(one.item_hash for one in stored if one.written_at is not None and one.written_at > since)


def _was_answered(row: Item, answer: Profile, owners: Mapping[UUID | None, int]) -> bool:
    """Return whether the part of the answer that would have the item came with data."""
    if row.place == Place.VAULT:
        return answer.vault.has_data
    if row.place == Place.CURRENCY:
        return answer.currencies.has_data
    component = answer.equipped if row.place == Place.EQUIPPED else answer.carried
    return component.has_data and owners.get(row.guardian_id) in component.data


def _doubted(stored: Sequence[Item], missing: Sequence[Item]) -> frozenset[str]:
    """Return the places from which somebody has lost everything or most at once: a guardian, or the account."""
    had, lost = _count(stored), _count(missing)
    return frozenset(
        holder[0]
        for holder, count in lost.items()
        if count == had[holder] or (count >= DOUBTED_FROM and count * 2 > had[holder])
    )


def _count(items: Sequence[Item]) -> Counter[tuple[str, UUID | None]]:
    return Counter((one.place, one.guardian_id) for one in items)


def _columns(listed: Listed, guardian: Guardian | None, row: Item | None, details: ItemDetails) -> Columns:
    item = listed.item
    return {
        "place": listed.place,
        "guardian_id": guardian and guardian.pk,
        "instance_id": item.instance_id,
        "item_hash": item.hash,
        "bucket_hash": item.bucket_hash,
        "quantity": item.quantity,
        "state": item.state,
        "transfer_status": item.transfer_status,
        "is_lockable": item.is_lockable,
        "expires_at": item.expires_at,
        **_of_instance(item.instance_id, row, details),
    }


def _of_instance(instance_id: int | None, row: Item | None, details: ItemDetails) -> Columns:
    """Return what is special about one item; nothing, so that it stays, if the answer does not have it."""
    instance = details.instances.data.get(instance_id) if instance_id is not None else None
    if instance_id is None or instance is None:
        return {}
    old = row.details if row is not None else {}
    # As it is when it was stored and read again, so that equal ones compare equal.
    found = {
        "energy": instance.energy and list(instance.energy),
        "stats": _detail(details.stats, instance_id, dict, old.get("stats")),
        "plugs": _detail(details.plugs, instance_id, list, old.get("plugs")),
        "options": _detail(details.options, instance_id, _lists, old.get("options")),
    }
    return {
        "power": instance.power,
        "damage_type": instance.damage_type,
        "details": {name: value for name, value in found.items() if value},
    }


def _detail(component: Component[Mapping[int, T]], instance_id: int, as_json: Callable[[T], Any], old: Any) -> Any:
    """Return one component of an item, as JSON; the old one if it came empty, which it can although it is not."""
    if not component.data:
        return old
    value = component.data.get(instance_id)
    return None if value is None else as_json(value)


def _lists(values: Mapping[str, tuple[int, ...]]) -> dict[str, list[int]]:
    return {key: list(one) for key, one in values.items()}
