"""Bungie's envelope, API key and documents about accounts."""

import time
from typing import Any

import pytest

from tests.sandbox.bungie import KEY, BungieClient
from tests.sandbox.client import Launch

CURRENT = "User/GetMembershipsForCurrentUser/"


def linked(bungie: BungieClient, persona: str, suffix: str = "?getAllMemberships=true") -> Any:
    return bungie.read(f"Destiny2/254/Profile/{bungie.person(persona)['bungie_id']}/LinkedProfiles/{suffix}")


def test_every_answer_is_in_an_envelope(bungie: BungieClient) -> None:
    answer = bungie.get(CURRENT, "officer")
    document = answer.json()
    assert list(document) == ["Response", "ErrorCode", "ThrottleSeconds", "ErrorStatus", "Message", "MessageData"]
    assert (document["ErrorCode"], document["ErrorStatus"], document["MessageData"]) == (1, "Success", {})
    assert answer.headers["x-ventcore-status"] == "1"


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({}, 401, 2102),
        ({"X-API-Key": "another"}, 401, 2101),
        (KEY, 401, 99),
        ({**KEY, "Authorization": "Bearer invented"}, 401, 99),
    ],
)
def test_key_and_token_are_needed(bungie: BungieClient, headers: dict[str, str], status: int, code: int) -> None:
    answer = bungie.client.get(f"/Platform/{CURRENT}", headers=headers)
    assert (answer.status_code, answer.json()["ErrorCode"]) == (status, code)
    assert "Response" not in answer.json()


def test_a_damaged_token_gets_a_page(bungie: BungieClient) -> None:
    answer = bungie.get(CURRENT, headers={"Authorization": "Bearer a%2Fb"})
    assert (answer.status_code, answer.headers["Content-Type"][:9]) == (401, "text/html")


def test_a_path_without_its_last_slash_is_redirected(bungie: BungieClient) -> None:
    answer = bungie.get(CURRENT.rstrip("/") + "?a=b", "officer")
    assert (answer.status_code, answer.headers["Location"]) == (301, f"/Platform/{CURRENT}?a=b")


def test_paths_match_in_any_case(bungie: BungieClient) -> None:
    assert bungie.get(CURRENT.lower(), "officer").status_code == 200


def test_ids_are_strings_and_memberships_have_their_own_type(bungie: BungieClient) -> None:
    document = bungie.read(CURRENT, "raider")
    cards = document["destinyMemberships"]
    assert [(one["membershipType"], one["crossSaveOverride"]) for one in cards] == [(1, 0), (3, 0)]
    assert all(isinstance(one["membershipId"], str) for one in cards)
    assert "primaryMembershipId" not in document
    assert document["bungieNetUser"]["uniqueName"] == "Jörunn#1734"
    assert bungie.read(f"User/GetMembershipsById/{cards[0]['membershipId']}/1/") == document
    assert bungie.read(f"User/GetMembershipsById/{document['bungieNetUser']['membershipId']}/-1/") == document


def test_cross_save_names_the_primary_membership(bungie: BungieClient) -> None:
    document = bungie.read(CURRENT, "officer")
    primary, *others = document["destinyMemberships"]
    assert document["primaryMembershipId"] == primary["membershipId"]
    assert primary["applicableMembershipTypes"] == [1, 2, 3]
    assert {one["crossSaveOverride"] for one in document["destinyMemberships"]} == {3}
    assert [one["applicableMembershipTypes"] for one in others] == [[], []]
    profiles = {one["membershipType"]: one for one in linked(bungie, "officer")["profiles"]}
    assert (profiles[3]["isCrossSavePrimary"], profiles[3]["isOverridden"]) == (True, False)
    assert (profiles[2]["isCrossSavePrimary"], profiles[2]["isOverridden"]) == (False, True)


def test_an_account_that_never_played_is_among_the_errors(bungie: BungieClient) -> None:
    document = linked(bungie, "nodestiny")
    assert document["profiles"] == []
    assert [one["errorCode"] for one in document["profilesWithErrors"]] == [1601]


def test_a_private_account_is_linked_only_if_all_are_asked_for(bungie: BungieClient) -> None:
    assert linked(bungie, "social", "")["profiles"] == []
    assert [one["isPublic"] for one in linked(bungie, "social")["profiles"]] == [False]


def test_in_an_outage_valid_profiles_are_among_the_errors(bungie: BungieClient) -> None:
    bungie.control("failing_profiles", {"code": 1618})
    document = linked(bungie, "raider")
    assert (document["profiles"], len(document["profilesWithErrors"])) == ([], 2)
    bungie.control("failing_profiles", {})
    assert len(linked(bungie, "raider")["profiles"]) == 2


def test_an_old_account_has_no_bungie_name(bungie: BungieClient) -> None:
    (card,) = bungie.read(CURRENT, "nameless")["destinyMemberships"]
    assert card["bungieGlobalDisplayName"] == ""
    assert "bungieGlobalDisplayNameCode" not in card


def test_an_unknown_account_is_an_error(bungie: BungieClient) -> None:
    assert bungie.get("User/GetMembershipsById/1/-1/").json()["ErrorCode"] == 217


@pytest.mark.parametrize(
    ("form", "status", "kind"),
    [("json", 503, "application/json"), ("html", 503, "text/html"), ("html_200", 200, "text/html")],
)
def test_maintenance_has_several_forms(bungie: BungieClient, form: str, status: int, kind: str) -> None:
    bungie.control("maintenance", {"form": form})
    answer = bungie.get(CURRENT, "")
    assert (answer.status_code, answer.headers["Content-Type"].partition(";")[0]) == (status, kind)
    if form == "json":
        assert answer.json()["ErrorStatus"] == "SystemDisabled"
    assert bungie.authorize().status_code == 503


def test_an_injected_error_has_a_code_a_status_and_seconds_to_wait(bungie: BungieClient) -> None:
    bungie.client.control("faults", {"path": "/Platform/User/", "code": 51, "wait_seconds": 10, "times": 1})
    answer = bungie.get(CURRENT, "officer")
    assert answer.status_code == 429
    assert (answer.json()["ErrorStatus"], answer.json()["ThrottleSeconds"]) == (
        "PerEndpointRequestThrottleExceeded",
        10,
    )
    bungie.client.control("faults", {"path": "/Platform/User/", "code": 1672, "status": 200, "times": 1})
    answer = bungie.get(CURRENT, "officer")
    assert (answer.status_code, answer.json()["ErrorCode"]) == (200, 1672)
    assert bungie.get(CURRENT, "officer").status_code == 200


@pytest.mark.parametrize(("status", "code"), [(401, 99), (500, 99), (200, 5), (503, 1672)])
def test_a_code_comes_with_any_status(bungie: BungieClient, status: int, code: int) -> None:
    bungie.client.control("faults", {"path": "/Platform/User/", "code": code, "status": status})
    answer = bungie.get(CURRENT, "officer")
    assert (answer.status_code, answer.json()["ErrorCode"]) == (status, code)


def test_a_success_can_come_without_a_response(bungie: BungieClient) -> None:
    bungie.client.control("faults", {"path": "/Platform/User/", "code": 1})
    answer = bungie.get(CURRENT, "officer")
    assert (answer.status_code, answer.json()["ErrorCode"]) == (200, 1)
    assert "Response" not in answer.json()


def test_bodies_are_corrupted_and_answers_delayed(bungie: BungieClient) -> None:
    whole = bungie.get(CURRENT, "officer").content

    def broken(**fault: Any) -> bytes:
        bungie.client.control("faults", {"path": "/Platform/User/", "times": 1, **fault})
        return bytes(bungie.get(CURRENT, "officer").content)

    assert broken(body="truncated") == whole[: len(whole) // 2]
    assert b'"ErrorCode":"mistyped"' in broken(body="mistyped")
    assert broken(body="html").startswith(b"<!DOCTYPE html>")
    assert broken(body="empty") == b""
    before = time.monotonic()
    assert broken(delay_ms=150) == whole
    assert time.monotonic() - before >= 0.15


def test_an_address_can_make_so_many_requests_in_10_seconds(launch: Launch) -> None:
    bungie = BungieClient(launch("--members", "60", "--bungie-rate-per-10-seconds", "5"))
    path = f"User/GetMembershipsById/{bungie.person('officer')['bungie_id']}/254/"
    answers = [bungie.get(path) for _ in range(6)]
    assert [one.status_code for one in answers] == [200] * 5 + [429]
    assert (answers[-1].json()["ErrorCode"], answers[-1].json()["ThrottleSeconds"]) == (36, 10)
    stats = bungie.control("stats")
    assert (stats["refused"], stats["busiest_10_seconds"], stats["by_code"]) == (1, 6, {"1": 5, "36": 1})
