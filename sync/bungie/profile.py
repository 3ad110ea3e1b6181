"""GetProfile as frozen dataclasses: characters, items and loadouts of one membership.

The answer consists of components. Each can come without data: private to the caller, switched off by Bungie, or
simply missing, which says nothing about what the person owns.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sync.bungie.components import Component, by_id, component
from sync.bungie.fields import (
    LARGEST_HASH,
    as_id,
    enum_of,
    flag,
    hash_of,
    id_of,
    moment,
    optional_enum,
    optional_id,
    shown,
)
from sync.engine.errors import PayloadError
from sync.engine.fields import (
    LARGEST_SMALL,
    Entries,
    Json,
    as_object,
    list_of,
    optional_number,
    part,
    required,
)

# Profiles, ProfileInventories, ProfileCurrencies, Characters, CharacterInventories, CharacterActivities,
# CharacterEquipment, CharacterLoadouts, ItemInstances, ItemStats, ItemSockets, ItemReusablePlugs. The last four come
# only with the inventories.
COMPONENTS = (100, 102, 103, 200, 201, 204, 205, 206, 300, 304, 305, 310)
# Bungie's hash for "nothing chosen": an unset plug, an empty loadout.
UNSET = 2166136261
MOST_CHARACTERS = 20
MOST_LOADOUTS = 100
MOST_SOCKETS = 100
LARGEST_QUANTITY = 2**31 - 1
LONGEST_PATH = 200


@dataclass(frozen=True, slots=True)
class Guardian:
    """A character. `stats` are values by hash."""

    id: int
    class_type: int
    race_type: int
    gender_type: int
    light: int
    stats: Mapping[str, int]
    emblem_hash: int
    emblem_path: str
    background_path: str
    title_hash: int | None
    minutes_played: int
    last_played_at: datetime | None

    @classmethod
    def from_json(cls, json: Json) -> "Guardian":
        return cls(
            id=id_of(json, "characterId"),
            class_type=enum_of(json, "classType"),
            race_type=optional_enum(json, "raceType"),
            gender_type=optional_enum(json, "genderType"),
            light=optional_number(json, "light", LARGEST_SMALL) or 0,
            stats=_numbers(json.get("stats") or {}, "stats"),
            emblem_hash=hash_of(json, "emblemHash") if json.get("emblemHash") is not None else 0,
            emblem_path=shown(json, "emblemPath", LONGEST_PATH),
            background_path=shown(json, "emblemBackgroundPath", LONGEST_PATH),
            title_hash=hash_of(json, "titleRecordHash") if json.get("titleRecordHash") is not None else None,
            minutes_played=min(optional_id(json, "minutesPlayedTotal") or 0, LARGEST_QUANTITY),
            last_played_at=moment(json, "dateLastPlayed"),
        )


@dataclass(frozen=True, slots=True)
class Activity:
    """A character's activity: 0 in orbit, and while nobody plays it."""

    hash: int
    started_at: datetime | None

    @classmethod
    def from_json(cls, json: Json) -> "Activity":
        return cls(hash_of(json, "currentActivityHash"), moment(json, "dateActivityStarted"))


@dataclass(frozen=True, slots=True)
class Item:
    """An item, or a stack of those that have no `instance_id`. `bucket_hash` is where it lies, not its own slot."""

    hash: int
    instance_id: int | None
    quantity: int
    bucket_hash: int
    location: int
    state: int
    transfer_status: int
    is_lockable: bool
    expires_at: datetime | None

    @classmethod
    def from_json(cls, json: Json) -> "Item":
        quantity = optional_number(json, "quantity", LARGEST_QUANTITY)
        return cls(
            hash=hash_of(json, "itemHash"),
            # Some items without one have the id 0.
            instance_id=optional_id(json, "itemInstanceId") or None,
            quantity=1 if quantity is None else quantity,
            bucket_hash=hash_of(json, "bucketHash"),
            location=optional_enum(json, "location"),
            state=optional_enum(json, "state"),
            transfer_status=optional_enum(json, "transferStatus"),
            is_lockable=flag(json, "lockable"),
            expires_at=moment(json, "expirationDate"),
        )


@dataclass(frozen=True, slots=True)
class Instance:
    """Properties of one instance: power, damage type, and the energy of armor as (capacity, used)."""

    power: int | None
    damage_type: int
    energy: tuple[int, int] | None

    @classmethod
    def from_json(cls, json: Json) -> "Instance":
        primary, energy = json.get("primaryStat"), json.get("energy")
        return cls(
            power=_limited(enum_of(as_object(primary, "primaryStat"), "value")) if primary is not None else None,
            damage_type=optional_enum(json, "damageType"),
            energy=_energy(as_object(energy, "energy")) if energy is not None else None,
        )


def _limited(value: int) -> int:
    if not 0 <= value <= LARGEST_SMALL:
        raise PayloadError("primaryStat is not a small number")
    return value


def _energy(json: Json) -> tuple[int, int]:
    return optional_enum(json, "energyCapacity"), optional_enum(json, "energyUsed")


@dataclass(frozen=True, slots=True)
class LoadoutItem:
    """An item of a loadout, with the plug of each of its sockets; UNSET where there is nothing to choose."""

    instance_id: int
    plugs: tuple[int, ...]

    @classmethod
    def from_json(cls, json: Json) -> "LoadoutItem":
        return cls(id_of(json, "itemInstanceId"), _hashes(list_of(json, "plugItemHashes", optional=True)))


@dataclass(frozen=True, slots=True)
class Loadout:
    """One of the game's own loadouts; its number is its place in the list."""

    name_hash: int
    icon_hash: int
    color_hash: int
    items: Entries[LoadoutItem]

    @property
    def is_empty(self) -> bool:
        return not any(one.instance_id for one in self.items)

    @classmethod
    def from_json(cls, json: Json) -> "Loadout":
        return cls(
            name_hash=hash_of(json, "nameHash"),
            icon_hash=hash_of(json, "iconHash"),
            color_hash=hash_of(json, "colorHash"),
            items=Entries.read(list_of(json, "items", optional=True), LoadoutItem.from_json, "items of a loadout"),
        )


@dataclass(frozen=True, slots=True)
class ItemDetails:
    """The components of items by instance id: only what came, so a missing item says nothing."""

    instances: Component[Mapping[int, Instance]]
    stats: Component[Mapping[int, Mapping[str, int]]]
    plugs: Component[Mapping[int, tuple[int, ...]]]
    options: Component[Mapping[int, Mapping[str, tuple[int, ...]]]]


@dataclass(frozen=True, slots=True)
class Profile:
    """Everything that the product reads of a membership, as of `minted_at`. Bungie may have kept it for a minute.

    `vault` also has what the whole account carries: consumables and mods. `carried` includes the postmaster. Parts of
    characters are by character id.
    """

    minted_at: datetime | None
    last_played_at: datetime | None
    guardians: Component[Mapping[int, Guardian]]
    activities: Component[Mapping[int, Activity]]
    loadouts: Component[Mapping[int, Entries[Loadout]]]
    vault: Component[Entries[Item]]
    currencies: Component[Entries[Item]]
    carried: Component[Mapping[int, Entries[Item]]]
    equipped: Component[Mapping[int, Entries[Item]]]
    details: ItemDetails = field(repr=False)

    @property
    def unreadable(self) -> int:
        """Return how many items were malformed and left out."""
        held = (*self.carried.data.values(), *self.equipped.data.values())
        return sum(one.unreadable for one in (self.vault.data, self.currencies.data, *held))

    @classmethod
    def from_json(cls, json: Json) -> "Profile":
        account = component(json, "profile", lambda data: moment(data, "dateLastPlayed"), None)
        items: Json = json.get("itemComponents") or {}
        as_object(items, "itemComponents")
        return cls(
            minted_at=moment(json, "responseMintedTimestamp"),
            last_played_at=account.data,
            guardians=by_id(json, "characters", Guardian.from_json, most=MOST_CHARACTERS),
            activities=by_id(json, "characterActivities", Activity.from_json, most=MOST_CHARACTERS),
            loadouts=by_id(json, "characterLoadouts", _loadouts, most=MOST_CHARACTERS),
            vault=component(json, "profileInventory", _items, Entries()),
            currencies=component(json, "profileCurrencies", _items, Entries()),
            carried=by_id(json, "characterInventories", _items, most=MOST_CHARACTERS),
            equipped=by_id(json, "characterEquipment", _items, most=MOST_CHARACTERS),
            details=ItemDetails(
                instances=by_id(items, "instances", Instance.from_json),
                stats=by_id(items, "stats", _stats),
                plugs=by_id(items, "sockets", _sockets),
                options=by_id(items, "reusablePlugs", _options),
            ),
        )


# --- components -------------------------------------------------------------------------------------------------------


def _items(data: Json) -> Entries[Item]:
    return Entries.read(list_of(data, "items"), Item.from_json, "items")


def _loadouts(data: Json) -> Entries[Loadout]:
    loadouts = list_of(data, "loadouts")
    if len(loadouts) > MOST_LOADOUTS:
        raise PayloadError(f"{len(loadouts)} loadouts, more than {MOST_LOADOUTS}")
    # A malformed one cannot be left out: the place in the list is its number.
    return Entries([Loadout.from_json(as_object(one, "loadouts[]")) for one in loadouts])


def _stats(data: Json) -> Mapping[str, int]:
    stats = part(data, "stats")
    return _numbers({key: part(stats, key).get("value") for key in stats}, "stats")


def _numbers(values: Any, name: str) -> Mapping[str, int]:
    """Return numbers by hash, the hash as text. They can be negative."""
    found = as_object(values, name)
    if len(found) > MOST_SOCKETS:
        raise PayloadError(f"{name} has {len(found)} entries")
    return {str(_as_hash(key)): enum_of(found, key) for key in found}


def _sockets(data: Json) -> tuple[int, ...]:
    """Return the plug of each socket; 0 for an empty one."""
    sockets = _few(list_of(data, "sockets"))
    return tuple(_plug(as_object(one, "sockets[]")) for one in sockets)


def _plug(socket: Json) -> int:
    return 0 if socket.get("plugHash") is None else hash_of(socket, "plugHash")


def _options(data: Json) -> Mapping[str, tuple[int, ...]]:
    """Return the plugs that sockets offer, by socket. Those that can't be chosen now are among them."""
    plugs = part(data, "plugs")
    _few(list(plugs))
    return {str(_as_hash(place)): _offered(plugs, place) for place in plugs}


def _offered(plugs: Json, place: str) -> tuple[int, ...]:
    return tuple(hash_of(as_object(one, "plugs[]"), "plugItemHash") for one in _few(list_of(plugs, place)))


def _hashes(values: list[Any]) -> tuple[int, ...]:
    return tuple(hash_of({"hash": one}, "hash") for one in _few(values))


def _few(values: list[Any]) -> list[Any]:
    if len(values) > MOST_SOCKETS:
        raise PayloadError(f"{len(values)} sockets or plugs, more than {MOST_SOCKETS}")
    return values


def _as_hash(key: Any) -> int:
    found = as_id(required(str, {"key": key}, "key"), "hash")
    if found > LARGEST_HASH:
        raise PayloadError("a key is not a hash")
    return found
