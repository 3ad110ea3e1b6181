"""Actions of a character on items: one method per endpoint, with the body that it needs.

Bungie answers with a number, or with an item that nobody reads: profiles show everything again after some seconds.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sync.bungie.client import BungieClient
from sync.bungie.fields import as_id, enum_of
from sync.bungie.limits import ACTIONS
from sync.engine.fields import as_object, list_of

T = TypeVar("T")

TRANSFER = f"{ACTIONS}/Items/TransferItem/"
PULL = f"{ACTIONS}/Items/PullFromPostmaster/"
EQUIP = f"{ACTIONS}/Items/EquipItem/"
EQUIP_MANY = f"{ACTIONS}/Items/EquipItems/"
LOCK = f"{ACTIONS}/Items/SetLockState/"
PLUG = f"{ACTIONS}/Items/InsertSocketPlugFree/"
EQUIP_LOADOUT = f"{ACTIONS}/Loadouts/EquipLoadout/"
SNAPSHOT = f"{ACTIONS}/Loadouts/SnapshotLoadout/"
RENAME = f"{ACTIONS}/Loadouts/UpdateLoadoutIdentifiers/"
CLEAR = f"{ACTIONS}/Loadouts/ClearLoadout/"
ENDPOINTS = (TRANSFER, PULL, EQUIP, EQUIP_MANY, LOCK, PLUG, EQUIP_LOADOUT, SNAPSHOT, RENAME, CLEAR)


@dataclass(frozen=True, slots=True)
class ItemActions:
    """The actions of one character. `person` is who waits between two actions, `token` their access token.

    Each method raises ApiError. The id of an item without an instance is 0.
    """

    client: BungieClient
    membership_type: int
    character_id: int
    person: str
    token: str = field(repr=False)

    def transfer(self, item_hash: int, instance_id: int | None, quantity: int, *, to_vault: bool) -> None:
        """Move an item from the character to the vault, or back. Bungie answers 1623 to a body without `to_vault`."""
        body = {**_reference(item_hash, instance_id, quantity), "transferToVault": to_vault}
        self._act(TRANSFER, body, _nothing)

    def pull_from_postmaster(self, item_hash: int, instance_id: int | None, quantity: int) -> None:
        """Move an item from the character's postmaster to where it belongs."""
        self._act(PULL, _reference(item_hash, instance_id, quantity), _nothing)

    def equip(self, instance_id: int) -> None:
        """Equip an item that the character carries."""
        self._act(EQUIP, {"itemId": str(instance_id)}, _nothing)

    def equip_many(self, instance_ids: Sequence[int]) -> Mapping[int, int]:
        """Equip items in this order; returns Bungie's code for each that it knows, 1 if it is equipped now."""
        return self._act(EQUIP_MANY, {"itemIds": [str(one) for one in instance_ids]}, _results)

    def set_lock(self, instance_id: int, *, is_locked: bool) -> None:
        """Lock or unlock an item."""
        self._act(LOCK, {"state": is_locked, "itemId": str(instance_id)}, _nothing)

    def insert_plug(self, instance_id: int, socket: int, plug_hash: int) -> None:
        """Put a plug that costs nothing into a socket."""
        plug = {"socketIndex": socket, "socketArrayType": 0, "plugItemHash": plug_hash}
        self._act(PLUG, {"plug": plug, "itemId": str(instance_id)}, _nothing)

    def equip_loadout(self, index: int) -> None:
        """Equip one of the game's loadouts, which are counted from 0: in orbit, in a social space or offline."""
        self._act(EQUIP_LOADOUT, {"loadoutIndex": index}, _nothing)

    def snapshot_loadout(self, index: int, identifiers: tuple[int, int, int]) -> None:
        """Save what the character wears; `identifiers` are the hashes of name, icon and color, all of them known."""
        self._act(SNAPSHOT, _named(index, identifiers), _nothing)

    def rename_loadout(self, index: int, identifiers: tuple[int, int, int]) -> None:
        """Give a loadout another name, icon and color."""
        self._act(RENAME, _named(index, identifiers), _nothing)

    def clear_loadout(self, index: int) -> None:
        """Empty a loadout."""
        self._act(CLEAR, {"loadoutIndex": index}, _nothing)

    def _act(self, endpoint: str, body: Mapping[str, Any], parse: Callable[[Any], T]) -> T:
        whole = {**body, "characterId": str(self.character_id), "membershipType": self.membership_type}
        return self.client.act(endpoint, whole, parse, person=self.person, token=self.token)


def _nothing(answer: Any) -> None:
    """Take any answer."""


def _named(index: int, identifiers: tuple[int, int, int]) -> dict[str, Any]:
    name, icon, color = identifiers
    return {"loadoutIndex": index, "nameHash": name, "iconHash": icon, "colorHash": color}


def _reference(item_hash: int, instance_id: int | None, quantity: int) -> dict[str, Any]:
    return {"itemReferenceHash": item_hash, "itemId": str(instance_id or 0), "stackSize": quantity}


def _results(answer: Any) -> Mapping[int, int]:
    found = [as_object(one, "equipResults[]") for one in list_of(as_object(answer, "Response"), "equipResults")]
    return {as_id(one.get("itemInstanceId"), "itemInstanceId"): enum_of(one, "equipStatus") for one in found}
