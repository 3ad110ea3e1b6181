"""Endpoints of actions, with the seconds that a person has to wait between two of the same."""

from collections.abc import Callable
from typing import Any

from sandbox.bungie.actions import equipping, loadouts, moving, plugging
from sandbox.bungie.endpoints.endpoint import Endpoint, PlatformRequest

_QUICK, _PLUG, _SLOW = 0.1, 0.5, 1.0


def _action(name: str, answer: Callable[[PlatformRequest], Any], pause: float) -> Endpoint:
    pattern = ("destiny2", "actions", *name.lower().split("/"))
    return Endpoint(name.rpartition("/")[2], pattern, answer, "POST", pause)


ENDPOINTS = (
    _action("Items/TransferItem", moving.transfer, _QUICK),
    _action("Items/PullFromPostmaster", moving.pull_from_postmaster, _QUICK),
    _action("Items/EquipItem", equipping.equip_item, _QUICK),
    _action("Items/EquipItems", equipping.equip_items, _QUICK),
    _action("Items/SetLockState", equipping.set_lock_state, _QUICK),
    _action("Items/SetTrackedState", equipping.set_tracked_state, _SLOW),
    _action("Items/InsertSocketPlugFree", plugging.insert_plug_free, _PLUG),
    _action("Loadouts/EquipLoadout", loadouts.equip_loadout, _SLOW),
    _action("Loadouts/SnapshotLoadout", loadouts.snapshot, _SLOW),
    _action("Loadouts/UpdateLoadoutIdentifiers", loadouts.update_identifiers, _SLOW),
    _action("Loadouts/ClearLoadout", loadouts.clear, _SLOW),
)
