"""Bungie's authorization page and token endpoint."""

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.sandbox.bungie import CALLBACK, CLIENT, BungieClient
from tests.sandbox.client import Launch

YEAR, DAY = 365 * 86_400, 86_400


def answer_of(location: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(location).query)


def test_the_page_asks_who_signs_in(bungie: BungieClient) -> None:
    page = bungie.authorize()
    assert page.status_code == 200
    assert "not the real Battle.net or Bungie.net" in page.text
    assert "Thistledown#2764" in page.text
    assert "Sootwick#0077" in page.text


def test_the_form_of_the_page_leads_back_with_code_and_state(bungie: BungieClient) -> None:
    fields = {"client_id": "40001", "response_type": "code", "state": "st4te", "redirect_uri": CALLBACK}
    form = {**fields, "persona": "officer", "decision": "allow"}
    location = bungie.client.post("/en/OAuth/Authorize", data=form).headers["Location"]
    assert location.startswith(CALLBACK)
    assert answer_of(location)["state"] == ["st4te"]
    assert (
        bungie.redeem(answer_of(location)["code"][0]).json()["membership_id"] == bungie.person("officer")["bungie_id"]
    )


def test_denying_leads_back_with_an_error(bungie: BungieClient) -> None:
    form = {"client_id": "40001", "response_type": "code", "redirect_uri": CALLBACK, "persona": "officer"}
    location = bungie.client.post("/en/OAuth/Authorize", data=form).headers["Location"]
    assert answer_of(location) == {"error": ["access_denied"]}


def test_only_the_advanced_scope_matters(bungie: BungieClient) -> None:
    assert "code" in answer_of(bungie.authorize(persona="officer", scope="anything").headers["Location"])
    refused = bungie.authorize(persona="officer", scope="AdvancedWriteActions").headers["Location"]
    assert answer_of(refused)["error"] == ["invalid_scope"]


def test_the_redirect_url_has_to_be_the_registered_one(launch: Launch) -> None:
    bungie = BungieClient(launch("--members", "60", "--bungie-redirect-url", CALLBACK))
    for wrong in (CALLBACK.upper(), CALLBACK + "?a=b", "https://127.0.0.1:8000/"):
        assert bungie.authorize(persona="officer", redirect_uri=wrong).status_code == 400
    location = bungie.authorize(persona="officer", redirect_uri="").headers["Location"]
    assert location.startswith(CALLBACK)


def test_tokens_look_like_bungies(bungie: BungieClient) -> None:
    tokens = bungie.sign_in("guildmaster")
    assert tokens.keys() == {
        "access_token", "token_type", "expires_in", "refresh_token", "refresh_expires_in", "membership_id",
    }  # fmt: skip
    assert (tokens["token_type"], tokens["expires_in"], tokens["refresh_expires_in"]) == ("Bearer", 3600, 90 * DAY)
    assert len(tokens["access_token"]) >= 360
    assert tokens["membership_id"] == bungie.person("guildmaster")["bungie_id"]


def test_id_and_secret_can_be_in_a_header(bungie: BungieClient) -> None:
    form = {"grant_type": "authorization_code", "code": bungie.code("officer")}
    credentials = (CLIENT["client_id"], CLIENT["client_secret"])
    assert bungie.client.post("/Platform/App/OAuth/token/", data=form, auth=credentials).status_code == 200


def test_a_code_is_good_once_and_for_a_minute(bungie: BungieClient) -> None:
    code, late = bungie.code("officer"), bungie.code("officer")
    assert bungie.redeem(code).status_code == 200
    again = bungie.redeem(code)
    bungie.control("clock", {"seconds": 61})
    for refused in (again, bungie.redeem(late), bungie.redeem("invented")):
        assert refused.status_code == 400
        assert refused.json() == {"error": "invalid_grant", "error_description": "AuthorizationCodeInvalid"}


@pytest.mark.parametrize(
    ("form", "answer"),
    [
        ({}, (400, "invalid_request", "Missing required parameter grant_type")),
        ({"grant_type": "refresh_token", "client_id": "a"}, (400, "invalid_request", "Cannot parse client_id")),
        (
            {"grant_type": "refresh_token", "client_secret": "a"},
            (401, "invalid_client", "Client authentication failed"),
        ),
        (
            {"grant_type": "refresh_token", "refresh_token": "a"},
            (400, "invalid_grant", "ProvidedTokenNotValidRefreshToken"),
        ),
    ],
)
def test_a_wrong_request_for_a_token_says_what_is_wrong(
    bungie: BungieClient, form: dict[str, str], answer: tuple[int, str, str]
) -> None:
    refused = bungie.token(**form)
    assert (refused.status_code, *refused.json().values()) == answer


def test_a_body_of_json_has_no_parameters(bungie: BungieClient) -> None:
    refused = bungie.client.post("/Platform/App/OAuth/token/", json={**CLIENT, "grant_type": "refresh_token"})
    assert refused.json()["error_description"] == "Missing required parameter grant_type"


def test_a_refresh_token_is_good_once(bungie: BungieClient) -> None:
    first = bungie.sign_in("officer")["refresh_token"]
    second = bungie.refresh(first).json()["refresh_token"]
    assert second != first
    assert bungie.refresh(first).status_code == 400
    assert bungie.refresh(second).status_code == 200


def test_an_access_token_ends_after_an_hour_and_its_refresh_token_after_90_days(bungie: BungieClient) -> None:
    tokens = bungie.sign_in("officer")
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    path = "User/GetMembershipsForCurrentUser/"
    assert bungie.get(path, headers=bearer).status_code == 200
    bungie.control("clock", {"seconds": 3601})
    expired = bungie.get(path, headers=bearer)
    assert (expired.status_code, expired.json()["ErrorCode"]) == (500, 99)
    bungie.control("clock", {"seconds": 90 * DAY})
    assert bungie.refresh(tokens["refresh_token"]).json()["error_description"] == "RefreshTokenExpired"


def test_an_authorization_ends_after_a_year_however_often_it_was_refreshed(bungie: BungieClient) -> None:
    token = bungie.sign_in("officer")["refresh_token"]
    for _ in range(5):
        bungie.control("clock", {"seconds": YEAR / 5 - 10})
        token = bungie.refresh(token).json()["refresh_token"]
    bungie.control("clock", {"seconds": 60})
    refused = bungie.refresh(token)
    assert refused.json() == {"error": "server_error", "error_description": "AuthorizationRecordExpired"}


def test_a_revocation_is_noticed_at_the_next_refresh(bungie: BungieClient) -> None:
    tokens, other = bungie.sign_in("officer"), bungie.sign_in("raider")
    assert bungie.control("tokens/revoke", {"persona": "officer"}) == {"revoked": 1}
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert bungie.get("User/GetMembershipsForCurrentUser/", headers=bearer).status_code == 200
    refused = bungie.refresh(tokens["refresh_token"])
    assert refused.json() == {"error": "server_error", "error_description": "AuthorizationRecordRevoked"}
    assert bungie.refresh(other["refresh_token"]).status_code == 200


def test_maintenance_is_no_verdict_about_a_token(bungie: BungieClient) -> None:
    token = bungie.sign_in("officer")["refresh_token"]
    bungie.control("maintenance", {"form": "json"})
    down = bungie.refresh(token)
    assert (down.status_code, down.json()["error_description"]) == (400, "SystemDisabled")
    bungie.control("maintenance", {})
    assert bungie.refresh(token).status_code == 200


def test_pkce_is_ignored_unless_it_is_made_strict(bungie: BungieClient) -> None:
    # The challenge of this verifier in RFC 7636.
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    assert bungie.redeem(bungie.code("officer", code_challenge=challenge)).status_code == 200
    bungie.control("strict_pkce", {})
    assert bungie.redeem(bungie.code("officer", code_challenge=challenge)).status_code == 400
    right = bungie.redeem(bungie.code("officer", code_challenge=challenge), code_verifier=verifier)
    assert right.status_code == 200
