"""Documents that need a user token."""

import pytest

from tests.sandbox.client import Client

ACCOUNT = "/profile/user/wow"


def test_an_account_lists_characters_by_wow_account(sandbox: Client) -> None:
    token = sandbox.sign_in("raider")
    listed = {}
    for region in ("eu", "us"):
        document = sandbox.api(ACCOUNT, f"profile-{region}", token=token).json()
        assert document["id"] == 2_480_117_903
        assert len(document["wow_accounts"]) == 2
        assert len({wow_account["id"] for wow_account in document["wow_accounts"]}) == 2
        listed[region] = [c["name"] for wow_account in document["wow_accounts"] for c in wow_account["characters"]]
    assert {region: len(names) for region, names in listed.items()} == {"eu": 48, "us": 12}
    truth = sandbox.control("truth/account/raider")["characters"]
    assert sorted(listed["eu"] + listed["us"]) == sorted(character["name"] for character in truth)


def test_a_client_token_cannot_read_an_account(sandbox: Client) -> None:
    assert sandbox.api(ACCOUNT).status_code == 403


def test_an_account_needs_the_scope(sandbox: Client) -> None:
    token = sandbox.sign_in("unticker")
    for path in ("", "/collections", "/collections/mounts", "/collections/toys"):
        assert sandbox.api(ACCOUNT + path, token=token).status_code == 403


def test_an_expired_user_token_is_401_and_the_client_token_still_works(sandbox: Client) -> None:
    raider, social = sandbox.sign_in("raider"), sandbox.sign_in("social")
    assert sandbox.control("tokens/expire", {"persona": "raider"}) == {"expired": 1}
    assert sandbox.api(ACCOUNT, token=raider).status_code == 401
    assert sandbox.api(ACCOUNT, token=social).status_code == 200
    sandbox.control("tokens/expire", {})
    assert sandbox.api(ACCOUNT, token=social).status_code == 401
    assert sandbox.api("/data/wow/realm/index", "dynamic-eu").status_code == 200


def test_a_persona_without_the_game_has_no_wow_accounts_or_no_account(sandbox: Client) -> None:
    token = sandbox.sign_in("nowow")
    here = sandbox.api(ACCOUNT, "profile-eu", token=token)
    assert here.status_code == 200
    assert "wow_accounts" not in here.json()
    there = sandbox.api(ACCOUNT, "profile-us", token=token)
    assert (there.status_code, there.json()["detail"]) == (404, "Not Found")


@pytest.mark.parametrize("kind", ["mount", "toy"])
def test_collections_mark_favorites_only_where_there_are_some(sandbox: Client, kind: str) -> None:
    token = sandbox.sign_in("raider")
    things = sandbox.api(f"{ACCOUNT}/collections/{kind}s", token=token).json()[f"{kind}s"]
    truth = sandbox.control("truth/account/raider")[f"{kind}s"]
    assert [thing[kind]["id"] for thing in things] == truth
    assert {thing.get("is_favorite") for thing in things} == {None, True}


def test_a_region_without_characters_has_no_list_of_mounts(sandbox: Client) -> None:
    token = sandbox.sign_in("social")
    assert "mounts" not in sandbox.api(f"{ACCOUNT}/collections/mounts", "profile-us", token=token).json()


def test_only_the_owner_can_read_a_protected_character(sandbox: Client) -> None:
    own = sandbox.control("truth/account/social")["characters"][0]
    path = f"{ACCOUNT}/protected-character/{own['realm_id']}-{own['id']}"
    document = sandbox.api(path, token=sandbox.sign_in("social")).json()
    assert (document["name"], document["wow_account"]) == (own["name"], own["wow_account"])
    assert sandbox.api(path, token=sandbox.sign_in("officer")).status_code == 404


def test_a_character_that_needs_a_rename_is_listed_but_has_no_profile(sandbox: Client) -> None:
    document = sandbox.api(ACCOUNT, token=sandbox.sign_in("raider")).json()
    characters = [c for wow_account in document["wow_accounts"] for c in wow_account["characters"]]
    (waiting,) = [character for character in characters if character["level"] == 0]
    assert any(letter.isdigit() for letter in waiting["name"])
    link = waiting["character"]["href"].removeprefix(sandbox.base_url)
    assert sandbox.api(link, None).status_code == 404


def test_a_transferred_character_is_on_the_other_account(sandbox: Client) -> None:
    own = sandbox.control("truth/account/social")["characters"][0]
    mutation = {key: own[key] for key in ("region", "realm_slug", "name")}
    event = sandbox.mutate("transfer_character", persona="newcomer", **mutation)
    assert (event["from"], event["to"]) == ("social", "newcomer")
    assert own["name"] not in sandbox.api(ACCOUNT, token=sandbox.sign_in("social")).text
    assert own["name"] in sandbox.api(ACCOUNT, token=sandbox.sign_in("newcomer")).text


def test_a_changed_battletag_keeps_the_id(sandbox: Client) -> None:
    token = sandbox.sign_in("social")
    sandbox.mutate("battletag", persona="social", battletag="Lanternfish#1999")
    answer = sandbox.get("/userinfo", headers={"Authorization": f"Bearer {token}"})
    assert answer.json() == {"sub": "633018456", "id": 633_018_456, "battletag": "Lanternfish#1999"}
