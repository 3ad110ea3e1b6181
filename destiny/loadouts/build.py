"""What a loadout says, as plain values; and how it is stored in a row of `Loadout`."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from destiny.models import Guardian, Loadout

ANY_CLASS: int = Guardian.ClassType.UNKNOWN
# Bungie's hash for "nothing chosen".
UNSET = 2166136261
LARGEST_HASH = 2**32 - 1
MOST_ITEMS, MOST_MODS, MOST_SOCKETS = 60, 60, 60


@dataclass(frozen=True, slots=True)
class BuildItem:
    """An item of a loadout. Without `instance_id`, any item with this hash. `plugs` are hashes by socket.

    What is not worn is carried along. `crafted_at` is DIM's way to tell crafted weapons apart, in seconds.
    """

    hash: int
    instance_id: int | None = None
    plugs: Mapping[int, int] = field(default_factory=dict)
    is_worn: bool = True
    amount: int = 1
    crafted_at: int | None = None

    def as_json(self) -> dict[str, Any]:
        """Return it as the row stores it, without what is usual."""
        stored: dict[str, Any] = {"hash": self.hash}
        if self.instance_id is not None:
            stored["instance"] = self.instance_id
        if self.plugs:
            stored["plugs"] = {str(socket): plug for socket, plug in self.plugs.items()}
        if not self.is_worn:
            stored["worn"] = False
        if self.amount != 1:
            stored["amount"] = self.amount
        if self.crafted_at is not None:
            stored["crafted_at"] = self.crafted_at
        return stored

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Self:
        """Read one that a row stored."""
        return cls(
            hash=json["hash"],
            instance_id=json.get("instance"),
            plugs={int(socket): plug for socket, plug in json.get("plugs", {}).items()},
            is_worn=json.get("worn", True),
            amount=json.get("amount", 1),
            crafted_at=json.get("crafted_at"),
        )


@dataclass(frozen=True, slots=True)
class Build:
    """The content of a loadout. `mods` belong to no item; `dim` is what DIM's format has besides."""

    name: str = ""
    notes: str = ""
    class_type: int = ANY_CLASS
    items: tuple[BuildItem, ...] = ()
    mods: tuple[int, ...] = ()
    dim: Mapping[str, Any] = field(default_factory=dict)

    @property
    def hashes(self) -> set[int]:
        """The hashes of all items, plugs and mods."""
        plugs = {plug for one in self.items for plug in one.plugs.values()}
        return {one.hash for one in self.items} | plugs | set(self.mods)

    def columns(self) -> dict[str, Any]:
        """Return the values of the row's columns."""
        return {
            "name": self.name,
            "notes": self.notes,
            "class_type": self.class_type,
            "items": [one.as_json() for one in self.items],
            "mods": list(self.mods),
            "dim": dict(self.dim),
        }

    @classmethod
    def of(cls, loadout: Loadout) -> Self:
        """Read a row."""
        return cls(
            name=loadout.name,
            notes=loadout.notes,
            class_type=loadout.class_type,
            items=tuple(BuildItem.from_json(one) for one in loadout.items),
            mods=tuple(loadout.mods),
            dim=loadout.dim,
        )


def without_instances(build: Build) -> Build:
    """Return the build without anything that identifies its owner's items."""
    items = tuple(replace(one, instance_id=None, crafted_at=None) for one in build.items)
    return replace(build, items=items)
