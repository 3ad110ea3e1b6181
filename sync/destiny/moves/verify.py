"""Find out from a profile whether a step was done whose answer was lost."""

from enum import Enum, auto

from destiny.models import Item, MoveStep
from destiny.moves.goals import Action
from destiny.moves.inventory import POSTMASTER, VAULT
from sync.bungie.profile import Profile
from sync.destiny.inventory import Listed, listed_items

Place = Item.Place


class Found(Enum):
    """The result of looking for a step in a profile.

    Elsewhere is an item that was not moved by us, such as by its player in the game.
    """

    DONE = auto()
    NOT_DONE = auto()
    ELSEWHERE = auto()
    NOT_SHOWN = auto()


def find(step: MoveStep, answer: Profile) -> Found:
    """Return what the profile says of a step. Whether it is recent enough to say so is the caller's question."""
    if step.instance_id is None:
        return _find_stack(step, answer)
    listed = next((one for one in listed_items(answer) if one.item.instance_id == step.instance_id), None)
    if listed is None:
        # Gone, or in a part that came without data.
        return Found.NOT_SHOWN
    if step.action == Action.PLUG:
        return _find_plug(step, answer)
    if step.action in (Action.LOCK, Action.UNLOCK):
        is_locked = bool(listed.item.state & Item.State.LOCKED)
        return Found.DONE if is_locked is (step.action == Action.LOCK) else Found.NOT_DONE
    return _find_item(step, listed)


def _find_item(step: MoveStep, listed: Listed) -> Found:
    here, bucket = listed.character_id == step.character_id, listed.item.bucket_hash
    is_carried = here and bucket != POSTMASTER
    is_worn = here and listed.place == Place.EQUIPPED
    is_stored = bucket == VAULT
    before, after = {
        Action.TO_VAULT: (is_carried, is_stored),
        Action.FROM_VAULT: (is_stored, is_carried),
        Action.PULL: (here and bucket == POSTMASTER, is_carried),
        Action.EQUIP: (is_carried and not is_worn, is_worn),
    }[Action(step.action)]
    return Found.DONE if after else Found.NOT_DONE if before else Found.ELSEWHERE


def _find_plug(step: MoveStep, answer: Profile) -> Found:
    plugs = answer.details.plugs.data.get(step.instance_id or 0)
    if plugs is None or step.socket is None or step.socket >= len(plugs):
        return Found.NOT_SHOWN
    return Found.DONE if plugs[step.socket] == step.plug_hash else Found.NOT_DONE


def _find_stack(step: MoveStep, answer: Profile) -> Found:
    """Compare how much is left where the stack was taken from. Another amount means that somebody else used some."""
    place, holder, bucket = source_of(step)
    component = answer.vault if place == Place.VAULT else answer.carried
    if not component.has_data or step.total_before is None:
        return Found.NOT_SHOWN
    total = sum(
        one.item.quantity
        for one in listed_items(answer)
        if (one.item.hash, one.place, one.character_id, one.item.bucket_hash) == (step.item_hash, place, holder, bucket)
    )
    left = {step.total_before: Found.NOT_DONE, step.total_before - step.quantity: Found.DONE}
    return left.get(total, Found.ELSEWHERE)


def source_of(step: MoveStep) -> tuple[str, int | None, int]:
    """Return where a step takes its stack from: the part of the profile, the character, and the bucket."""
    if step.action == Action.FROM_VAULT:
        return Place.VAULT, None, VAULT
    if step.action == Action.PULL:
        return Place.CARRIED, step.character_id, POSTMASTER
    if step.is_account_slot:
        return Place.VAULT, None, step.slot_hash
    return Place.CARRIED, step.character_id, step.slot_hash
