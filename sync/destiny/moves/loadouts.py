"""The game's own loadouts: equipped, saved, renamed and cleared as a plan of one step.

A step has the loadout's place and, where Bungie needs them, its name, icon and color: all three, or it refuses.
"""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from destiny.door import OwnDestiny
from destiny.game import ARMOR, ARTIFACT, SUBCLASS, WEAPONS
from destiny.models import DestinyMembership, Guardian, Item, MovePlan, MoveStep
from destiny.moves.goals import Action, Why
from sync.bungie.actions import ItemActions
from sync.bungie.profile import Loadout, Profile
from sync.destiny.inventory import listed_items
from sync.destiny.moves.services import request_step
from sync.destiny.moves.verify import Found

# Weapons, armor, subclass and artifact: what a loadout of the game remembers.
SAVED = (*WEAPONS, *ARMOR, SUBCLASS, ARTIFACT)


def request_loadout_action(
    *,
    own: OwnDestiny,
    guardian: Guardian,
    action: Action,
    index: int,
    identifiers: tuple[int, int, int] | None = None,
    name: str,
) -> MovePlan:
    """Have a worker do something with one of a guardian's loadouts. `identifiers` are name, icon and color.

    Raises Impossible if too much waits already.
    """
    loadout: dict[str, Any] = {"index": index}
    if identifiers is not None:
        loadout |= dict(zip(("name", "icon", "color"), identifiers, strict=True))
    step = MoveStep(
        number=0,
        goal=0,
        action=action.value,
        why=Why.GOAL.value,
        item_hash=0,
        character_id=guardian.character_id,
        loadout=loadout,
    )
    return request_step(own=own, step=step, name=name)


def send(actions: ItemActions, step: MoveStep) -> None:
    """Send the request of a step. Raises ApiError."""
    index = _wanted(step)["index"]
    match Action(step.action):
        case Action.EQUIP_SET:
            actions.equip_loadout(index)
        case Action.SNAPSHOT:
            actions.snapshot_loadout(index, _identifiers(step))
        case Action.RENAME:
            actions.rename_loadout(index, _identifiers(step))
        case _:
            actions.clear_loadout(index)


def apply_loadout_effect(membership: DestinyMembership, step: MoveStep) -> None:
    """Change the stored loadouts as a step did, ahead of Bungie's next answer; the profile is locked."""
    guardian = Guardian.objects.filter(membership=membership, character_id=step.character_id).first()
    index = _wanted(step)["index"]
    if guardian is None or index >= len(guardian.loadouts):
        return
    if step.action != Action.EQUIP_SET:
        guardian.loadouts[index] = _stored_after(guardian, step)
    guardian.loadouts_written_at = timezone.now()
    guardian.save(update_fields=("loadouts", "loadouts_written_at", "updated_at"))


def find_loadout(step: MoveStep, answer: Profile) -> Found:
    """Return what a profile says of a step. Each can be sent again without harm if it was not done."""
    loadouts = answer.loadouts.data.get(step.character_id)
    index = _wanted(step)["index"]
    if loadouts is None or index >= len(loadouts):
        return Found.NOT_SHOWN
    return Found.DONE if _is_done(step, list(loadouts)[index], answer) else Found.NOT_DONE


def _is_done(step: MoveStep, shown: Loadout, answer: Profile) -> bool:
    if step.action == Action.CLEAR:
        return shown.is_empty
    has_names = (shown.name_hash, shown.icon_hash, shown.color_hash) == _identifiers(step)
    if step.action == Action.RENAME:
        return has_names
    worn = {one.instance_id for one in answer.equipped.data.get(step.character_id, ()) if one.bucket_hash in SAVED}
    saved = {one.instance_id for one in shown.items if one.instance_id}
    if step.action == Action.SNAPSHOT:
        return has_names and saved == worn
    # The game leaves out what the player no longer has.
    return saved & {one.item.instance_id for one in listed_items(answer)} <= worn


def _stored_after(guardian: Guardian, step: MoveStep) -> Mapping[str, Any] | None:
    if step.action == Action.CLEAR:
        return None
    before = guardian.loadouts[_wanted(step)["index"]] or {"items": []}
    named = {key: _wanted(step)[key] for key in ("name", "icon", "color")}
    if step.action == Action.RENAME:
        return {**before, **named}
    worn = guardian.items.filter(place=Item.Place.EQUIPPED, bucket_hash__in=SAVED, instance_id__isnull=False)
    return {**named, "items": [[one.instance_id, one.details.get("plugs", [])] for one in worn]}


def _identifiers(step: MoveStep) -> tuple[int, int, int]:
    wanted = _wanted(step)
    return wanted.get("name", 0), wanted.get("icon", 0), wanted.get("color", 0)


def _wanted(step: MoveStep) -> Mapping[str, Any]:
    return step.loadout or {}
