"""Bungie's limits: pauses between the actions of one person.

The limit of all requests, 250 in any 10 seconds per address, is a setting (`guildsite.settings`).
"""

from sync.engine.protocols import SubjectPause

ACTIONS = "/Destiny2/Actions"
# Seconds between two actions of one person, of each kind: `ThrottleSecondsBetweenActionPerUser` of Bungie's OpenAPI
# file.
ACTION_PAUSES = {
    f"{ACTIONS}/Items/TransferItem/": 0.1,
    f"{ACTIONS}/Items/PullFromPostmaster/": 0.1,
    f"{ACTIONS}/Items/EquipItem/": 0.1,
    f"{ACTIONS}/Items/EquipItems/": 0.1,
    f"{ACTIONS}/Items/SetLockState/": 0.1,
    f"{ACTIONS}/Items/SetTrackedState/": 1.0,
    f"{ACTIONS}/Items/InsertSocketPlugFree/": 0.5,
    f"{ACTIONS}/Loadouts/EquipLoadout/": 1.0,
    f"{ACTIONS}/Loadouts/SnapshotLoadout/": 1.0,
    f"{ACTIONS}/Loadouts/UpdateLoadoutIdentifiers/": 1.0,
    f"{ACTIONS}/Loadouts/ClearLoadout/": 1.0,
}


def pause_of(endpoint: str, person: str) -> SubjectPause | None:
    """Return the pause before an action of a person; None for endpoints without one."""
    seconds = ACTION_PAUSES.get(endpoint)
    return None if seconds is None else SubjectPause(f"{person} {endpoint}", seconds)
