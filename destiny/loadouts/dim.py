"""Loadouts in the format of Destiny Item Manager (DIM), read and written.

The format is that of DIM's own server and of its links, as far as recorded examples show it. What the site has no use
for, such as constraints of DIM's optimizer, is checked, kept and written again; keys that are not listed here are left
out. Everything read comes from strangers: types, sizes and counts are bounded.
"""

import json
from collections.abc import Mapping
from typing import Annotated, Any, TypeAlias
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError
from pydantic.alias_generators import to_camel

from destiny.loadouts.build import LARGEST_HASH, MOST_ITEMS, MOST_MODS, MOST_SOCKETS, Build, BuildItem
from destiny.models.loadouts import LONGEST_NAME, LONGEST_NOTES, Loadout

LARGEST_FILE = 1_000_000
MOST_LOADOUTS = 200
_LARGEST_ID, _LARGEST_NUMBER = 2**63 - 1, 2**53 - 1
_FIRST_DESTINY = 1

Hash: TypeAlias = Annotated[int, Field(ge=0, le=LARGEST_HASH)]
Number: TypeAlias = Annotated[int, Field(ge=0, le=_LARGEST_NUMBER)]
Digits: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,19}$")]
# Keys of JSON objects are texts.
HashKey: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,10}$")]
# PostgreSQL stores no NUL. Half of a surrogate pair is no text for pydantic.
Text: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$", max_length=10_000)]
Mods: TypeAlias = Annotated[list[Hash], Field(max_length=MOST_MODS)]


class NotDim(Exception):
    """The text is no loadout of DIM's format. `where` is the place of the first mistake, or empty."""

    def __init__(self, where: str = "") -> None:
        super().__init__(where)
        self.where = where


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", alias_generator=to_camel)


class _Item(_Strict):
    id: Digits | None = None
    hash: Hash
    amount: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = None
    socket_overrides: Annotated[dict[HashKey, Hash], Field(max_length=MOST_SOCKETS)] | None = None
    crafted_date: Number | None = None


class _StatConstraint(_Strict):
    stat_hash: Hash
    min_tier: Number | None = None
    max_tier: Number | None = None
    min_stat: Number | None = None
    max_stat: Number | None = None


class _ArtifactUnlocks(_Strict):
    unlocked_item_hashes: Mods
    season_number: Number


class _GameIdentifiers(_Strict):
    color_hash: Hash
    icon_hash: Hash
    name_hash: Hash


class _Parameters(_Strict):
    mods: Mods | None = None
    mods_by_bucket: Annotated[dict[HashKey, Mods], Field(max_length=20)] | None = None
    stat_constraints: Annotated[list[_StatConstraint], Field(max_length=20)] | None = None
    artifact_unlocks: _ArtifactUnlocks | None = None
    in_game_identifiers: _GameIdentifiers | None = None
    exotic_armor_hash: Annotated[int, Field(ge=-LARGEST_HASH, le=LARGEST_HASH)] | None = None
    assume_armor_masterwork: Number | None = None
    lock_armor_energy_type: Number | None = None
    auto_stat_mods: bool | None = None
    include_runtime_stat_benefits: bool | None = None
    clear_mods: bool | None = None
    clear_armor: bool | None = None
    clear_weapons: bool | None = None
    query: Text | None = None


class _Loadout(_Strict):
    name: Text
    notes: Text | None = None
    class_type: Annotated[int, Field(ge=0, le=3)] = 3
    clear_space: bool = False
    equipped: Annotated[list[_Item], Field(max_length=MOST_ITEMS)] = []
    unequipped: Annotated[list[_Item], Field(max_length=MOST_ITEMS)] = []
    parameters: _Parameters | None = None


_ADAPTER = TypeAdapter(list[_Loadout])


def read(text: str) -> list[Build]:
    """Read a loadout, a list of them, DIM's backup file or a link of DIM's. Raises NotDim."""
    if len(text) > LARGEST_FILE:
        raise NotDim
    try:
        listed = _listed(json.loads(_json_in(text.strip())))
        if not 0 < len(listed) <= MOST_LOADOUTS:
            raise NotDim
        return [_build(one) for one in _ADAPTER.validate_python(listed)]
    except ValidationError as error:
        raise NotDim(".".join(map(str, error.errors(include_url=False)[0]["loc"]))) from None
    except (ValueError, RecursionError):
        raise NotDim from None


def document_of(loadout: Loadout) -> dict[str, Any]:
    """Return a stored loadout as DIM has it."""
    created, changed = loadout.created_at.timestamp(), loadout.updated_at.timestamp()
    return write(Build.of(loadout), loadout.pk, created_at=created, changed_at=changed)


def write(build: Build, key: UUID, *, created_at: float, changed_at: float) -> dict[str, Any]:
    """Return a loadout as DIM has it; times in seconds."""
    extra = dict(build.dim)
    parameters = extra.pop("parameters", {}) | ({"mods": list(build.mods)} if build.mods else {})
    document = {
        "id": str(key),
        "name": build.name,
        "classType": build.class_type,
        "clearSpace": extra.get("clearSpace", False),
        "equipped": [_written(one) for one in build.items if one.is_worn],
        "unequipped": [_written(one) for one in build.items if not one.is_worn],
        "createdAt": int(created_at * 1000),
        "lastUpdatedAt": int(changed_at * 1000),
    }
    optional = {"notes": build.notes, "parameters": parameters}
    return document | {key: value for key, value in optional.items() if value}


def _json_in(text: str) -> str:
    """Return the JSON of a link of DIM's, which is in its query; anything else as it is."""
    if not text.startswith("https://"):
        return text
    found = parse_qs(urlsplit(text).query, max_num_fields=20).get("loadout")
    if not found:
        raise NotDim
    return found[0]


def _listed(content: Any) -> list[Any]:
    """Return the loadouts: of the answer of DIM's server, of its backup file, where each is in an object, or alone."""
    if isinstance(content, dict) and isinstance(content.get("loadouts"), list):
        content = content["loadouts"]
    found = content if isinstance(content, list) else [content]
    # Loadouts of the first Destiny are left out.
    return [one.get("loadout", one) if isinstance(one, dict) else one for one in found if not _is_first_destiny(one)]


def _is_first_destiny(entry: Any) -> bool:
    return isinstance(entry, dict) and entry.get("destinyVersion") == _FIRST_DESTINY


def _build(read: _Loadout) -> Build:
    parameters = read.parameters.model_dump(exclude_unset=True, by_alias=True) if read.parameters else {}
    mods = parameters.pop("mods", None) or []
    kept: dict[str, Any] = {"clearSpace": True} if read.clear_space else {}
    worn = [_item(one, is_worn=True) for one in read.equipped]
    return Build(
        name=read.name.strip()[:LONGEST_NAME].strip() or "Loadout",
        notes=(read.notes or "")[:LONGEST_NOTES],
        class_type=read.class_type,
        items=(*worn, *(_item(one, is_worn=False) for one in read.unequipped)),
        mods=tuple(mods),
        dim=kept | ({"parameters": parameters} if parameters else {}),
    )


def _item(read: _Item, *, is_worn: bool) -> BuildItem:
    # Zero is DIM's and Bungie's id of what has none; a larger number than an id can be is none of ours.
    number = int(read.id or 0)
    return BuildItem(
        hash=read.hash,
        instance_id=number if 0 < number <= _LARGEST_ID else None,
        plugs={int(socket): plug for socket, plug in (read.socket_overrides or {}).items()},
        is_worn=is_worn,
        amount=1 if read.amount is None else read.amount,
        crafted_at=read.crafted_date,
    )


def _written(item: BuildItem) -> Mapping[str, Any]:
    document: dict[str, Any] = {"id": str(item.instance_id or 0), "hash": item.hash}
    if item.amount != 1:
        document["amount"] = item.amount
    if item.plugs:
        document["socketOverrides"] = {str(socket): plug for socket, plug in item.plugs.items()}
    if item.crafted_at is not None:
        document["craftedDate"] = item.crafted_at
    return document
