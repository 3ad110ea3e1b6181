"""Advancing days, and mutations."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.sandbox.client import Client, Json, Launch, address, character_path

GUILD = "/data/wow/guild/tarn-hollow/gravel-orchard"
DEMO = {"region": "eu", "realm_slug": "tarn-hollow", "slug": "gravel-orchard"}


def roster(sandbox: Client) -> dict[int, Json]:
    members = sandbox.api(f"{GUILD}/roster").json()["members"]
    return {entry["character"]["id"]: {**entry["character"], "rank": entry["rank"]} for entry in members}


def test_every_kind_of_event_happens_within_a_week(sandbox: Client) -> None:
    document = sandbox.control("advance", {"days": 7})
    assert document["day"] == 7
    assert {event["kind"] for event in document["events"]} == {
        "joined", "left", "promoted", "demoted", "leveled", "changed_spec", "changed_gear", "renamed",
        "swapped_names", "changed_faction", "moved_realm", "deleted",
    }  # fmt: skip


def test_events_and_roster_agree(sandbox: Client) -> None:
    before = roster(sandbox)
    events = sandbox.control("advance", {"days": 1})["events"]
    here = [event for event in events if event["guild"] and event["guild"]["slug"] == "gravel-orchard"]
    after = roster(sandbox)
    joined = {event["character"]["id"] for event in here if event["kind"] == "joined"}
    left = {event["character"]["id"] for event in here if event["kind"] == "left"}
    assert joined
    assert after.keys() - before.keys() == joined
    assert before.keys() - after.keys() == left - joined


def test_there_is_one_guild_master_after_many_days_and_personas_stay(sandbox: Client) -> None:
    before = sandbox.control("truth/account/raider")["characters"]
    sandbox.control("advance", {"days": 30})
    members = sandbox.demo_guild()["members"]
    assert [m["persona"] for m in members if m["rank"] == 0] == ["guildmaster"]
    after = sandbox.control("truth/account/raider")["characters"]
    assert [_who(c) for c in after] == [_who(c) for c in before]


def test_a_new_build_comes_every_seven_days(sandbox: Client) -> None:
    path = "/data/wow/playable-class/index"
    before = sandbox.api(path, "static-eu")
    sandbox.control("advance", {"days": 6})
    assert sandbox.api(path, "static-eu").json() == before.json()
    sandbox.control("advance", {"days": 1})
    since = {"If-Modified-Since": before.headers["Last-Modified"]}
    after = sandbox.api(path, "static-eu", headers=since)
    assert after.status_code == 200
    assert after.json()["classes"][0]["key"] != before.json()["classes"][0]["key"]


def test_a_rename_keeps_the_id_and_the_old_path_is_404(sandbox: Client) -> None:
    member = sandbox.member()
    event = sandbox.mutate("rename", new_name="Vorschlag", **address(member))
    assert (event["kind"], event["from"], event["to"]) == ("renamed", member["name"], "Vorschlag")
    assert sandbox.summary(member).status_code == 404
    assert sandbox.summary({**member, "name": "Vorschlag"}).json()["id"] == member["id"]
    assert roster(sandbox)[member["id"]]["name"] == "Vorschlag"


def test_a_name_in_use_is_refused_and_nothing_changes(sandbox: Client) -> None:
    member = sandbox.member()
    other = next(m for m in sandbox.demo_guild()["members"] if m["realm_slug"] == member["realm_slug"] and m != member)
    mutation = {"action": "rename", "new_name": other["name"], **address(member)}
    assert sandbox.post("/_sandbox/mutate", json=mutation).status_code == 400
    assert sandbox.summary(member).json()["id"] == member["id"]


def test_two_characters_swap_names(sandbox: Client) -> None:
    one, other = sandbox.member(realm_slug="vaeloris"), sandbox.member(realm_slug="brannmoor")
    sandbox.mutate("swap_names", other=address(other), **address(one))
    now = roster(sandbox)
    assert (now[one["id"]]["name"], now[other["id"]]["name"]) == (other["name"], one["name"])
    assert sandbox.api(f"/profile/wow/character/vaeloris/{other['name'].lower()}").json()["id"] == one["id"]


def test_a_faction_change_is_a_new_id_under_the_same_name(sandbox: Client) -> None:
    member = sandbox.member(faction="ALLIANCE")
    event = sandbox.mutate("change_faction", **address(member))
    document = sandbox.summary(member).json()
    assert event["old_id"] == member["id"] != document["id"]
    assert document["faction"]["type"] == "HORDE"
    assert document["race"]["id"] != member["race_id"]
    assert member["id"] not in roster(sandbox)
    assert roster(sandbox)[document["id"]]["name"] == member["name"]


def test_a_move_within_connected_realms_keeps_the_guild(sandbox: Client) -> None:
    member = sandbox.member(realm_slug="vaeloris")
    event = sandbox.mutate("move_realm", new_realm_slug="brannmoor", new_name="Umzugtest", **address(member))
    assert event["guild"]["slug"] == "gravel-orchard"
    assert sandbox.summary(member).status_code == 404
    moved = sandbox.api("/profile/wow/character/brannmoor/umzugtest").json()
    assert moved["id"] != member["id"]
    assert moved["guild"]["name"] == "Gravel Orchard"


def test_a_move_to_another_connected_realm_leaves_the_guild(sandbox: Client) -> None:
    member = sandbox.member()
    sandbox.mutate("move_realm", new_realm_slug="robledal", new_name="Umzugtest", **address(member))
    assert "guild" not in sandbox.api("/profile/wow/character/robledal/umzugtest").json()
    assert len(roster(sandbox)) == 999


def test_members_leave_and_join(sandbox: Client) -> None:
    member = sandbox.member()
    sandbox.mutate("leave", **address(member))
    assert member["id"] not in roster(sandbox)
    assert "guild" not in sandbox.summary(member).json()
    assert sandbox.api(GUILD).json()["member_count"] == 999
    sandbox.mutate("join", guild=DEMO, rank=6, **address(member))
    assert roster(sandbox)[member["id"]]["rank"] == 6


def test_the_guild_of_a_leaving_guild_master_gets_another(sandbox: Client) -> None:
    master = next(m for m in sandbox.demo_guild()["members"] if m["rank"] == 0)
    sandbox.mutate("leave", **address(master))
    assert sum(entry["rank"] == 0 for entry in roster(sandbox).values()) == 1


def test_a_new_guild_master_replaces_the_old_one(sandbox: Client) -> None:
    before = next(m for m in sandbox.demo_guild()["members"] if m["rank"] == 0)
    heir = sandbox.member()
    event = sandbox.mutate("rank", rank=0, **address(heir))
    assert (event["kind"], event["from"], event["to"]) == ("promoted", heir["rank"], 0)
    now = roster(sandbox)
    assert (now[heir["id"]]["rank"], now[before["id"]]["rank"]) == (0, 1)


@pytest.mark.parametrize(
    ("action", "details", "touches_guild"),
    [
        ("rank", {"rank": 9}, True),
        ("level", {"level": 33}, True),
        ("leave", {}, True),
        ("change_faction", {}, True),
        ("login", {}, False),
        ("spec", {"spec_id": None}, False),
        ("gear", {"average_item_level": 300}, False),
    ],
)
def test_a_change_updates_the_snapshots_of_affected_documents(
    sandbox: Client, action: str, details: dict[str, Any], touches_guild: bool
) -> None:
    member = sandbox.member(level=90)
    path = character_path(member)
    since = {p: {"If-Modified-Since": sandbox.api(p).headers["Last-Modified"]} for p in (path, f"{GUILD}/roster")}
    sandbox.mutate(action, **details, **address(member))
    assert sandbox.api(path, headers=since[path]).status_code == 200
    status = sandbox.api(f"{GUILD}/roster", headers=since[f"{GUILD}/roster"]).status_code
    assert status == (200 if touches_guild else 304)


def test_changes_within_a_second_are_seen_apart(sandbox: Client) -> None:
    member = sandbox.member()
    dates = set()
    for _ in range(3):
        sandbox.mutate("login", **address(member))
        dates.add(sandbox.summary(member).headers["Last-Modified"])
    assert len(dates) == 3


def test_changes_in_the_future_are_dated_now_and_still_seen_apart(launch: Launch) -> None:
    sandbox = launch("--today", datetime.now(UTC).strftime("%Y-%m-%d"))
    sandbox.control("advance", {"days": 40})
    member, times = sandbox.member(), []
    for _ in range(5):
        sandbox.mutate("login", **address(member))
        times.append(sandbox.summary(member).json()["last_login_timestamp"] / 1000)
    assert times == sorted(set(times))
    assert times[-1] < datetime.now(UTC).timestamp() + 50


def test_a_deleted_character_is_gone_everywhere(sandbox: Client) -> None:
    own = sandbox.control("truth/account/social")["characters"][0]
    sandbox.mutate("delete_character", **address(own))
    assert sandbox.summary(own).status_code == 404
    assert own["id"] not in roster(sandbox)
    assert own["name"] not in sandbox.api("/profile/user/wow", token=sandbox.sign_in("social")).text


def test_a_created_character_belongs_to_its_persona(sandbox: Client) -> None:
    mutation = {"region": "eu", "realm_slug": "nachtanger", "name": "Neuling", "persona": "newcomer", "level": 20}
    sandbox.mutate("create_character", **mutation)
    assert sandbox.api("/profile/wow/character/nachtanger/neuling").json()["level"] == 20
    assert "Neuling" in sandbox.api("/profile/user/wow", token=sandbox.sign_in("newcomer")).text


def test_a_renamed_guild_has_another_address(sandbox: Client) -> None:
    sandbox.mutate("rename_guild", guild=DEMO, new_name="Pear Cellar")
    assert sandbox.api(f"{GUILD}/roster").status_code == 404
    assert sandbox.api("/data/wow/guild/tarn-hollow/pear-cellar").json()["member_count"] == 1000
    assert (
        sandbox.summary(sandbox.control("truth/account/social")["characters"][0]).json()["guild"]["name"]
        == "Pear Cellar"
    )


def test_a_moved_guild_has_another_realm_and_id(sandbox: Client) -> None:
    before = sandbox.demo_guild()["id"]
    sandbox.mutate("move_guild", guild=DEMO, new_realm_slug="brannmoor")
    moved = sandbox.api("/data/wow/guild/brannmoor/gravel-orchard").json()
    assert moved["id"] != before
    assert sandbox.api(GUILD).status_code == 404


def test_a_disbanded_guild_leaves_its_members_without_one(sandbox: Client) -> None:
    member = sandbox.member()
    sandbox.mutate("disband_guild", guild=DEMO)
    assert sandbox.api(GUILD).status_code == 404
    assert "guild" not in sandbox.summary(member).json()


def test_a_profile_can_be_made_to_fail_and_a_status_invalid(sandbox: Client) -> None:
    member = sandbox.member()
    sandbox.mutate("validity", is_valid=False, **address(member))
    assert sandbox.summary(member, "/status").json()["is_valid"] is False
    sandbox.mutate("profile", profile=403, **address(member))
    assert sandbox.summary(member).status_code == 403


def test_another_mount_is_collected(sandbox: Client) -> None:
    sandbox.mutate("collect", persona="social", mount_id=6)
    sandbox.mutate("collect", persona="social", mount_id=6)
    assert sandbox.control("truth/account/social")["mounts"].count(6) == 1


@pytest.mark.parametrize(
    "mutation",
    [
        {},
        {"action": "fly"},
        {"action": "rename"},
        {"action": "leave", "region": "eu", "realm_slug": "tarn-hollow", "name": "Nobody"},
        {"action": "disband_guild", "guild": {**DEMO, "slug": "nothing"}},
        {"action": "collect", "persona": "social", "mount_id": 1},
    ],
)
def test_an_invalid_mutation_is_refused_with_a_reason(sandbox: Client, mutation: Json) -> None:
    answer = sandbox.post("/_sandbox/mutate", json=mutation)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_a_reset_undoes_every_change(sandbox: Client) -> None:
    before = sandbox.demo_guild()
    sandbox.control("advance", {"days": 3})
    sandbox.control("reset", {"world": True})
    assert sandbox.demo_guild() == before


def _who(character: Json) -> tuple[Any, ...]:
    guild = character["guild"] and character["guild"]["id"]
    return (character["id"], character["name"], character["realm_slug"], guild, character["rank"])
