"""Find out from a profile whether a step was done whose answer was lost."""

from enum import Enum, auto

from destiny.models import Item, MoveStep
from destiny.moves.goals import LOADOUT_ACTIONS, Action
from destiny.moves.inventory import POSTMASTER, VAULT
from sync.bungie.profile import Profile
from sync.destiny.inventory import Listed, listed_items

Place = Item.Place
# The part of the profile, the character if it is one's, and the bucket.
Where = tuple[str, int | None, int]


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
    """Compare how many went from where the stack was taken, and how many came to where it goes.

    One of both alone proves little of a part: whoever has found as many meanwhile has as many left. Other numbers mean
    that somebody else moved or used some.
    """
    source, target = _total(step, answer, source_of(step)), _total(step, answer, target_of(step))
    if source is None or target is None or step.total_before is None:
        return Found.NOT_SHOWN
    went = step.total_before - source
    # A step that an earlier release has sent knows only its source.
    came = went if step.target_before is None else target - step.target_before
    return {(0, 0): Found.NOT_DONE, (step.quantity, step.quantity): Found.DONE}.get((went, came), Found.ELSEWHERE)


def _total(step: MoveStep, answer: Profile, where: Where) -> int | None:
    """Return how many lie there in all stacks; None if that part of the profile came without data."""
    component = answer.vault if where[0] == Place.VAULT else answer.carried
    if not component.has_data:
        return None
    return sum(
        one.item.quantity
        for one in listed_items(answer)
        if (one.item.hash, (one.place, one.character_id, one.item.bucket_hash)) == (step.item_hash, where)
    )


def is_stack(step: MoveStep) -> bool:
    """Return whether a step is about a stack, or a part of one."""
    return step.instance_id is None and step.action not in LOADOUT_ACTIONS


def source_of(step: MoveStep) -> Where:
    """Return where a step takes its stack from."""
    if step.action == Action.FROM_VAULT:
        return Place.VAULT, None, VAULT
    if step.action == Action.PULL:
        return Place.CARRIED, step.character_id, POSTMASTER
    return _slot_of(step)


def target_of(step: MoveStep) -> Where:
    """Return where a step that moves something moves it to."""
    if step.action == Action.TO_VAULT:
        return Place.VAULT, None, VAULT
    return _slot_of(step)


def _slot_of(step: MoveStep) -> Where:
    if step.is_account_slot:
        return Place.VAULT, None, step.slot_hash
    return Place.CARRIED, step.character_id, step.slot_hash
