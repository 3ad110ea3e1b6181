"""Recorded answers about the manifest, and recorded definitions through the loader into the tables that pages read."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from destiny.manifest.hashes import unsigned
from destiny.manifest.models import Definition
from destiny.manifest.readers import open_manifest
from destiny.manifest.search import search
from sync.bungie.client import BungieClient
from sync.bungie.manifest import parse_index
from sync.destiny.provider import client_for
from sync.engine.errors import PayloadError
from sync.engine.rate_limiter import Lane
from tests.bungie_server import bungie_server, envelope
from tests.destiny.content_files import BUCKETS, ITEMS, Tables
from tests.destiny.editions import load_edition
from tests.recorded.bungie import read
from tests.request_state import forget_requests

LANGUAGES = ("en", "fr", "es", "es-mx", "de", "it", "ja", "pt-br", "ru", "pl", "ko", "zh-cht", "zh-chs")
# The table of each file; complete rows come after reduced ones of the same item, and replace them.
FILES = {
    "class-2026-06-30": "DestinyClassDefinition",
    "race-2026-06-30": "DestinyRaceDefinition",
    "gender-2026-06-30": "DestinyGenderDefinition",
    "inventory-bucket-2026-06-30": BUCKETS,
    "stat-2026-06-30": "DestinyStatDefinition",
    "stat-group-2026-06-30": "DestinyStatGroupDefinition",
    "sandbox-perk-2026-06-30": "DestinySandboxPerkDefinition",
    "plug-set-2025": "DestinyPlugSetDefinition",
    "socket-category-2025-12-26": "DestinySocketCategoryDefinition",
    "loadout-constants-2025-12-26": "DestinyLoadoutConstantsDefinition",
    "vendor-group-2025-12-26": "DestinyVendorGroupDefinition",
    "vendor-reduced-2025-03-31": "DestinyVendorDefinition",
    "milestone-2018-09-12": "DestinyMilestoneDefinition",
    "equipable-item-set-2026-06-12": "DestinyEquipableItemSetDefinition",
    "inventory-item-reduced-2026-07-15": ITEMS,
    "inventory-item-2023-10-29": ITEMS,
    "inventory-item-2026-06-12": ITEMS,
}
# Files with several tables, the newest last; and one with rows as SQLite has them.
SEVERAL = ("loadout-tables-2023-11-08", "loadout-tables-reduced-2026-07-15")
ROWS = "inventory-item-rows-2017-12-02"


@pytest.mark.parametrize("name", ["115651.23.05.10.1700-2", "244164.26.06.16.2053-2"])
@pytest.mark.django_db
def test_the_recorded_index_names_a_file_in_every_language(samples: Path, settings: Any, name: str) -> None:
    recorded = read(samples, f"manifest-response-{name}")
    with bungie_server(envelope(recorded)) as server:
        settings.DESTINY_ENABLED, settings.BUNGIE_URL = True, server.url
        forget_requests()
        client_for.cache_clear()
        client: BungieClient = client_for(Lane.INTERACTIVE)
        index = client.manifest(LANGUAGES)
        client_for.cache_clear()
    assert index.version == recorded["version"]
    assert index.version.startswith(name)
    assert index.paths == recorded["mobileWorldContentPaths"]
    with pytest.raises(PayloadError, match="language tlh"):
        parse_index(recorded, ("tlh",))


def recorded_tables(samples: Path) -> Tables:
    """Return the definitions of all files by table and unsigned hash."""
    folder, found = samples / "definitions", dict[str, dict[int | str, Any]]()
    old = read(folder, ROWS)[ITEMS]
    found[ITEMS] = {unsigned(one["id"]): one["json"] for one in old}
    for one in old:
        assert one["json"]["hash"] == unsigned(one["id"])
    for name, table in FILES.items():
        found.setdefault(table, {}).update(_by_hash(read(folder, name)))
    for name in SEVERAL:
        for table, rows in read(folder, name).items():
            found.setdefault(table, {}).update(_by_hash(rows))
    return found


def _by_hash(rows: Mapping[str, Any]) -> dict[int | str, Any]:
    return {int(key): {"hash": int(key), **value} for key, value in rows.items()}


def test_recorded_definitions_pass_through_the_loader(samples: Path, db: None) -> None:
    tables = recorded_tables(samples)
    edition = load_edition({"en": tables})
    stored: dict[str, dict[int | str, Any]] = {}
    for table, found, value in Definition.objects.filter(edition=edition).values_list("table", "hash", "definition"):
        stored.setdefault(table, {})[found or 0] = value
    assert stored == tables
    assert sum(map(len, stored.values())) > 5_000
    manifest = open_manifest("en")
    assert manifest is not None
    complete = read(samples / "definitions", "inventory-item-2026-06-12")
    items = manifest.items([int(key) for key in complete])
    for key, row in complete.items():
        one = items[int(key)]
        assert (one.name, one.icon) == (row["displayProperties"]["name"], row["displayProperties"].get("icon", ""))
        assert (one.item_type, one.class_type) == (row.get("itemType", 0), row.get("classType", 0))
        inventory = row.get("inventory", {})
        assert (one.bucket_hash, one.tier_type) == (inventory.get("bucketTypeHash", 0), inventory.get("tierType", 0))
        assert [str(found.key) for found in search(manifest, key)] == [key]
    assert "Ace of Spades" in {found.name for found in search(manifest, "ace of")}
