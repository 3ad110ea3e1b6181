"""Goals of a player, and the steps that lead there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self
from uuid import UUID


class Aim(StrEnum):
    """The kind of a goal: with MOVE, its guardian gets the item, or the vault if it names none."""

    MOVE = "move"
    EQUIP = "equip"
    PULL = "pull"
    LOCK = "lock"
    UNLOCK = "unlock"


class Action(StrEnum):
    """The kind of a step, which is one request of Bungie's API."""

    TO_VAULT = "to_vault"
    FROM_VAULT = "from_vault"
    PULL = "pull"
    EQUIP = "equip"
    LOCK = "lock"
    UNLOCK = "unlock"
    PLUG = "plug"
    # Of the game's own loadouts.
    EQUIP_SET = "equip_set"
    SNAPSHOT = "snapshot"
    RENAME = "rename"
    CLEAR = "clear"


LOADOUT_ACTIONS = frozenset((Action.EQUIP_SET, Action.SNAPSHOT, Action.RENAME, Action.CLEAR))


class Why(StrEnum):
    """Why there is a step: the goal itself, room for its item, or something else to wear in place of its item."""

    GOAL = "goal"
    ROOM = "room"
    SWAP = "swap"


@dataclass(frozen=True, slots=True)
class Goal:
    """One wish about one item of ours. `guardian` is a character id, 0 for the vault; `plugs` are hashes by socket.

    `quantity` is how many of a stack, None for the whole of it.
    """

    item: UUID
    aim: Aim
    guardian: int = 0
    plugs: Mapping[int, int] = field(default_factory=dict)
    quantity: int | None = None

    def as_json(self) -> dict[str, Any]:
        """Return it as a plan stores it."""
        plugs = {str(socket): plug for socket, plug in self.plugs.items()}
        json = {"item": str(self.item), "aim": self.aim.value, "guardian": str(self.guardian), "plugs": plugs}
        return json if self.quantity is None else {**json, "quantity": self.quantity}

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Self:
        """Read one that a plan stored."""
        plugs = {int(socket): plug for socket, plug in json["plugs"].items()}
        return cls(UUID(json["item"]), Aim(json["aim"]), int(json["guardian"]), plugs, json.get("quantity"))
