"""Documents match the ground truth."""

from tests.sandbox.client import Client, Json, address, character_path

GUILD = "/data/wow/guild/tarn-hollow/gravel-orchard"
SUMMARY_ORDER = """
    _links id name gender faction race character_class active_spec realm guild level experience achievement_points
    achievements titles pvp_summary encounters media hunter_pets last_login_timestamp average_item_level
    equipped_item_level specializations statistics mythic_keystone_profile equipment appearance collections
    active_title reputations quests achievements_statistics professions covenant_progress name_search is_remix
"""


def test_a_summary_matches_the_ground_truth(sandbox: Client) -> None:
    for member in sandbox.demo_guild()["members"]:
        if member["profile"] == 200:
            assert _summary_of(sandbox.summary(member).json()) == _true(member)


def test_last_login_is_last_modified_to_the_second(sandbox: Client) -> None:
    member = sandbox.member()
    sandbox.mutate("login", **address(member))
    answer = sandbox.summary(member)
    assert answer.json()["last_login_timestamp"] == sandbox.member(id=member["id"])["last_login_timestamp"]
    assert answer.headers["Last-Modified"] == "Mon, 2 Jun 2025 00:00:01 GMT"
    assert answer.json()["last_login_timestamp"] == 1_748_822_401_000


def test_keys_are_in_the_order_of_recorded_responses(sandbox: Client) -> None:
    keys = list(sandbox.summary(sandbox.member()).json())
    assert keys == [key for key in SUMMARY_ORDER.split() if key in keys]


def test_missing_values_of_a_character_are_absent_and_not_null(sandbox: Client) -> None:
    raider = sandbox.control("truth/account/raider")["characters"]
    lone = next(c for c in raider if c["guild"] is None and c["spec_id"] is None and c["profile"] == 200)
    answer = sandbox.summary(lone)
    assert not {"guild", "active_spec", "covenant_progress"} & set(answer.json())
    assert "null" not in answer.text


def test_a_hidden_specialization_is_in_no_index(sandbox: Client) -> None:
    hidden = sandbox.member(spec_id=1446)
    assert hidden["level"] < 10
    assert sandbox.summary(hidden).json()["active_spec"]["id"] == 1446
    index = sandbox.api("/data/wow/playable-specialization/index", "static-eu").json()
    assert 1446 not in {spec["id"] for spec in index["character_specializations"]}


def test_a_character_without_gear_has_no_equipped_items(sandbox: Client) -> None:
    naked = sandbox.member(equipped_item_level=0)
    assert "equipped_items" not in sandbox.summary(naked, "/equipment").json()
    assert "equipped_item_sets" not in sandbox.summary(naked, "/equipment").json()


def test_item_levels_average_to_the_summarys(sandbox: Client) -> None:
    members = [m for m in sandbox.demo_guild()["members"] if m["level"] == 90 and m["profile"] == 200]
    for member in members[:20]:
        items = sandbox.summary(member, "/equipment").json()["equipped_items"] if member["equipped_item_level"] else []
        levels = {item["slot"]["type"]: item["level"]["value"] for item in items}
        counted = [level for slot, level in levels.items() if slot not in ("SHIRT", "TABARD")]
        if "OFF_HAND" not in levels and levels:
            counted.append(levels["MAIN_HAND"])
        assert sum(counted) == member["equipped_item_level"] * len(counted)


def test_a_roster_lists_all_members_by_id_with_their_own_realms(sandbox: Client) -> None:
    roster = sandbox.api(f"{GUILD}/roster").json()
    truth = sandbox.demo_guild()["members"]
    ids = [entry["character"]["id"] for entry in roster["members"]]
    assert len(ids) == 1000
    assert ids == sorted(ids)
    recorded = {
        (e["character"]["realm"]["slug"], e["character"]["name"]): (e["character"]["id"], e["rank"])
        for e in roster["members"]
    }
    assert recorded == {(m["realm_slug"], m["name"]): (m["id"], m["rank"]) for m in truth}


def test_a_roster_entry_has_numbers_without_names(sandbox: Client) -> None:
    entry = sandbox.api(f"{GUILD}/roster").json()["members"][0]["character"]
    assert list(entry) == ["key", "name", "id", "realm", "level", "playable_class", "playable_race", "faction"]
    assert list(entry["realm"]) == ["key", "id", "slug"]
    assert list(entry["playable_class"]) == list(entry["playable_race"]) == ["key", "id"]
    assert list(entry["faction"]) == ["type"]


def test_a_roster_can_have_its_older_forms(sandbox: Client) -> None:
    before = sandbox.api(f"{GUILD}/roster").headers["Last-Modified"]
    sandbox.control("roster_form", {"faction": False, "character_key": False})
    answer = sandbox.api(f"{GUILD}/roster", headers={"If-Modified-Since": before})
    assert list(answer.json()["members"][0]["character"]) == [
        "name", "id", "realm", "level", "playable_class", "playable_race",
    ]  # fmt: skip
    sandbox.control("roster_form", {})
    assert {"key", "faction"} <= set(sandbox.api(f"{GUILD}/roster").json()["members"][0]["character"])


def test_level_one_is_in_the_roster_and_has_no_profile(sandbox: Client) -> None:
    beginner = next(m for m in sandbox.demo_guild()["members"] if m["level"] == 1)
    assert beginner["profile"] == 404
    assert beginner["id"] in {e["character"]["id"] for e in sandbox.api(f"{GUILD}/roster").json()["members"]}
    assert sandbox.api(character_path(beginner)).status_code == 404


def test_one_member_is_forbidden_in_every_document(sandbox: Client) -> None:
    (forbidden,) = [m for m in sandbox.demo_guild()["members"] if m["profile"] == 403]
    for document in ("", "/status", "/equipment"):
        answer = sandbox.summary(forbidden, document)
        assert (answer.status_code, answer.json()["type"]) == (403, "BLZWEBAPI00000403")


def test_activities_are_absent(sandbox: Client) -> None:
    assert list(sandbox.api(f"{GUILD}/activity").json()) == ["_links", "guild"]


def test_only_the_detail_of_a_specialization_has_the_role(sandbox: Client) -> None:
    index = sandbox.api("/data/wow/playable-specialization/index", "static-eu").json()
    assert [pet["id"] for pet in index["pet_specializations"]] == [74, 79, 81]
    assert all(list(spec) == ["key", "name", "id"] for spec in index["character_specializations"])
    roles = [
        sandbox.api(spec["key"]["href"].removeprefix(sandbox.base_url), None).json()["role"]["type"]
        for spec in index["character_specializations"]
    ]
    assert {role: roles.count(role) for role in set(roles)} == {"TANK": 6, "HEALER": 7, "DAMAGE": 27}


def test_only_the_detail_of_a_race_has_the_faction(sandbox: Client) -> None:
    races = sandbox.api("/data/wow/playable-race/index", "static-eu").json()["races"]
    assert all(list(race) == ["key", "name", "id"] for race in races)
    assert [race["id"] for race in races if race["name"] == "Pandaren"] == [24, 25, 26]
    factions = {
        number: sandbox.api(f"/data/wow/playable-race/{number}", "static-eu").json()["faction"]["type"]
        for number in (24, 25, 26)
    }
    assert factions == {24: "NEUTRAL", 25: "ALLIANCE", 26: "HORDE"}


def test_realms_are_sorted_by_id_and_found_by_slug_and_id(sandbox: Client) -> None:
    index = sandbox.api("/data/wow/realm/index", "dynamic-eu").json()
    assert index["_links"]["self"]["href"].endswith("/data/wow/realm/?namespace=dynamic-eu")
    ids = [realm["id"] for realm in index["realms"]]
    assert ids == sorted(ids)
    slugs = {realm["name"]: realm["slug"] for realm in index["realms"]}
    assert (slugs["Vael'oris"], slugs["Veillée d'Ardoise"]) == ("vaeloris", "veillée-dardoise")
    by_slug = sandbox.api("/data/wow/realm/veillée-dardoise", "dynamic-eu").json()
    assert by_slug == sandbox.api(f"/data/wow/realm/{by_slug['id']}", "dynamic-eu").json()
    assert by_slug["locale"] == "frFR"


def test_realm_ids_are_unique_over_all_regions(sandbox: Client) -> None:
    ids = [
        realm["id"]
        for region in ("us", "eu", "kr", "tw")
        for realm in sandbox.api("/data/wow/realm/index", f"dynamic-{region}").json()["realms"]
    ]
    assert len(ids) == len(set(ids)) > 20


def test_a_connected_realms_id_need_not_be_a_realms(sandbox: Client) -> None:
    links = sandbox.api("/data/wow/connected-realm/index", "dynamic-eu").json()["connected_realms"]
    assert all(list(link) == ["href"] for link in links)
    groups = [sandbox.api(link["href"].removeprefix(sandbox.base_url), None).json() for link in links]
    own = {group["id"] in {realm["id"] for realm in group["realms"]} for group in groups}
    assert own == {True, False}
    assert sum(len(group["realms"]) for group in groups) == 11


def test_an_index_answers_where_its_own_link_leads(sandbox: Client) -> None:
    for path, kind in (("realm", "dynamic"), ("playable-class", "static")):
        index = sandbox.api(f"/data/wow/{path}/index", f"{kind}-eu").json()
        link = index["_links"]["self"]["href"].removeprefix(sandbox.base_url)
        assert sandbox.api(link, None).json() == index


def _summary_of(document: Json) -> Json:
    return {
        "id": document["id"],
        "name": document["name"],
        "realm": document["realm"]["slug"],
        "level": document["level"],
        "class": document["character_class"]["id"],
        "race": document["race"]["id"],
        "faction": document["faction"]["type"],
        "gender": document["gender"]["type"],
        "spec": document["active_spec"]["id"] if "active_spec" in document else None,
        "levels": (document["average_item_level"], document["equipped_item_level"]),
        "last_login": document["last_login_timestamp"],
        "guild": document["guild"]["id"],
    }


def _true(member: Json) -> Json:
    return {
        "id": member["id"],
        "name": member["name"],
        "realm": member["realm_slug"],
        "level": member["level"],
        "class": member["class_id"],
        "race": member["race_id"],
        "faction": member["faction"],
        "gender": member["gender"],
        "spec": member["spec_id"],
        "levels": (member["average_item_level"], member["equipped_item_level"]),
        "last_login": member["last_login_timestamp"],
        "guild": member["guild"]["id"],
    }
