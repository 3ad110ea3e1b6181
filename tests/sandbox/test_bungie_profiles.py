"""GetProfile: components, privacy, dates and what people own."""

from collections import Counter
from typing import Any

import pytest

from tests.sandbox.bungie import BungieClient
from tests.sandbox.client import Json

INVENTORY = "102,103,201,205"
VAULT, POSTMASTER = 138197802, 215593132


def path(bungie: BungieClient, persona: str, place: int = 0) -> str:
    membership = bungie.person(persona)["memberships"][place]
    return f"Destiny2/{membership['type']}/Profile/{membership['id']}/"


def profile(bungie: BungieClient, persona: str, components: str, reader: str | None = None) -> Any:
    reader = persona if reader is None else reader
    return bungie.read(f"{path(bungie, persona)}?components={components}", reader)


def items_of(document: Json) -> list[Json]:
    lists = [document["profileInventory"]["data"], document["profileCurrencies"]["data"]]
    lists += [*document["characterInventories"]["data"].values(), *document["characterEquipment"]["data"].values()]
    return [item for one in lists for item in one["items"]]


def test_the_guild_master_has_three_guardians_and_900_items(bungie: BungieClient) -> None:
    document = profile(bungie, "guildmaster", f"100,200,{INVENTORY}")
    assert len(document["profile"]["data"]["characterIds"]) == len(document["characters"]["data"]) == 3
    items = items_of(document)
    assert 880 <= len(items) <= 960
    instances = [one["itemInstanceId"] for one in items if "itemInstanceId" in one]
    assert len(set(instances)) == len(instances)
    assert all(isinstance(one, str) and int(one) > 2**53 for one in instances)
    hashes = Counter(one["itemHash"] for one in items if one["bucketHash"] == VAULT)
    assert any(count > 1 for count in hashes.values())
    assert any(one["bucketHash"] == POSTMASTER for one in items)


def test_an_account_can_have_more_items(bungie: BungieClient) -> None:
    membership = bungie.person("guildmaster")["memberships"][0]["id"]
    assert bungie.control("items", {"membership": membership, "items": 1500}) == {"items": 1500}
    items = items_of(profile(bungie, "guildmaster", INVENTORY))
    assert len(items) == 1500
    assert sum(one["bucketHash"] == VAULT for one in items) <= 1300


def test_each_character_has_one_item_in_each_slot_and_at_most_ten(bungie: BungieClient) -> None:
    document = profile(bungie, "guildmaster", "201,205")
    for number, equipment in document["characterEquipment"]["data"].items():
        equipped = [one["bucketHash"] for one in equipment["items"]]
        assert len(equipped) == len(set(equipped)) == 17
        bags = Counter(one["bucketHash"] for one in document["characterInventories"]["data"][number]["items"])
        assert all(bags[bucket] <= 9 for bucket in equipped)


@pytest.mark.parametrize(("persona", "guardians"), [("newcomer", 0), ("wanderer", 1), ("guildmaster", 3)])
def test_people_have_none_one_or_three_guardians(bungie: BungieClient, persona: str, guardians: int) -> None:
    assert len(profile(bungie, persona, "200")["characters"]["data"]) == guardians


def test_only_the_owner_gets_private_components(bungie: BungieClient) -> None:
    for reader in ("", "raider"):
        document = profile(bungie, "guildmaster", "100,102,201,204,205,206,300,305", reader)
        assert document["profileInventory"] == document["characterInventories"] == {"privacy": 2}
        assert document["characterLoadouts"] == document["characterActivities"] == {"privacy": 2}
        assert document["itemComponents"] == {"instances": {"privacy": 2}, "sockets": {"privacy": 2}}
        assert document["profile"]["privacy"] == document["characterEquipment"]["privacy"] == 1
        assert len(document["characterEquipment"]["data"]) == 3
    assert "data" in profile(bungie, "guildmaster", "102")["profileInventory"]


def test_a_private_account_is_closed_to_others(bungie: BungieClient) -> None:
    assert bungie.get(f"{path(bungie, 'social')}?components=100", "raider").json()["ErrorCode"] == 1665
    assert "data" in profile(bungie, "social", "100")["profile"]


def test_wrong_ids_are_told_apart(bungie: BungieClient) -> None:
    person = bungie.person("guildmaster")

    def code(address: str) -> int:
        return int(bungie.get(f"{address}?components=100").json()["ErrorCode"])

    assert code(path(bungie, "nodestiny")) == 1601
    assert code("Destiny2/3/Profile/4611686018999999999/") == 1601
    assert code(f"Destiny2/3/Profile/{person['bungie_id']}/") == 18
    assert code(f"Destiny2/1/Profile/{person['memberships'][0]['id']}/") == 18
    assert code("Destiny2/3/Profile/abc/") == 7


def test_components_can_be_named_and_are_needed(bungie: BungieClient) -> None:
    document = profile(bungie, "wanderer", "Profiles,CharacterEquipment")
    assert document.keys() >= {"profile", "characterEquipment"}
    assert bungie.get(path(bungie, "wanderer")).json()["ErrorCode"] == 18


def test_item_components_are_those_of_the_inventories_in_the_same_answer(bungie: BungieClient) -> None:
    assert profile(bungie, "wanderer", "305")["itemComponents"]["sockets"]["data"] == {}
    document = profile(bungie, "wanderer", "205,300,304,305,310")
    equipped = {
        one["itemInstanceId"]
        for character in document["characterEquipment"]["data"].values()
        for one in character["items"]
    }
    components = document["itemComponents"]
    assert components["instances"]["data"].keys() == equipped
    assert all(one["isEquipped"] for one in components["instances"]["data"].values())
    assert components["sockets"]["data"].keys() < equipped
    stats = [len(one["stats"]) for one in components["stats"]["data"].values()]
    assert len(stats) == 8


def test_rolled_perks_fit_the_definitions(bungie: BungieClient) -> None:
    document = profile(bungie, "guildmaster", f"{INVENTORY},305,310")
    paths = bungie.read("Destiny2/Manifest/")["jsonWorldComponentContentPaths"]["en"]
    definitions = bungie.client.get(paths["DestinyInventoryItemDefinition"]).json()
    hashes = {one.get("itemInstanceId"): one["itemHash"] for one in items_of(document)}
    assert all(str(one) in definitions for one in hashes.values())
    for instance, sockets in document["itemComponents"]["sockets"]["data"].items():
        entries = definitions[str(hashes[instance])]["sockets"]["socketEntries"]
        assert len(entries) == len(sockets["sockets"])
    for instance, plugs in document["itemComponents"]["reusablePlugs"]["data"].items():
        current = document["itemComponents"]["sockets"]["data"][instance]["sockets"]
        for place, options in plugs["plugs"].items():
            assert current[int(place)]["plugHash"] in {one["plugItemHash"] for one in options}


def test_nothing_in_the_vault_can_be_equipped(bungie: BungieClient) -> None:
    document = profile(bungie, "wanderer", "102,300")
    assert not any(one["canEquip"] for one in document["itemComponents"]["instances"]["data"].values())


def test_loadouts_are_twenty_and_empty_ones_are_unset(bungie: BungieClient) -> None:
    (character,) = profile(bungie, "wanderer", "206")["characterLoadouts"]["data"].values()
    loadouts = character["loadouts"]
    assert len(loadouts) == 20
    assert {len(one["items"]) for one in loadouts} == {10}
    assert all(len(item["plugItemHashes"]) == 16 for one in loadouts for item in one["items"])
    empty = loadouts[-1]
    assert {empty["nameHash"], empty["iconHash"], empty["colorHash"]} == {2166136261}
    assert {one["itemInstanceId"] for one in empty["items"]} == {"0"}
    assert loadouts[0]["nameHash"] != 2166136261


def test_dates_of_answers_grow(bungie: BungieClient) -> None:
    first, second = (profile(bungie, "wanderer", "100,800") for _ in range(2))
    assert first["responseMintedTimestamp"] < second["responseMintedTimestamp"]
    assert second["secondaryComponentsMintedTimestamp"] == second["responseMintedTimestamp"]
    assert profile(bungie, "wanderer", "100")["secondaryComponentsMintedTimestamp"].startswith("0001-01-01")


def test_a_frozen_account_keeps_its_date(bungie: BungieClient) -> None:
    membership = bungie.person("wanderer")["memberships"][0]["id"]
    bungie.control("freeze", {"membership": membership})
    first = profile(bungie, "wanderer", "100")["responseMintedTimestamp"]
    bungie.control("clock", {"seconds": 60})
    assert profile(bungie, "wanderer", "100")["responseMintedTimestamp"] == first
    bungie.control("freeze", {"membership": membership, "frozen": False})
    assert profile(bungie, "wanderer", "100")["responseMintedTimestamp"] > first


def test_answers_can_be_cached(bungie: BungieClient) -> None:
    bungie.control("accounts", {"cache_seconds": 60})
    first = profile(bungie, "wanderer", "100,200")
    assert profile(bungie, "wanderer", "100,200") == first
    bungie.control("clock", {"seconds": 61})
    assert profile(bungie, "wanderer", "100,200")["responseMintedTimestamp"] > first["responseMintedTimestamp"]


def test_components_can_be_empty_or_disabled(bungie: BungieClient) -> None:
    fault = {"path": "/Platform/Destiny2/3/Profile", "body": "empty_components", "component": "profileInventory"}
    bungie.client.control("faults", {**fault, "times": 1})
    document = profile(bungie, "wanderer", "100,102")
    assert document["profileInventory"]["data"] == {}
    assert document["profile"]["data"]
    bungie.control("disabled_components", {"keys": ["profileInventory"]})
    assert profile(bungie, "wanderer", "102")["profileInventory"] == {"privacy": 2, "disabled": True}


def test_a_guardian_is_somewhere(bungie: BungieClient) -> None:
    (number,) = profile(bungie, "wanderer", "200")["characters"]["data"]

    def activity() -> int:
        document = profile(bungie, "wanderer", "204")["characterActivities"]["data"][number]
        return int(document["currentActivityHash"])

    assert activity() == 0
    bungie.control("activity", {"guardian": number, "mode": 3})
    assert activity() != 0
    bungie.control("activity", {"guardian": number, "mode": "orbit"})
    assert activity() == 0


def test_the_guild_masters_first_guardian_is_in_a_social_space(bungie: BungieClient) -> None:
    hashes = [
        one["currentActivityHash"]
        for one in profile(bungie, "guildmaster", "204")["characterActivities"]["data"].values()
    ]
    assert hashes[0] != 0
    assert hashes[1:] == [0, 0]


def test_a_single_character_and_item_can_be_asked_for(bungie: BungieClient) -> None:
    document = profile(bungie, "wanderer", "200,205")
    (number,) = document["characters"]["data"]
    single = bungie.read(f"{path(bungie, 'wanderer')}Character/{number}/?components=200,201", "wanderer")
    assert single["character"]["data"] == document["characters"]["data"][number]
    instance = document["characterEquipment"]["data"][number]["items"][0]["itemInstanceId"]
    item = bungie.read(f"{path(bungie, 'wanderer')}Item/{instance}/?components=300,305,307", "wanderer")
    assert item["characterId"] == number
    assert item["item"]["data"]["itemInstanceId"] == instance
    assert item["instance"]["data"]["isEquipped"]


def test_memberships_without_cross_save_have_their_own_guardians(bungie: BungieClient) -> None:
    xbox, steam = (
        bungie.read(f"{path(bungie, 'raider', place)}?components=200", "raider")["characters"]["data"]
        for place in (0, 1)
    )
    assert (len(xbox), len(steam)) == (2, 1)
    assert not xbox.keys() & steam.keys()
