"""Loadouts while they are built: what a form says, and what one can start from."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from django.http import QueryDict

from destiny.loadouts.build import ANY_CLASS, LARGEST_HASH, MOST_ITEMS, MOST_MODS, Build, BuildItem
from destiny.loadouts.slots import SLOTS
from destiny.loadouts.sockets import NO_SOCKETS, Json, Sockets
from destiny.models import Guardian, Item
from destiny.models.loadouts import LONGEST_NAME, LONGEST_NOTES

_VALUE = re.compile(r"([0-9]{1,10})-([0-9]{1,19})", re.ASCII)
_LARGEST_ID = 2**63 - 1
EMPTY = Build()


def value_of(item: BuildItem) -> str:
    """Return what the form sends for an item."""
    return f"{item.hash}-{item.instance_id or 0}"


def field_of(item: BuildItem, socket: int) -> str:
    """Return the form's name of a socket. It names the item: another one in the slot has none of its plugs."""
    return f"plug-{item.instance_id or item.hash}-{socket}"


def build_of(data: QueryDict, base: Build, sockets: Mapping[int, Sockets]) -> Build:
    """Return what the form says. What it does not show is as in `base`, such as what DIM's format has besides.

    `sockets` are those of the chosen items: of plugs that they can't have the form's are left out.
    """
    chosen = chosen_of(data, base)
    by_value = {value_of(one): one for one in base.items}
    extra = [by_value.get(value) or item_of(value) for value in data.getlist("extra")[:MOST_ITEMS]]
    mods = (_hash(text) for text in data.getlist("mod")[:MOST_MODS])
    return replace(
        base,
        name=_text(data.get("name", ""), LONGEST_NAME),
        notes=_text(data.get("notes", ""), LONGEST_NOTES),
        class_type=_class(data.get("class", "")),
        items=(
            *(replace(one, plugs=_plugs(data, one, sockets)) for one in chosen.values()),
            *(one for one in extra if one is not None),
        ),
        mods=tuple(one for one in mods if one is not None),
    )


def chosen_of(data: QueryDict, base: Build) -> dict[int, BuildItem]:
    """Return the item of each slot that the form has one for."""
    by_value = {value_of(one): one for one in base.items}
    values = {slot: data.get(f"slot-{slot}", "") for slot in SLOTS}
    items = {slot: by_value.get(value) or item_of(value) for slot, value in values.items()}
    return {slot: replace(one, is_worn=True) for slot, one in items.items() if one is not None}


def item_of(value: str) -> BuildItem | None:
    """Read what the form sends for an item; None if it is none."""
    found = _VALUE.fullmatch(value)
    hash_, instance = (int(one) for one in found.groups()) if found else (0, 0)
    if not 0 < hash_ <= LARGEST_HASH or instance > _LARGEST_ID:
        return None
    return BuildItem(hash_, instance or None)


def from_equipped(guardian: Guardian, worn: Iterable[Item], sockets: Mapping[int, Sockets]) -> Build:
    """Return what a guardian wears."""
    items = ((one, one.details.get("plugs", ())) for one in worn if one.bucket_hash in SLOTS)
    return _built(guardian, items, sockets)


def from_game(guardian: Guardian, loadout: Json, items: Iterable[Item], sockets: Mapping[int, Sockets]) -> Build:
    """Return one of the game's loadouts; without items that the player no longer has."""
    owned = {one.instance_id: one for one in items}
    return _built(guardian, ((owned[key], plugs) for key, plugs in loadout["items"] if key in owned), sockets)


def _built(guardian: Guardian, items: Iterable[tuple[Item, Sequence[int]]], sockets: Mapping[int, Sockets]) -> Build:
    """Return a build with the plugs of those sockets that have a choice: the others are what the items are."""
    built = []
    for item, plugs in items:
        places = {one.place: one.options for one in sockets.get(item.instance_id or 0, NO_SOCKETS).choices}
        chosen = {place: plug for place, plug in enumerate(plugs) if plug in places.get(place, ())}
        built.append(BuildItem(item.item_hash, item.instance_id, chosen))
    return Build(class_type=guardian.class_type, items=tuple(built))


def _plugs(data: QueryDict, item: BuildItem, sockets: Mapping[int, Sockets]) -> dict[int, int]:
    """Return the plugs that the form sets, besides those of sockets that it does not show."""
    shown = {one.place: one.options for one in sockets.get(item.instance_id or 0, NO_SOCKETS).choices}
    plugs = {socket: plug for socket, plug in item.plugs.items() if socket not in shown}
    for place, options in shown.items():
        plug = _hash(data.get(field_of(item, place), ""))
        if plug is not None and plug in options:
            plugs[place] = plug
    return plugs


def _hash(text: str) -> int | None:
    is_number = text.isascii() and text.isdecimal() and len(text) <= 10
    return int(text) if is_number and 0 < int(text) <= LARGEST_HASH else None


def _class(text: str) -> int:
    return int(text) if text in {"0", "1", "2"} else ANY_CLASS


def _text(text: str, most: int) -> str:
    return text.replace("\0", "").replace("\r\n", "\n").strip()[:most]
