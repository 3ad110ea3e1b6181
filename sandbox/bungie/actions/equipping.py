"""Equipping, locking and tracking."""

from sandbox.bungie.accounts.account import LOCKED, TRACKED, Item
from sandbox.bungie.actions.subject import Subject, number_in, subject_of
from sandbox.bungie.cards import Json
from sandbox.bungie.endpoints.endpoint import PlatformRequest
from sandbox.bungie.errors import PlatformError
from sandbox.bungie.world import game


def equip_item(request: PlatformRequest) -> int:
    """Equip an item that the character has."""
    subject = subject_of(request)
    equip(subject, subject.item())
    return 0


def equip_items(request: PlatformRequest) -> Json:
    """Equip several items in their order. Each has its own result; ids that nobody knows are left out."""
    subject = subject_of(request)
    numbers = subject.body.get("itemIds")
    if not isinstance(numbers, list):
        raise PlatformError(3)
    results = []
    for number in numbers:
        item = subject.account.instance(number_in({"itemId": number}, "itemId"))
        if item is not None:
            results.append({"itemInstanceId": str(number), "equipStatus": _result(subject, item)})
    return {"equipResults": results}


def _result(subject: Subject, item: Item) -> int:
    try:
        equip(subject, item)
    except PlatformError as error:
        return error.code
    return 1


def equip(subject: Subject, item: Item) -> None:
    """Equip an item in place of the one in its slot; raise PlatformError if the game does not allow it."""
    row = subject.row(item)
    if item.holder != subject.guardian.id or item.bucket not in game.EQUIPMENT:
        raise PlatformError(1623, response=0)
    if not row["equippable"] or row["classType"] not in (game.ANY_CLASS, subject.guardian.class_type):
        raise PlatformError(1639, response=0)
    if subject.is_equipment_locked:
        raise PlatformError(1640, response=0)
    label = row["equippingBlock"].get("uniqueLabelHash")
    for other in subject.account.equipped(subject.guardian.id):
        theirs = subject.row(other).get("equippingBlock", {}).get("uniqueLabelHash")
        if label and theirs == label and other.bucket != item.bucket:
            raise PlatformError(1641, response=0)
    for other in subject.account.of(subject.guardian.id, item.bucket):
        other.is_equipped = other is item


def set_lock_state(request: PlatformRequest) -> int:
    """Lock or unlock an item, wherever it is."""
    subject = subject_of(request)
    item = subject.item()
    if subject.row(item)["itemType"] not in (
        game.WEAPON, game.ARMOR, game.GHOST_TYPE, game.SHIP_TYPE, game.VEHICLE_TYPE,
    ):  # fmt: skip
        raise PlatformError(1622, response=0)
    _set_flag(subject, item, LOCKED)
    return 0


def set_tracked_state(request: PlatformRequest) -> int:
    """Track a quest or bounty, or no longer."""
    subject = subject_of(request)
    item = subject.item()
    if "objectives" not in subject.row(item):
        raise PlatformError(1622, response=0)
    _set_flag(subject, item, TRACKED)
    return 0


def _set_flag(subject: Subject, item: Item, flag: int) -> None:
    state = subject.body.get("state")
    if not isinstance(state, bool):
        raise PlatformError(1622, response=0)
    item.state = item.state | flag if state else item.state & ~flag
