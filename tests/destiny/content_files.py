"""Small content files of the manifest, made as Bungie makes them."""

import io
import json
import sqlite3
import zipfile
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from destiny.manifest.hashes import signed

ITEMS = "DestinyInventoryItemDefinition"
BUCKETS = "DestinyInventoryBucketDefinition"
STATISTICS = "DestinyHistoricalStatsDefinition"
KINETIC = 1498876634
VESPER, THORN_CROWN, GLASS_MOTH = 3211806999, 347366834, 2**32 - 1
NAMES = {
    "en": {VESPER: "Vesper's Oath", THORN_CROWN: "Thorn Crown", GLASS_MOTH: "Glass Moth"},
    "fr": {VESPER: "Serment de l'Éventail", THORN_CROWN: "Couronne d'épines", GLASS_MOTH: "Papillon de verre"},
}
# What every edition must have besides items and buckets, with the name of the only definition.
OTHERS = {
    "DestinyClassDefinition": "Warden",
    "DestinyRaceDefinition": "Exile",
    "DestinyGenderDefinition": "Any",
    "DestinySandboxPerkDefinition": "Steady hands",
    "DestinyStatDefinition": "Reach",
    "DestinyVendorDefinition": "Quartermaster Ilse",
}
Tables = dict[str, dict[int | str, Any]]


def named(name: str, **more: Any) -> dict[str, Any]:
    """Return the JSON of a definition with a name, but without its hash."""
    return {"displayProperties": {"name": name, "description": "", "hasIcon": False}, **more}


def tables(language: str = "en", edition: str = "") -> Tables:
    """Return a small manifest: definitions by table and unsigned hash. `edition` is added to each name."""
    items: dict[int | str, Any] = {
        key: named(f"{name} {edition}".strip(), itemTypeDisplayName="Bow", inventory={"bucketTypeHash": KINETIC})
        for key, name in NAMES[language].items()
    }
    some: Tables = {ITEMS: items, BUCKETS: {KINETIC: named("Kinetic weapons")}}
    some |= {table: {10_000 + number: named(name)} for number, (table, name) in enumerate(OTHERS.items())}
    return some | {STATISTICS: {"activitiesCleared": {"statId": "activitiesCleared", "statName": "Activities cleared"}}}


def database_of(path: Path, content: Mapping[str, Mapping[int | str, Any]]) -> Path:
    """Write the SQLite file: signed ids, JSON with the unsigned hash. A value of bytes is written as it is."""
    with closing(sqlite3.connect(path)) as database, database:
        for table, rows in content.items():
            is_keyed_by_text = any(isinstance(key, str) for key in rows)
            column = "key TEXT" if is_keyed_by_text else "id INTEGER"
            database.execute(f"CREATE TABLE {table} ({column} PRIMARY KEY NOT NULL, json BLOB)")
            database.executemany(f"INSERT INTO {table} VALUES (?, ?)", [_row(*row) for row in rows.items()])
    return path


def zip_of(database: Path) -> bytes:
    """Return the content file: a ZIP with the database as its only member."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(database, "world_sql_content_0123456789abcdef.content")
    return target.getvalue()


def content_of(folder: Path, content: Mapping[str, Mapping[int | str, Any]]) -> bytes:
    """Return the content file of these tables."""
    path = folder / "content.sqlite3"
    path.unlink(missing_ok=True)
    return zip_of(database_of(path, content))


def _row(key: int | str, value: Any) -> tuple[int | str, bytes]:
    if isinstance(key, str):
        return key, value if isinstance(value, bytes) else json.dumps(value).encode()
    body = value if isinstance(value, bytes) else json.dumps({"hash": key, **value}, ensure_ascii=False).encode()
    return signed(key), body
