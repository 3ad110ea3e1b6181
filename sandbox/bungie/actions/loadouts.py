"""The game's loadouts: equip, snapshot, rename, clear."""

from sandbox.bungie.accounts.account import Loadout
from sandbox.bungie.accounts.fill import snapshot as equipped_now
from sandbox.bungie.actions.equipping import equip
from sandbox.bungie.actions.moving import has_room
from sandbox.bungie.actions.subject import Subject, subject_of
from sandbox.bungie.endpoints.endpoint import PlatformRequest
from sandbox.bungie.errors import PlatformError
from sandbox.bungie.world import game


def equip_loadout(request: PlatformRequest) -> int:
    """Equip what a loadout remembers, with its plugs; what is gone or does not fit is left out."""
    subject = subject_of(request)
    loadout = subject.guardian.loadouts[_index(subject)]
    if loadout is None:
        raise PlatformError(1622, response=0)
    if not subject.can_change_loadout:
        raise PlatformError(1671, response=0)
    for instance, plugs in _exotics_last(subject, loadout):
        _wear(subject, instance, plugs)
    return 0


def _exotics_last(subject: Subject, loadout: Loadout) -> list[tuple[int, list[int]]]:
    def is_exotic(entry: tuple[int, list[int]]) -> bool:
        item = subject.account.instance(entry[0])
        return item is not None and "uniqueLabel" in subject.row(item).get("equippingBlock", {})

    return sorted(loadout.items, key=is_exotic)


def _wear(subject: Subject, instance: int, plugs: list[int]) -> None:
    """Equip one item, from the vault too if there is room; leave it if it is gone or elsewhere."""
    item = subject.account.instance(instance)
    if item is None or item.holder not in (0, subject.guardian.id):
        return
    bucket = subject.row(item)["inventory"]["bucketTypeHash"]
    if item.bucket != bucket:
        if not has_room(subject, subject.guardian.id, bucket):
            return
        item.holder, item.bucket = subject.guardian.id, bucket
    try:
        equip(subject, item)
    except PlatformError:
        return
    item.plugs[:] = plugs


def snapshot(request: PlatformRequest) -> int:
    """Save what is equipped."""
    subject = subject_of(request)
    place, identifiers = _index(subject), _identifiers(subject)
    subject.guardian.loadouts[place] = Loadout(*identifiers, equipped_now(subject.account, subject.guardian.id))
    return 0


def update_identifiers(request: PlatformRequest) -> int:
    """Give a loadout another name, icon and color."""
    subject = subject_of(request)
    loadout, identifiers = subject.guardian.loadouts[_index(subject)], _identifiers(subject)
    if loadout is None:
        raise PlatformError(1622, response=0)
    loadout.name, loadout.icon, loadout.color = identifiers
    return 0


def clear(request: PlatformRequest) -> int:
    """Empty a loadout."""
    subject = subject_of(request)
    subject.guardian.loadouts[_index(subject)] = None
    return 0


def _index(subject: Subject) -> int:
    place = subject.number("loadoutIndex")
    if not 0 <= place < len(subject.guardian.loadouts):
        raise PlatformError(1622, response=0)
    return place


def _identifiers(subject: Subject) -> tuple[int, int, int]:
    """Return name, icon and color, all of which are needed; raise PlatformError for an unset or unknown one."""
    constants = subject.definitions.tables["LoadoutConstants"][1]
    name, icon, color = (subject.number(key) for key in ("nameHash", "iconHash", "colorHash"))
    for value, kind in ((name, "Name"), (icon, "Icon"), (color, "Color")):
        if value == game.UNSET or value not in constants[f"loadout{kind}Hashes"]:
            raise PlatformError(1622, response=0)
    return name, icon, color
