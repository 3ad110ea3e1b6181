"""The manifest's index and its content files."""

import io
import json
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from sandbox.bungie.content import Edition
from sandbox.bungie.world.build import build_definitions
from sandbox.bungie.world.text import encode
from tests.sandbox.bungie import BungieClient
from tests.sandbox.client import Launch

ITEMS = "DestinyInventoryItemDefinition"
# Keys whose values are hashes of rows in a table.
REFERENCES = {
    "itemHash": "InventoryItem", "plugItemHash": "InventoryItem", "singleInitialItemHash": "InventoryItem",
    "perkHash": "SandboxPerk", "sandboxPerkHash": "SandboxPerk", "statHash": "Stat", "statTypeHash": "Stat",
    "statGroupHash": "StatGroup", "socketTypeHash": "SocketType", "socketCategoryHash": "SocketCategory",
    "bucketTypeHash": "InventoryBucket", "collectibleHash": "Collectible", "reusablePlugSetHash": "PlugSet",
    "randomizedPlugSetHash": "PlugSet", "tierTypeHash": "ItemTierType", "defaultDamageTypeHash": "DamageType",
    "loreHash": "Lore", "equipmentSlotTypeHash": "EquipmentSlot", "challengeObjectiveHash": "Objective",
    "conceptualActivityHash": "Activity", "vendorGroupHash": "VendorGroup", "breakerTypeHash": "BreakerType",
    "powerCapHash": "PowerCap", "energyTypeHash": "EnergyType", "primaryBaseStatHash": "Stat",
    "activityTypeHash": "ActivityType",
    "directActivityModeHash": "ActivityMode", "inventoryBucketHash": "InventoryBucket",
}  # fmt: skip


def index(bungie: BungieClient) -> Any:
    return bungie.read("Destiny2/Manifest/")


def database(body: bytes, path: Path) -> sqlite3.Connection:
    """Open the only file of an archive."""
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        (member,) = archive.namelist()
        path.write_bytes(archive.read(member))
    return sqlite3.connect(path)


def test_the_index_names_files_in_all_languages(bungie: BungieClient) -> None:
    found = index(bungie)
    assert len(found["mobileWorldContentPaths"]) == len(found["jsonWorldContentPaths"]) == 13
    path = found["jsonWorldComponentContentPaths"]["fr"]["DestinyClassDefinition"]
    assert path.startswith("/common/destiny2_content/json/fr/DestinyClassDefinition-")
    classes = bungie.client.get(path).json()
    assert {row["displayProperties"]["name"] for row in classes.values()} == {"Titan", "Chasseur", "Arcaniste"}


def test_a_content_file_is_an_archive_of_one_database_with_signed_ids(bungie: BungieClient, tmp_path: Path) -> None:
    path = index(bungie)["mobileWorldContentPaths"]["en"]
    body = bungie.client.get(path).content
    assert zipfile.ZipFile(io.BytesIO(body)).namelist() == [path.rpartition("/")[2]]
    with closing(database(body, tmp_path / "world")) as connection:
        rows = connection.execute(f"SELECT id, json FROM {ITEMS}").fetchall()
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        stats = connection.execute("SELECT key FROM DestinyHistoricalStatsDefinition").fetchall()
    assert 2_900 <= len(rows) <= 3_300
    assert all(json.loads(text)["hash"] == number & 0xFFFFFFFF for number, text in rows)
    assert min(number for number, _ in rows) < 0 < max(number for number, _ in rows)
    assert ("kills",) in stats


def test_tables_and_database_have_the_same_rows(bungie: BungieClient, tmp_path: Path) -> None:
    found = index(bungie)
    table = bungie.client.get(found["jsonWorldComponentContentPaths"]["en"][ITEMS]).json()
    everything = bungie.client.get(found["jsonWorldContentPaths"]["en"]).json()
    assert everything[ITEMS] == table
    with closing(
        database(bungie.client.get(found["mobileWorldContentPaths"]["en"]).content, tmp_path / "db")
    ) as opened:
        rows = {str(number & 0xFFFFFFFF): json.loads(text) for number, text in opened.execute(f"SELECT * FROM {ITEMS}")}
    assert rows == table


def test_a_single_definition_can_be_asked_for(bungie: BungieClient) -> None:
    path = f"Destiny2/Manifest/{ITEMS}/3159615086/"
    assert bungie.read(path)["displayProperties"]["name"] == "Glimmer"
    assert bungie.read(f"{path}?lc=fr")["displayProperties"]["name"] == "Lumen"
    assert bungie.get(f"Destiny2/Manifest/{ITEMS}/1/").json()["ErrorCode"] == 21


def test_content_needs_no_key_and_is_not_limited(launch: Launch) -> None:
    bungie = BungieClient(launch("--members", "60", "--bungie-rate-per-10-seconds", "1"))
    path = index(bungie)["jsonWorldComponentContentPaths"]["en"]["DestinyClassDefinition"]
    assert [bungie.client.get(path).status_code for _ in range(3)] == [200] * 3


def test_a_new_edition_has_other_paths_and_more_items(bungie: BungieClient) -> None:
    before = index(bungie)
    bungie.control("content/edition", {})
    after = index(bungie)
    old_path, new_path = (one["jsonWorldComponentContentPaths"]["en"][ITEMS] for one in (before, after))
    assert before["version"] != after["version"]
    old, new = (bungie.client.get(path).json() for path in (old_path, new_path))
    assert len(new) == len(old) + 10
    assert new.items() >= old.items()


def test_files_can_change_although_the_version_stays(bungie: BungieClient) -> None:
    before = index(bungie)
    bungie.control("content/edition", {"same_version": True})
    after = index(bungie)
    assert before["version"] == after["version"]
    assert before["mobileWorldContentPaths"]["en"] != after["mobileWorldContentPaths"]["en"]
    glimmer = bungie.client.get(after["jsonWorldComponentContentPaths"]["en"][ITEMS]).json()["3159615086"]
    assert glimmer["displayProperties"]["description"] == "Revision 1"


def test_content_files_break_on_demand(bungie: BungieClient, tmp_path: Path) -> None:
    path = index(bungie)["mobileWorldContentPaths"]["en"]
    whole = bungie.client.get(path).content

    def broken(fault: str) -> Any:
        bungie.control("content/fault", {"fault": fault, "times": 1})
        return bungie.client.get(path)

    assert broken("html").headers["Content-Type"].startswith("text/html")
    assert broken("not_found").status_code == 404
    assert broken("truncated").content == whole[: len(whole) // 2]
    assert len(broken("garbled").content) == len(whole)
    assert zipfile.ZipFile(io.BytesIO(bungie.client.get(path).content)).testzip() is None
    for fault, query in (("wrong_database", "PRAGMA integrity_check"), ("missing_table", f"SELECT * FROM {ITEMS}")):
        with closing(database(broken(fault).content, tmp_path / fault)) as opened, pytest.raises(sqlite3.Error):
            opened.execute(query)
    assert bungie.client.get(path).content == whole


def test_built_files_are_kept_in_the_folder(launch: Launch, tmp_path: Path) -> None:
    first = BungieClient(launch("--members", "60", "--folder", str(tmp_path)))
    path = index(first)["mobileWorldContentPaths"]["fr"]
    body = first.client.get(path).content
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(b"from the folder")
    second = BungieClient(launch("--members", "60", "--folder", str(tmp_path)))
    assert index(second)["mobileWorldContentPaths"]["fr"] == path
    assert second.client.get(path).content == b"from the folder" != body


def test_a_seed_always_makes_the_same_world() -> None:
    first, second, other = (build_definitions.__wrapped__(seed) for seed in (1, 1, 2))
    assert first.tables == second.tables
    assert first.tables != other.tables


def test_every_reference_leads_to_a_row() -> None:
    tables = Edition(1, 2).definitions.tables
    lost = {
        (key, number)
        for rows in tables.values()
        for key, number in references(list(rows.values()))
        if number and number not in tables[REFERENCES[key]]
    }
    assert lost == set()


def references(value: Any) -> Iterator[tuple[str, int]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in REFERENCES:
                yield key, inner
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def test_names_are_in_the_language_of_the_file_and_unique() -> None:
    items = Edition(1, 0).definitions.tables["InventoryItem"].values()
    weapons = [json.loads(encode(one, "fr")) for one in items if one["itemType"] == 3]
    names = [one["displayProperties"]["name"] for one in weapons]
    assert len(set(names)) == len(names)
    assert all(" de " in name or " d'" in name for name in names)
    assert {"Revolver exotique"} <= {one["itemTypeAndTierDisplayName"] for one in weapons}


def test_a_huge_edition_is_as_large_as_asked_for(bungie: BungieClient, tmp_path: Path) -> None:
    before = index(bungie)["mobileWorldContentPaths"]["en"]
    size = len(bungie.client.get(before).content)
    bungie.control("content/huge", {"megabytes": 20})
    path = index(bungie)["mobileWorldContentPaths"]["en"]
    with closing(database(bungie.client.get(path).content, tmp_path / "db")) as opened:
        (rows,) = opened.execute(f"SELECT count(*) FROM {ITEMS}").fetchone()
    assert (tmp_path / "db").stat().st_size >= 20_000_000
    assert rows > 3_500
    assert len(bungie.client.get(before).content) == size
