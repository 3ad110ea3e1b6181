"""The sandbox's documents have the structure of recorded answers of Bungie."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from sandbox.bungie.content import Edition
from sandbox.bungie.world.text import encode
from tests.sandbox.bungie import BungieClient
from tests.sandbox.client import ROOT, Json
from tests.sandbox.structure import structure, without

SAMPLES = ROOT.parent / "shared" / "samples" / "bungie"
DEFINITIONS = Edition(1, 0).definitions

# Keys of the samples that the sandbox leaves out: no longer sent, or nothing that a reader of them needs.
_FAIL_INDEXES = {
    ".characterPlugSets.data.*.plugs.*[].insertFailIndexes", ".profilePlugSets.data.plugs.*[].insertFailIndexes",
    ".itemComponents.reusablePlugs.data.*.plugs.*[].insertFailIndexes",
    ".itemComponents.sockets.data.*.sockets[].enableFailIndexes",
}  # fmt: skip
_BAGS = ".characterInventories.data.*.items[]"
_ITEM = {".sockets.intrinsicSockets[]", ".sockets.socketEntries[].reusablePlugItems[]"}
LEFT_OUT = {
    "memberships": {".bungieNetUser.twitchDisplayName"},
    "profile": {
        ".characters.data.*.titleRecordHash", f"{_BAGS}.itemValueVisibility", f"{_BAGS}.metricHash",
        f"{_BAGS}.metricObjective",
        f"{_BAGS}.tooltipNotificationIndexes[]", ".characterEquipment.data.*.items[].tooltipNotificationIndexes[]",
        ".characterPlugSets.data.*.plugs.*[].plugObjectives", ".profilePlugSets.data.plugs.*[].plugObjectives",
    } | _FAIL_INDEXES,
    "characters": {".characters.data.*.titleRecordHash"},
    # Added by the project that recorded them.
    "loadouts": {".*.loadouts[].dlbGeneratedId", ".*.loadouts[].itemIdsToItemHashesMapping"},
    "vendors": {
        ".Response.currencyLookups.data.materialRequirementSetStates.*", ".Response.vendors.data.*.seasonalRank",
        ".Response.sales.data.*.saleItems.*.itemValueVisibility",
        ".Response.vendors.data.*.progression.currentResetCount",
    },
    "vendor items": {
        ".objectives.data.*.objectives[].activityHash", ".objectives.data.*.objectives[].destinationHash",
        ".plugStates.data.*.enableFailIndexes", ".plugStates.data.*.insertFailIndexes",
        ".plugStates.data.*.plugObjectives",
    },
    "milestones": {".Response.*.activities[].phaseHashes", ".Response.*.availableQuests"},
    "Stat": {".displayProperties.iconSequences"},
    "SandboxPerk": {".damageTypeHash", ".displayProperties.iconSequences"},
    "LoadoutConstants": {".loadoutPreviewFilterOutSocketTypeHashes[]"},
    "weapon": {".objectives", ".perks[]", ".secondaryIcon", ".translationBlock.lockedDyes[]"} | _ITEM,
    # A piece of armor is also a plug where armor is transmogrified.
    "armor": {".plug"} | _ITEM,
    "plug": {
        ".displayProperties.iconSequences", ".iconWatermark", ".itemCategoryHashes[]", ".plug.enabledRules[]",
        ".plug.insertionRules[]", ".tooltipNotifications[]",
    },
}  # fmt: skip
# Keys of the sandbox that the samples lack: newer than the samples, or not needed there.
NEWER = {
    "linked": {".profilesWithErrors[].infoCard.applicableMembershipTypes[]",
    ".profilesWithErrors[].infoCard.iconPath", ".profiles[].iconPath"},
    "profile": {".responseMintedTimestamp", ".secondaryComponentsMintedTimestamp", f"{_BAGS}.expirationDate"},
    "milestones": {".Response.*.activities[].challengeObjectiveHashes[]"},
    "Class": {".displayProperties.description"},
    "vendor items": {".instances.data.*.breakerType", ".instances.data.*.breakerTypeHash"},
    "plug": {".plug.energyCost", ".plug.energyCapacity"},
}  # fmt: skip
TABLES = {
    "Class": "class-2026-06-30", "Race": "race-2026-06-30", "Gender": "gender-2026-06-30",
    "InventoryBucket": "inventory-bucket-2026-06-30", "Stat": "stat-2026-06-30", "StatGroup": "stat-group-2026-06-30",
    "SandboxPerk": "sandbox-perk-2026-06-30", "PlugSet": "plug-set-2025",
    "SocketCategory": "socket-category-2025-12-26",
    "LoadoutConstants": "loadout-constants-2025-12-26", "VendorGroup": "vendor-group-2025-12-26",
    "EquipableItemSet": "equipable-item-set-2026-06-12",
}  # fmt: skip
WEAPON, ARMOR, PLUG = 3, 2, 19


@pytest.fixture
def samples() -> Path:
    if not SAMPLES.is_dir():
        pytest.skip(f"the recorded answers are not here: {SAMPLES}")
    return SAMPLES


def read(samples: Path, name: str) -> Any:
    return json.loads((samples / f"{name}.json").read_text(encoding="utf-8"))


def compare(kind: str, recorded: Iterable[Any], ours: Iterable[Any]) -> None:
    theirs, own = structure(recorded), structure(ours)
    assert theirs
    assert without(theirs - own, LEFT_OUT.get(kind, set())) == set(), "the sandbox lacks what was recorded"
    assert without(own - theirs, NEWER.get(kind, set())) == set(), "the sandbox has what was never recorded"


def path(bungie: BungieClient, persona: str) -> str:
    membership = bungie.person(persona)["memberships"][0]
    return f"Destiny2/{membership['type']}/Profile/{membership['id']}/"


def vendors_path(bungie: BungieClient) -> str:
    membership = bungie.person("guildmaster")["memberships"][0]["id"]
    guardian = bungie.client.control(f"truth/bungie/{membership}")["guardians"][0]["id"]
    return f"{path(bungie, 'guildmaster')}Character/{guardian}/Vendors/"


def people(bungie: BungieClient) -> list[Json]:
    everybody: list[Json] = bungie.control("world")["people"]
    return [one for one in everybody if one["bungie_name"]]


def test_memberships_have_the_recorded_structure(bungie: BungieClient, samples: Path) -> None:
    ours = [bungie.read(f"User/GetMembershipsById/{one['bungie_id']}/254/") for one in people(bungie)]
    compare("memberships", [read(samples, "hakke-memberships-2023-06-12")], ours)


def test_linked_profiles_have_the_recorded_structure(bungie: BungieClient, samples: Path) -> None:
    query = "LinkedProfiles/?getAllMemberships=true"
    ours = [bungie.read(f"Destiny2/254/Profile/{one['bungie_id']}/{query}") for one in people(bungie)]
    compare("linked", [read(samples, "dim-linkedaccounts-2025-07-15")], ours)


def test_a_profile_has_the_recorded_structure(bungie: BungieClient, samples: Path) -> None:
    components = "102,103,200,201,205,300,305,310"
    ours = bungie.read(f"{path(bungie, 'guildmaster')}?components={components}", "guildmaster")
    compare("profile", [read(samples, "dim-profile-2021-05-28")["Response"]], [ours])


def test_characters_have_the_recorded_structure(bungie: BungieClient, samples: Path) -> None:
    ours = bungie.read(f"{path(bungie, 'guildmaster')}?components=200", "guildmaster")
    compare("characters", [read(samples, "hakke-characters-2023-06-12")], [ours])


def test_loadouts_have_the_recorded_structure(bungie: BungieClient, samples: Path) -> None:
    ours = bungie.read(f"{path(bungie, 'guildmaster')}?components=206", "guildmaster")["characterLoadouts"]["data"]
    compare("loadouts", [read(samples, "character-loadouts-2024-05-24")], [ours])


def test_vendors_have_the_recorded_structure(bungie: BungieClient, samples: Path) -> None:
    ours = bungie.get(f"{vendors_path(bungie)}?components=400,402,600", "guildmaster").json()
    compare("vendors", [read(samples, "dim-vendors-2026-06-29")], [ours])


def test_items_of_vendors_have_the_recorded_structure(bungie: BungieClient, samples: Path) -> None:
    recorded = read(samples, "dim-vendors-2023-11-28")
    address, query = vendors_path(bungie), "components=300,301,305,308,309,310"
    vendors = bungie.read(f"{address}?components=400", "guildmaster")["vendors"]["data"]
    ours = [
        bungie.read(f"{address}{number}/?{query}", "guildmaster")["itemComponents"]
        for number, vendor in vendors.items()
        if vendor["enabled"]
    ]
    compare("vendor items", recorded.get("Response", recorded)["itemComponents"].values(), ours)


def test_milestones_have_the_recorded_structure(bungie: BungieClient, samples: Path) -> None:
    compare("milestones", [read(samples, "milestones-2022-02-22")], [bungie.get("Destiny2/Milestones/").json()])


def test_the_manifests_index_has_the_recorded_structure(bungie: BungieClient, samples: Path) -> None:
    recorded = read(samples, "manifest-response-244164.26.06.16.2053-2")
    ours = bungie.get("Destiny2/Manifest/").json()
    compare("manifest", [recorded], [ours])
    paths = (one["Response"]["jsonWorldComponentContentPaths"]["en"] for one in (ours, recorded))
    our_tables, recorded_tables = (set(one) for one in paths)
    assert our_tables <= recorded_tables


def test_tokens_have_the_recorded_structure(bungie: BungieClient, samples: Path) -> None:
    compare("token", [read(samples, "token-endpoint")[0]["body"]], [bungie.sign_in("officer")])


def test_recorded_errors_have_the_sandboxs_names(bungie: BungieClient, samples: Path) -> None:
    for recorded in read(samples, "error-envelopes"):
        code, status = recorded["body"]["ErrorCode"], recorded["body"]["ErrorStatus"]
        bungie.client.control("faults", {"path": "/Platform/Settings/", "code": code, "times": 1})
        ours = bungie.get("Settings/")
        assert (ours.json()["ErrorCode"], ours.json()["ErrorStatus"]) == (code, status)


@pytest.mark.parametrize("table", TABLES)
def test_a_definition_has_the_recorded_structure(samples: Path, table: str) -> None:
    recorded = read(samples, f"definitions/{TABLES[table]}")
    compare(table, recorded.values(), rows(DEFINITIONS.tables[table].values()))


@pytest.mark.parametrize("table", ["LoadoutName", "LoadoutIcon", "LoadoutColor"])
def test_a_table_of_loadouts_has_the_recorded_structure(samples: Path, table: str) -> None:
    recorded = read(samples, "definitions/loadout-tables-2023-11-08")[f"Destiny{table}Definition"]
    compare(table, recorded.values(), rows(DEFINITIONS.tables[table].values()))


@pytest.mark.parametrize(("kind", "item_type"), [("weapon", WEAPON), ("armor", ARMOR), ("plug", PLUG)])
def test_an_items_definition_has_the_recorded_structure(samples: Path, kind: str, item_type: int) -> None:
    recorded = read(samples, "definitions/inventory-item-2026-06-12").values()
    # One of them is a stub in its source.
    theirs = [one for one in recorded if one["itemType"] == item_type and "inventory" in one and "index" in one]
    ours = [one for one in DEFINITIONS.tables["InventoryItem"].values() if one["itemType"] == item_type]
    compare(kind, theirs, rows(ours))


def rows(definitions: Iterable[Json]) -> list[Json]:
    return [json.loads(encode(one, "en")) for one in definitions]
