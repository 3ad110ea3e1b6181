"""Putting plugs into sockets, as far as it costs nothing."""

from sandbox.bungie.accounts.account import Item
from sandbox.bungie.accounts.rolls import cost_of
from sandbox.bungie.actions.subject import Subject, number_in, subject_of
from sandbox.bungie.cards import Json
from sandbox.bungie.documents.items import armor_energy, item_components, item_document
from sandbox.bungie.endpoints.endpoint import PlatformRequest
from sandbox.bungie.errors import PlatformError
from sandbox.bungie.world import game
from sandbox.bungie.world.definitions import Definitions, hash_of

# Sockets whose plugs the API does not change, as `insertPlugFreeBlockedSocketTypeHashes` in the settings says.
BLOCKED_SOCKETS = tuple(hash_of("SocketType", label) for label in ("tracker", "masterwork", "armor tier"))


def insert_plug_free(request: PlatformRequest) -> Json:
    """Put a plug into a socket and return the item as it is then."""
    subject = subject_of(request)
    item, plug = subject.item(), subject.body.get("plug")
    if not isinstance(plug, dict) or plug.get("socketArrayType", 0) != 0:
        raise PlatformError(1622)
    place, wanted = number_in(plug, "socketIndex"), number_in(plug, "plugItemHash")
    _check(subject, item, place, wanted)
    item.plugs[place] = wanted
    return _changed(subject.definitions, item)


def _check(subject: Subject, item: Item, place: int, wanted: int) -> None:
    if not 0 <= place < len(item.plugs):
        raise PlatformError(1677)
    entry = subject.row(item)["sockets"]["socketEntries"][place]
    kind = entry["socketTypeHash"]
    if kind in BLOCKED_SOCKETS:
        reason = f"The socketIndex {place} referred to a socket type {kind}, which has been blocked."
        raise PlatformError(1678, details={"request.plug.socketIndex": reason})
    if item.plugs[place] == wanted:
        raise PlatformError(1679)
    if wanted not in subject.definitions.tables["InventoryItem"]:
        raise PlatformError(1663, details={"request.plug": "Wrong item type or subtype for action."})
    if wanted not in _choices(subject.definitions, item, place):
        raise PlatformError(1680)
    if subject.row(item)["itemType"] == game.ARMOR and _energy(subject, item, place, wanted) > armor_energy(
        subject.definitions, item
    ):
        raise PlatformError(1676)


def _choices(definitions: Definitions, item: Item, place: int) -> list[int]:
    """Return what a socket can have: what it rolled, or the set of its kind."""
    entry = definitions.item(item.hash)["sockets"]["socketEntries"][place]
    if place in item.options:
        return item.options[place]
    return definitions.plugs_of(entry["reusablePlugSetHash"]) if "reusablePlugSetHash" in entry else []


def _energy(subject: Subject, item: Item, place: int, wanted: int) -> int:
    plugs = [wanted if number == place else plug for number, plug in enumerate(item.plugs)]
    return sum(cost_of(subject.definitions, plug) for plug in plugs if plug)


def _changed(definitions: Definitions, item: Item) -> Json:
    components = item_components(definitions, {"item": item}, {300, 302, 304, 305, 310})
    return {
        "item": {
            "item": {"data": item_document(definitions, item), "privacy": 2},
            **{
                "instance" if key == "instances" else key: {"data": data.get("item", {}), "privacy": 2}
                for key, data in components.items()
            },
        },
        "addedInventoryItems": [],
        "removedInventoryItems": [],
    }
