"""Situations that the controls can create: freed names, sold characters, wrong rosters, regions that are down."""

import pytest
import requests

from tests.sandbox.client import Client, Json, address

GUILD = "/data/wow/guild/tarn-hollow/gravel-orchard"
DEMO = {"region": "eu", "realm_slug": "tarn-hollow", "slug": "gravel-orchard"}
ACCOUNT = "/profile/user/wow"


def test_a_freed_name_is_taken_by_another_accounts_new_character(sandbox: Client) -> None:
    member = sandbox.member(level=90)
    sandbox.mutate("rename", new_name="Vorschlag", **address(member))
    like = {key: member[key] for key in ("level", "class_id", "race_id", "faction")}
    sandbox.mutate("create_character", persona="newcomer", **like, **address(member))
    other = sandbox.summary(member).json()
    assert other["id"] != member["id"] == sandbox.summary({**member, "name": "Vorschlag"}).json()["id"]
    assert "guild" not in other
    assert [other[key]["id"] for key in ("character_class", "race")] == [member["class_id"], member["race_id"]]
    assert member["name"] in sandbox.api(ACCOUNT, token=sandbox.sign_in("newcomer")).text


def test_a_sold_character_is_on_no_personas_account(sandbox: Client) -> None:
    own = sandbox.control("truth/account/social")["characters"][0]
    event = sandbox.mutate("transfer_character", persona=None, **address(own))
    assert (event["from"], event["to"]) == ("social", None)
    assert own["name"] not in sandbox.api(ACCOUNT, token=sandbox.sign_in("social")).text
    assert sandbox.summary(own).json()["guild"]["name"] == "Gravel Orchard"


def cut(sandbox: Client, members: int | None, **details: object) -> Json:
    return sandbox.mutate("cut_roster", guild=DEMO, members=members, **details)


@pytest.mark.parametrize("members", [0, 300])
def test_a_cut_roster_is_dated_later_and_the_guild_page_still_counts_all(sandbox: Client, members: int) -> None:
    since = {"If-Modified-Since": sandbox.api(f"{GUILD}/roster").headers["Last-Modified"]}
    cut(sandbox, members)
    answer = sandbox.api(f"{GUILD}/roster", headers=since)
    assert (answer.status_code, len(answer.json()["members"])) == (200, members)
    assert sandbox.api(GUILD).json()["member_count"] == 1000
    assert len(sandbox.demo_guild()["members"]) == 1000


def test_a_cut_roster_stays_the_same_document_until_the_next_mutation(sandbox: Client) -> None:
    cut(sandbox, 3)
    dates = [sandbox.api(f"{GUILD}/roster").headers["Last-Modified"] for _ in range(2)]
    cut(sandbox, 3)
    later = sandbox.api(f"{GUILD}/roster", headers={"If-Modified-Since": dates[0]})
    assert dates[0] == dates[1] != later.headers["Last-Modified"]
    cut(sandbox, 2, later=False)
    assert sandbox.api(f"{GUILD}/roster").headers["Last-Modified"] == later.headers["Last-Modified"]
    assert sandbox.api(f"{GUILD}/roster", headers={"If-Modified-Since": dates[0]}).status_code == 200


def test_the_guild_page_can_agree_with_a_cut_roster_without_last_modified(sandbox: Client) -> None:
    cut(sandbox, 300, member_count=300, last_modified=False)
    guild, roster = sandbox.api(GUILD), sandbox.api(f"{GUILD}/roster")
    assert guild.json()["member_count"] == len(roster.json()["members"]) == 300
    assert "Last-Modified" not in guild.headers
    assert "Last-Modified" not in roster.headers


def test_a_cut_roster_can_be_restored(sandbox: Client) -> None:
    cut(sandbox, 0)
    cut(sandbox, None)
    assert len(sandbox.api(f"{GUILD}/roster").json()["members"]) == 1000


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_burst_of_errors_ends(sandbox: Client, status: int) -> None:
    members = [m for m in sandbox.demo_guild()["members"] if m["profile"] == 200][:5]
    sandbox.control("faults", {"path": "/profile/wow/character/", "status": status, "times": 4})
    assert [sandbox.summary(m).status_code for m in members] == [status] * 4 + [200]
    assert sandbox.api(GUILD).status_code == 200


def test_a_404_is_battlenets_own_or_has_no_body(sandbox: Client) -> None:
    sandbox.control("faults", {"path": GUILD, "status": 404, "times": 1})
    assert sandbox.api(GUILD).json() == {"code": 404, "type": "BLZWEBAPI00000404", "detail": "Not Found"}
    sandbox.control("faults", {"path": GUILD, "status": 404, "body": "empty"})
    answer = sandbox.api(GUILD)
    assert (answer.status_code, answer.content) == (404, b"")


def test_a_429_can_be_injected(sandbox: Client) -> None:
    sandbox.control("faults", {"path": "/(data|profile)/", "status": 429, "share": 0.2})
    answers = [sandbox.api(GUILD) for _ in range(50)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert 3 <= len(refused) <= 20
    assert all(answer.content == b"" for answer in refused)


@pytest.mark.parametrize(
    ("defect", "is_malformed"),
    [
        ("no_realm", lambda entry: "realm" not in entry),
        ("no_name", lambda entry: "name" not in entry),
        ("empty_name", lambda entry: entry["name"] == ""),
        ("float_level", lambda entry: isinstance(entry["level"], float)),
        ("string_id", lambda entry: isinstance(entry["id"], str)),
        ("null_id", lambda entry: entry["id"] is None),
    ],
)
def test_some_entries_of_a_list_are_malformed(sandbox: Client, defect: str, is_malformed: object) -> None:
    right = sandbox.api(f"{GUILD}/roster")
    body = {"path": ".*/roster$", "body": "malformed", "defect": defect, "entries": 3}
    sandbox.control("faults", body)
    answer = sandbox.api(f"{GUILD}/roster")
    assert answer.headers["Last-Modified"] == right.headers["Last-Modified"]
    entries = [member["character"] for member in answer.json()["members"]]
    assert callable(is_malformed)
    assert len(entries) == 1000
    assert sum(is_malformed(entry) for entry in entries) == 3
    pairs = zip(right.json()["members"], answer.json()["members"], strict=True)
    assert sum(before != after for before, after in pairs) == 3
    assert answer.json() == sandbox.api(f"{GUILD}/roster").json()


def test_an_accounts_entry_can_be_malformed(sandbox: Client) -> None:
    sandbox.control("faults", {"path": ACCOUNT, "body": "malformed", "defect": "no_realm"})
    document = sandbox.api(ACCOUNT, token=sandbox.sign_in("social")).json()
    characters = [one for wow_account in document["wow_accounts"] for one in wow_account["characters"]]
    assert sum("realm" not in one for one in characters) == 1


def test_a_region_is_down_and_the_others_are_not(sandbox: Client) -> None:
    assert sandbox.control("regions", {"kr": "503"}) == {"us": "up", "eu": "up", "kr": "503", "tw": "up"}
    assert sandbox.api("/data/wow/realm/index", "dynamic-kr").status_code == 503
    assert sandbox.api("/kr/data/wow/realm/index", "dynamic-kr").status_code == 503
    assert sandbox.api("/data/wow/realm/index", "dynamic-tw").status_code == 200
    assert sandbox.control("regions", {"kr": "403"})["kr"] == "403"
    assert sandbox.api("/data/wow/realm/index", "dynamic-kr").json()["code"] == 403
    sandbox.control("reset", {})
    assert sandbox.api("/data/wow/realm/index", "dynamic-kr").status_code == 200


def test_a_region_that_is_down_can_time_out(sandbox: Client) -> None:
    token = sandbox.app_token()
    sandbox.control("regions", {"tw": "timeout"})
    headers = {"Authorization": f"Bearer {token}", "Battlenet-Namespace": "dynamic-tw"}
    with pytest.raises(requests.ReadTimeout):
        requests.get(f"{sandbox.base_url}/data/wow/realm/index", headers=headers, timeout=0.3)


def test_a_fault_can_be_limited_to_a_region(sandbox: Client) -> None:
    sandbox.control("faults", {"path": "/data", "region": "us", "status": 500})
    assert sandbox.api("/data/wow/realm/index", "dynamic-us").status_code == 500
    assert sandbox.api("/data/wow/realm/index", "dynamic-eu").status_code == 200


@pytest.mark.parametrize(
    ("control", "body"),
    [
        ("regions", {"cn": "503"}),
        ("regions", {"kr": "purple"}),
        ("faults", {"path": "/", "body": "malformed"}),
        ("faults", {"path": "/", "body": "malformed", "defect": "purple"}),
        ("faults", {"path": "/", "status": 500, "region": "cn"}),
        ("mutate", {"action": "cut_roster", "guild": DEMO}),
    ],
)
def test_an_invalid_body_is_refused(sandbox: Client, control: str, body: Json) -> None:
    answer = sandbox.post(f"/_sandbox/{control}", json=body)
    assert (answer.status_code, bool(answer.json()["error"])) == (400, True)
