"""Effects of a finished step on the stored items, ahead of Bungie's next answer.

Each item is marked with the time: answers from before, which Bungie gives for some seconds, do not undo it.
"""

from typing import Any

from django.db.models import F
from django.utils import timezone

from destiny.models import DestinyMembership, Guardian, Item, MoveStep
from destiny.moves.goals import LOADOUT_ACTIONS, Action
from destiny.moves.inventory import VAULT, plugged
from sync.destiny.moves.loadouts import apply_loadout_effect
from sync.destiny.moves.verify import source_of
from sync.destiny.profiles import lock_profile

# TransferStatuses.ItemIsEquipped
WORN = 1


def apply_effect(membership: DestinyMembership, step: MoveStep) -> None:
    """Change the stored items as a step did. Within a transaction; locks the profile."""
    lock_profile(membership)
    if step.action in LOADOUT_ACTIONS:
        apply_loadout_effect(membership, step)
        return
    item = _item_of(membership, step)
    if item is None:
        return
    guardian = Guardian.objects.filter(membership=membership, character_id=step.character_id).first()
    if step.action in (Action.TO_VAULT, Action.FROM_VAULT, Action.PULL):
        _lay(item, _target(step, guardian))
    elif step.action == Action.EQUIP and guardian is not None:
        _equip(item, guardian)
    elif step.action == Action.PLUG:
        _write(item, details={**item.details, "plugs": list(plugged(item.details.get("plugs", ()), *_plug(step)))})
    else:
        locked = Item.State.LOCKED
        _write(item, state=item.state | locked if step.action == Action.LOCK else item.state & ~locked)


def total_of(membership: DestinyMembership, step: MoveStep) -> int | None:
    """Return how much there is where a step takes its stack from; None for an item with an instance."""
    if step.instance_id is not None:
        return None
    return sum(one.quantity for one in _stacks(membership, step))


def _item_of(membership: DestinyMembership, step: MoveStep) -> Item | None:
    if step.instance_id is not None:
        return Item.objects.filter(membership=membership, instance_id=step.instance_id).first()
    return next((one for one in _stacks(membership, step) if one.quantity == step.quantity), None)


def _stacks(membership: DestinyMembership, step: MoveStep) -> list[Item]:
    place, character_id, bucket = source_of(step)
    stacks = Item.objects.filter(
        membership=membership, instance_id=None, item_hash=step.item_hash, place=place, bucket_hash=bucket
    )
    return list(stacks.filter(guardian__character_id=character_id) if character_id else stacks)


def _target(step: MoveStep, guardian: Guardian | None) -> dict[str, Any]:
    if step.action == Action.TO_VAULT:
        return {"place": Item.Place.VAULT, "guardian": None, "bucket_hash": VAULT}
    if step.is_account_slot:
        return {"place": Item.Place.VAULT, "guardian": None, "bucket_hash": step.slot_hash}
    return {"place": Item.Place.CARRIED, "guardian": guardian, "bucket_hash": step.slot_hash}


def _lay(item: Item, target: dict[str, Any]) -> None:
    there = Item.objects.filter(membership=item.membership_id, instance_id=None, item_hash=item.item_hash, **target)
    if item.instance_id is None and there.update(quantity=F("quantity") + item.quantity, written_at=timezone.now()):
        item.delete()
    else:
        _write(item, **target)


def _equip(item: Item, guardian: Guardian) -> None:
    worn = Item.objects.filter(guardian=guardian, place=Item.Place.EQUIPPED, bucket_hash=item.bucket_hash)
    for other in worn.exclude(pk=item.pk):
        _write(other, place=Item.Place.CARRIED, transfer_status=other.transfer_status & ~WORN)
    _write(item, place=Item.Place.EQUIPPED, transfer_status=item.transfer_status | WORN)


def _plug(step: MoveStep) -> tuple[int, int]:
    return step.socket or 0, step.plug_hash or 0


def _write(item: Item, **columns: Any) -> None:
    now = timezone.now()
    Item.objects.filter(pk=item.pk).update(**columns, written_at=now, updated_at=now)
