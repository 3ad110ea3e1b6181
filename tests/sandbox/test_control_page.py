"""The control page: its forms work like the control API."""

import json

from tests.sandbox.bungie import BungieClient
from tests.sandbox.client import Client, Json

GUILD = "/data/wow/guild/tarn-hollow/gravel-orchard"


def submit(sandbox: Client, control: str, **fields: str) -> None:
    """Submit a form of the page like a browser, and return the page."""
    page = sandbox.get("/_sandbox/").text
    assert f'action="/_sandbox/{control}"' in page
    assert all(f'name="{name}"' in page for name in fields)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = sandbox.post(f"/_sandbox/{control}", data=fields, headers=headers)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/_sandbox/")


def test_a_region_is_taken_down_and_brought_up(sandbox: Client) -> None:
    submit(sandbox, "regions", us="up", eu="up", kr="503", tw="up")
    assert sandbox.api("/data/wow/realm/index", "dynamic-kr").status_code == 503
    assert '<option value="503" selected>' in sandbox.get("/_sandbox/").text
    submit(sandbox, "regions", us="up", eu="up", kr="up", tw="up")
    assert sandbox.api("/data/wow/realm/index", "dynamic-kr").status_code == 200


def test_a_persona_starts_playing_in_another_region(sandbox: Client) -> None:
    submit(sandbox, "mutate", action="play_in_region", persona="social", region="tw", characters="2")
    regions = [one["region"] for one in sandbox.control("truth/account/social")["characters"]]
    assert regions.count("tw") == 2


def test_a_fault_is_added_listed_and_cleared(sandbox: Client) -> None:
    empty = {"region": "", "share": "", "delay_ms": "", "body": "", "defect": ""}
    submit(sandbox, "faults", path=GUILD, status="403", times="5", **empty)
    assert sandbox.api(GUILD).status_code == 403
    assert "&quot;applied&quot;: 1" in sandbox.get("/_sandbox/").text
    submit(sandbox, "faults/clear")
    assert sandbox.api(GUILD).status_code == 200


def test_a_roster_is_cut(sandbox: Client) -> None:
    guild = json.dumps({"region": "eu", "realm_slug": "tarn-hollow", "slug": "gravel-orchard"})
    submit(sandbox, "mutate", action="cut_roster", guild=guild, members="10", later="true")
    assert len(sandbox.api(f"{GUILD}/roster").json()["members"]) == 10


def test_invalid_input_is_refused_with_a_reason(sandbox: Client) -> None:
    answer = sandbox.post("/_sandbox/regions", data={"kr": "purple"})
    assert answer.status_code == 400
    assert "purple" in answer.json()["error"]


def test_cross_site_requests_are_refused(sandbox: Client) -> None:
    headers = {"Sec-Fetch-Site": "cross-site"}
    answer = sandbox.post("/_sandbox/regions", data={"kr": "503"}, headers=headers)
    assert answer.status_code == 403
    assert sandbox.control("regions")["kr"] == "up"


def test_bungie_goes_down_for_maintenance_and_comes_back(bungie: BungieClient) -> None:
    submit(bungie.client, "bungie/maintenance", form="html")
    assert bungie.get("Settings/").status_code == 503
    assert '<option value="html" selected>' in bungie.client.get("/_sandbox/").text
    submit(bungie.client, "bungie/maintenance", form="")
    assert bungie.get("Settings/").status_code == 200


def test_a_guardian_is_sent_into_a_raid_and_home(bungie: BungieClient) -> None:
    membership = bungie.person("wanderer")["memberships"][0]["id"]

    def guardian() -> Json:
        (only,) = bungie.client.control(f"truth/bungie/{membership}")["guardians"]
        return dict(only)

    submit(bungie.client, "bungie/activity", guardian=guardian()["id"], mode="4")
    assert guardian()["activity"] != 0
    submit(bungie.client, "bungie/activity", guardian=guardian()["id"], mode="")
    assert (guardian()["activity"], guardian()["is_online"]) == (0, False)


def test_a_new_edition_is_published(bungie: BungieClient) -> None:
    before = bungie.read("Destiny2/Manifest/")["version"]
    submit(bungie.client, "bungie/content/edition", same_version="false")
    after = bungie.read("Destiny2/Manifest/")["version"]
    assert after != before
    assert after in bungie.client.get("/_sandbox/").text
