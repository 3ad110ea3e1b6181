"""The builder's form: for each slot the chosen item, what else there is, and the plugs of its sockets."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet
from django.http import QueryDict

from destiny.loadouts.build import UNSET, Build, BuildItem
from destiny.loadouts.drafts import field_of, value_of
from destiny.loadouts.energy import Energy, energy_of
from destiny.loadouts.gear import Gear, gear_by_slot, matching
from destiny.loadouts.slots import SLOTS, slot_names
from destiny.loadouts.sockets import NO_SOCKETS, Sockets, sockets_of
from destiny.manifest.items import ItemDefinition
from destiny.manifest.readers import Manifest
from destiny.models import Guardian, Item

# Without a search, and with one. More would make pages long; another word finds the rest.
MOST_OFFERED, MOST_FOUND = 6, 24
LONGEST_SEARCH = 60


@dataclass(frozen=True, slots=True)
class Choice:
    """A radio button: an item that the slot can have."""

    value: str
    name: str
    detail: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class PlugField:
    """A select: the plugs of one socket as (hash, name, is chosen), hashes as text for the form."""

    field: str
    label: str
    plugs: list[tuple[str, str, bool]]


@dataclass(frozen=True, slots=True)
class SlotField:
    """A slot with what it can have. `more` says how many are not listed."""

    slot: str
    name: str
    chosen: Choice | None
    choices: list[Choice]
    more: int
    query: str
    sockets: list[PlugField]
    energy: Energy | None


@dataclass(frozen=True, slots=True)
class Shelf:
    """Everything that a player can build with, read once for a page."""

    manifest: Manifest
    guardians: list[Guardian]
    gear: Mapping[int, list[Gear]]
    items: "QuerySet[Item]"

    def sockets(self, chosen: Iterable[BuildItem]) -> dict[int, Sockets]:
        """Return the sockets of these items by instance id, of those that the player has."""
        instances = [one.instance_id for one in chosen if one.instance_id is not None]
        return sockets_of(self.manifest, list(self.items.filter(instance_id__in=instances)))


def shelf_of(items: "QuerySet[Item]", guardians: Iterable[Guardian], manifest: Manifest) -> Shelf:
    """Read what a player can build with."""
    listed = list(guardians)
    return Shelf(manifest, listed, gear_by_slot(items, listed, manifest), items)


def too_costly(
    build: Build, sockets: Mapping[int, Sockets], definitions: Mapping[int, ItemDefinition]
) -> Iterator[tuple[str, Energy]]:
    """Yield the name and energy of each worn piece whose plugs cost more than it has."""
    for item in build.items:
        energy = _energy(item, sockets, definitions)
        if item.is_worn and item.hash in definitions and energy is not None and energy.is_exceeded:
            yield definitions[item.hash].name, energy


def slot_fields(build: Build, shelf: Shelf, sockets: Mapping[int, Sockets], searches: QueryDict) -> list[SlotField]:
    """Return the form's slots. Plugs of all items are named by one statement."""
    definitions = shelf.manifest.items({one.hash for one in build.items})
    chosen = {definitions[one.hash].bucket_hash: one for one in build.items if one.is_worn and one.hash in definitions}
    plugs = {plug for listed in sockets.values() for one in listed.choices for plug in one.options}
    known = shelf.manifest.items(plugs | plugs_of(chosen.values(), sockets))
    names = {key: (one.name, one.type_name) for key, one in known.items()}
    near = {one.pk for one in shelf.guardians if one.class_type == build.class_type}
    fields = []
    for slot, name in slot_names(shelf.manifest, SLOTS).items():
        item, query = chosen.get(slot), searches.get(f"q-{slot}", "")[:LONGEST_SEARCH]
        fitting = matching(shelf.gear[slot], query, build.class_type)
        choices = [_choice(one) for one in _offered(fitting, near, query)]
        if item is not None:
            choices = _with_chosen(choices, item, shelf.gear[slot], definitions[item.hash].name)
        fields.append(
            SlotField(
                slot=str(slot),
                name=name,
                chosen=next((one for one in choices if one.is_chosen), None),
                choices=choices,
                more=max(0, len(fitting) - (MOST_FOUND if query else MOST_OFFERED)),
                query=query,
                sockets=list(_plug_fields(item, sockets, names)) if item is not None else [],
                energy=_energy(item, sockets, known) if item is not None else None,
            )
        )
    return fields


def plugs_of(items: Iterable[BuildItem], sockets: Mapping[int, Sockets]) -> set[int]:
    """Return the hashes of the items' chosen plugs, and of those that they have now."""
    chosen = {plug for one in items for plug in one.plugs.values()}
    return (chosen | {plug for one in sockets.values() for plug in one.plugs}) - {0, UNSET}


def _energy(
    item: BuildItem, sockets: Mapping[int, Sockets], definitions: Mapping[int, ItemDefinition]
) -> Energy | None:
    has = sockets.get(item.instance_id or 0, NO_SOCKETS)
    return energy_of(has.capacity, has.plugs, item.plugs, definitions)


def _offered(fitting: list[Gear], near: set[UUID], query: str) -> list[Gear]:
    """Return what a search found, or else what guardians of the class have, then the strongest of the others."""
    if query:
        return fitting[:MOST_FOUND]
    return sorted(fitting, key=lambda one: one.holder not in near)[:MOST_OFFERED]


def _choice(gear: Gear, *, is_chosen: bool = False) -> Choice:
    about = (gear.definition.tier_name, gear.definition.type_name, str(gear.power or ""), gear.where)
    return Choice(gear.value, gear.definition.name, " · ".join(one for one in about if one), is_chosen)


def _with_chosen(choices: list[Choice], item: BuildItem, gear: list[Gear], name: str) -> list[Choice]:
    """Put the chosen item first, also one that the player no longer has."""
    value = value_of(item)
    own = next((one for one in gear if one.value == value), None)
    first = _choice(own, is_chosen=True) if own is not None else Choice(value, name, "", is_chosen=True)
    return [first, *(one for one in choices if one.value != value)]


def _plug_fields(
    item: BuildItem, sockets: Mapping[int, Sockets], names: Mapping[int, tuple[str, str]]
) -> Iterator[PlugField]:
    for socket in sockets.get(item.instance_id or 0, NO_SOCKETS).choices:
        wanted = item.plugs.get(socket.place, 0)
        kinds = (names.get(one, ("", ""))[1] for one in (socket.plug, *socket.options))
        plugs = [(str(one), names.get(one, ("", ""))[0] or f"#{one}", one == wanted) for one in socket.options]
        yield PlugField(field_of(item, socket.place), next((one for one in kinds if one), ""), plugs)
