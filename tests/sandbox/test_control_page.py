"""The control page: its forms work like the control API."""

import json

from tests.sandbox.client import Client

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
