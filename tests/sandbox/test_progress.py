"""Details of characters: gear, talents, raids and Mythic+ runs."""

from typing import Any

from tests.sandbox.client import Client, Json, character_path

CURRENT_SEASON, CURRENT_EXPANSION = 505, 516


def documents(sandbox: Client, document: str, count: int = 60) -> list[Json]:
    """Return a document of each of many max-level members."""
    members = [m for m in sandbox.demo_guild()["members"] if m["level"] == 90 and m["profile"] == 200]
    return [sandbox.summary(member, document).json() for member in members[:count]]


def raids_by_expansion(document: Json) -> dict[int, Any]:
    return {one["expansion"]["id"]: one["instances"] for one in document.get("expansions", [])}


def test_the_current_season_repeats_the_raids_of_its_expansion(sandbox: Client) -> None:
    found = [raids_by_expansion(one) for one in documents(sandbox, "/encounters/raids")]
    assert any(CURRENT_SEASON in one for one in found)
    assert any(one and CURRENT_SEASON not in one for one in found) or any(not one for one in found)
    assert all(one.get(CURRENT_SEASON) == one.get(CURRENT_EXPANSION) for one in found)


def test_raids_have_all_difficulties(sandbox: Client) -> None:
    modes = [
        mode
        for document in documents(sandbox, "/encounters/raids")
        for instances in raids_by_expansion(document).values()
        for instance in instances
        for mode in instance["modes"]
    ]
    assert {mode["difficulty"]["type"] for mode in modes} == {
        "LFR", "NORMAL", "HEROIC", "MYTHIC",
        "LEGACY_10_MAN", "LEGACY_25_MAN", "LEGACY_10_MAN_HEROIC", "LEGACY_25_MAN_HEROIC",
    }  # fmt: skip
    assert {mode["status"]["type"] for mode in modes} == {"IN_PROGRESS", "COMPLETE"}
    for mode in modes:
        progress = mode["progress"]
        assert progress["completed_count"] == len(progress["encounters"]) <= progress["total_count"]
        assert (mode["status"]["type"] == "COMPLETE") == (progress["completed_count"] == progress["total_count"])


def test_some_enchantments_and_gems_are_missing(sandbox: Client) -> None:
    items = [item for one in documents(sandbox, "/equipment") for item in one.get("equipped_items", [])]
    rings = [item for item in items if item["slot"]["type"].startswith("FINGER")]
    assert {"enchantments" in ring for ring in rings} == {True, False}
    assert {"item" in socket for ring in rings for socket in ring["sockets"]} == {True, False}
    kinds = {entry["enchantment_slot"]["type"] for item in items for entry in item.get("enchantments", [])}
    assert kinds == {"PERMANENT", "ON_USE_SPELL"}
    shown = [item for item in items if item["slot"]["type"] in ("SHIRT", "TABARD")]
    assert shown
    assert all("bonus_list" not in item and "stats" not in item for item in shown)


def test_a_set_lists_its_equipped_pieces(sandbox: Client) -> None:
    counts = set()
    for document in documents(sandbox, "/equipment"):
        for one in document.get("equipped_item_sets", []):
            worn = [item for item in one["items"] if item.get("is_equipped")]
            parts = [item["set"] for item in document["equipped_items"] if "set" in item]
            assert parts == [one] * len(worn)
            active = [effect["required_count"] for effect in one["effects"] if effect.get("is_active")]
            assert active == [count for count in (2, 4) if count <= len(worn)]
            counts.add(len(worn))
    assert counts == {1, 2, 3, 4, 5}


def test_a_two_handed_weapon_leaves_the_off_hand_empty(sandbox: Client) -> None:
    for document in documents(sandbox, "/equipment"):
        hands = {item["slot"]["type"]: item for item in document.get("equipped_items", [])}
        if hands:
            takes_both = hands["MAIN_HAND"]["inventory_type"]["type"] in ("TWOHWEAPON", "RANGED")
            assert takes_both == ("OFF_HAND" not in hands)


def test_the_active_specialization_has_one_active_loadout_with_talents(sandbox: Client) -> None:
    for document in documents(sandbox, "/specializations", 20):
        if "active_specialization" not in document:
            continue
        active = document["active_specialization"]["id"]
        (own,) = [one for one in document["specializations"] if one["specialization"]["id"] == active]
        (loadout,) = [one for one in own["loadouts"] if one["is_active"]]
        assert len(loadout["selected_class_talents"]) > 5
        assert loadout["selected_hero_talent_tree"] == document["active_hero_talent_tree"]


def test_runs_are_of_the_period_and_rated_by_dungeon(sandbox: Client) -> None:
    profiles = documents(sandbox, "/mythic-keystone-profile")
    runs = [run for one in profiles for run in one["current_period"].get("best_runs", [])]
    assert {run["is_completed_within_time"] for run in runs} == {True, False}
    assert all(len(run["members"]) == 5 for run in runs)
    assert all(run["mythic_rating"]["rating"] <= run["map_rating"]["rating"] for run in runs)
    for profile in profiles:
        start = sandbox.api(_path(sandbox, profile["current_period"]["period"]["key"]["href"]), None).json()
        for run in profile["current_period"].get("best_runs", []):
            assert start["start_timestamp"] <= run["completed_timestamp"] <= start["end_timestamp"]


def test_the_rating_is_that_of_the_current_season(sandbox: Client) -> None:
    rated = [one for one in documents(sandbox, "/mythic-keystone-profile") if "current_mythic_rating" in one]
    assert rated
    for profile in rated[:20]:
        newest = max(profile["seasons"], key=lambda season: season["id"])
        page = sandbox.api(_path(sandbox, newest["key"]["href"]), None).json()
        assert page["mythic_rating"] == profile["current_mythic_rating"]
        assert page["season"]["id"] == newest["id"]
        assert page["character"] == profile["character"]


def test_a_season_that_was_not_played_is_not_found(sandbox: Client) -> None:
    member = sandbox.member(level=90)
    answer = sandbox.api(f"{character_path(member)}/mythic-keystone-profile/season/2")
    assert (answer.status_code, answer.json()["detail"]) == (404, "Not Found")


def test_some_characters_skip_the_current_season(sandbox: Client) -> None:
    profiles = documents(sandbox, "/mythic-keystone-profile")
    assert any("seasons" in one and "current_mythic_rating" not in one for one in profiles)
    assert any("seasons" not in one for one in profiles)


def _path(sandbox: Client, address: str) -> str:
    return address.removeprefix(sandbox.base_url)
