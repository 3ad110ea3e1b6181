"""Effects of a finished step on the stored items, ahead of Bungie's next answer.

Each item is marked with the time: answers from before, which Bungie gives for some seconds, do not undo it.
"""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from destiny.models import DestinyMembership, Guardian, Item, MoveStep
from destiny.moves.goals import LOADOUT_ACTIONS, Action
from destiny.moves.inventory import plugged
from sync.destiny.moves.loadouts import apply_loadout_effect
from sync.destiny.moves.verify import Where, is_stack, source_of, target_of
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
        _lay(membership, item, step, guardian)
    elif step.action == Action.EQUIP and guardian is not None:
        _equip(item, guardian)
    elif step.action == Action.PLUG:
        _write(item, details={**item.details, "plugs": list(plugged(item.details.get("plugs", ()), *_plug(step)))})
    else:
        locked = Item.State.LOCKED
        _write(item, state=item.state | locked if step.action == Action.LOCK else item.state & ~locked)


def totals_before(membership: DestinyMembership, step: MoveStep) -> Mapping[str, int]:
    """Return, as columns of a step that moves a stack, how many there are at its source and its target."""
    if not is_stack(step):
        return {}
    source, target = (sum(one.quantity for one in _stacks(membership, step, of(step))) for of in (source_of, target_of))
    return {"total_before": source, "target_before": target}


def _item_of(membership: DestinyMembership, step: MoveStep) -> Item | None:
    """Return the item; of stacks the smallest that has as many as the step moves."""
    if step.instance_id is not None:
        return Item.objects.filter(membership=membership, instance_id=step.instance_id).first()
    stacks = (one for one in _stacks(membership, step, source_of(step)) if one.quantity >= step.quantity)
    return min(stacks, key=lambda one: one.quantity, default=None)


def _stacks(membership: DestinyMembership, step: MoveStep, where: Where) -> list[Item]:
    place, character_id, bucket = where
    stacks = Item.objects.filter(
        membership=membership, instance_id=None, item_hash=step.item_hash, place=place, bucket_hash=bucket
    )
    return list(stacks.filter(guardian__character_id=character_id) if character_id else stacks)


def _lay(membership: DestinyMembership, item: Item, step: MoveStep, guardian: Guardian | None) -> None:
    """Lay an item, or so much of a stack, where the step moves it. The rest of the stack stays."""
    place, character_id, bucket = target_of(step)
    target = {"place": place, "guardian": guardian if character_id else None, "bucket_hash": bucket}
    if item.instance_id is not None:
        _write(item, **target)
        return
    there = next(iter(_stacks(membership, step, target_of(step))), None)
    if there is not None:
        _write(there, quantity=there.quantity + step.quantity)
    if step.quantity < item.quantity:
        _write(item, quantity=item.quantity - step.quantity)
        if there is None:
            _add_part(item, step.quantity, target)
    elif there is not None:
        item.delete()
    else:
        _write(item, **target)


def _add_part(item: Item, quantity: int, target: Mapping[str, Any]) -> None:
    same = {name: getattr(item, name) for name in ("membership_id", "item_hash", "state", "is_lockable")}
    Item.objects.create(**same, **target, quantity=quantity, written_at=timezone.now())


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
