"""The actions that a player can choose for an item: offered on its page, and judged by the planner afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass

from destiny.manifest.items import ItemDefinition
from destiny.models import Guardian, Item
from destiny.moves.inventory import ANY_CLASS, POSTMASTER, VAULT
from destiny.moves.snapshot import BOUND


@dataclass(frozen=True, slots=True)
class Choices:
    """Guardians who can get the item, and those who can wear it; whether it can be stored, pulled, locked, unlocked."""

    to: Sequence[Guardian] = ()
    on: Sequence[Guardian] = ()
    to_vault: bool = False
    pull: bool = False
    lock: bool = False
    unlock: bool = False

    @property
    def targets(self) -> list[Guardian]:
        """Return the guardians that can be chosen, whether to get the item or to wear it."""
        return list({one.pk: one for one in (*self.to, *self.on)}.values())

    @property
    def are_any(self) -> bool:
        return any((self.to, self.on, self.to_vault, self.pull, self.lock, self.unlock))


def choices_of(item: Item, definition: ItemDefinition, guardians: Sequence[Guardian]) -> Choices:
    """Return what can be chosen for an item of these guardians. Currencies stay where they are."""
    if item.place == Item.Place.CURRENCY:
        return Choices()
    is_lost, is_instance = item.bucket_hash == POSTMASTER, item.instance_id is not None
    can_move = definition.is_transferrable and not item.transfer_status & BOUND and (is_instance or not is_lost)
    is_elsewhere = is_instance or item.bucket_hash == VAULT
    is_locked = bool(item.state & Item.State.LOCKED)
    return Choices(
        to=[one for one in guardians if can_move and is_elsewhere and (one.pk != item.guardian_id or is_lost)],
        on=[one for one in guardians if _can_wear(one, item, definition, can_move=can_move)],
        to_vault=can_move and item.bucket_hash != VAULT,
        pull=is_lost,
        lock=item.is_lockable and is_instance and not is_locked,
        unlock=item.is_lockable and is_instance and is_locked,
    )


def _can_wear(guardian: Guardian, item: Item, definition: ItemDefinition, *, can_move: bool) -> bool:
    is_worn = item.place == Item.Place.EQUIPPED and item.guardian_id == guardian.pk
    fits = definition.is_equippable and definition.class_type in (ANY_CLASS, guardian.class_type)
    return fits and not is_worn and item.instance_id is not None and (can_move or item.guardian_id == guardian.pk)
