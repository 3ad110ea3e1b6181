"""Failed sign-ins: the error pages."""

import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
import responses
from allauth.socialaccount.models import SocialAccount
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

import accounts.oauth_responses
from accounts.models import BattlenetToken, User
from outgoing.bounds import Bounds
from tests.accounts.oauth_flow import CALLBACK, consent, deny, is_signed_in, start_sign_in, state_of
from tests.battlenet import Sandbox
from tests.html import text_of

pytestmark = pytest.mark.django_db

BUTTON = "Try again with Battle.net"
CODE, TOKEN = "EUcodecodecodecode", "EUtokentokentokentoken"


@pytest.fixture
def battlenet(settings: Settings, sandbox: Sandbox) -> Iterator[responses.RequestsMock]:
    """Mock Battle.net for responses that the sandbox cannot give; it returns TOKEN for any code."""
    settings.BLIZZARD_OAUTH_URL = "https://battlenet.test"
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def return_from_battlenet(client: Client) -> Any:
    """Return from Battle.net with CODE."""
    return client.get(CALLBACK, {"state": state_of(start_sign_in(client)), "code": CODE})


def give_token(battlenet: responses.RequestsMock, **changes: Any) -> None:
    document = {"access_token": TOKEN, "token_type": "bearer", "expires_in": 86399, "scope": "openid wow.profile"}
    battlenet.post("https://battlenet.test/token", json={**document, **changes})


def assert_error(client: Client, response: Any, status: int, title: str) -> None:
    page = text_of(response)
    assert (response.status_code, title in page) == (status, True), page
    assert BUTTON in page
    assert CODE not in page
    assert TOKEN not in page
    assert not is_signed_in(client)
    assert not BattlenetToken.objects.exists()


def test_declining_stores_nothing(sandbox: Sandbox, client: Client) -> None:
    response = client.get(deny(start_sign_in(client)))
    assert_error(client, response, 403, "You did not sign in")
    assert not User.objects.exists()


def test_an_unknown_state(client: Client, sandbox: Sandbox) -> None:
    start_sign_in(client)
    response = client.get(CALLBACK, {"state": "invented", "code": CODE})
    assert_error(client, response, 400, "This sign-in is no longer valid")


def test_no_state_at_all(client: Client, sandbox: Sandbox) -> None:
    assert_error(client, client.get(CALLBACK, {"code": CODE}), 400, "This sign-in is no longer valid")


def test_a_sign_in_started_in_another_browser_signs_nobody_in(client: Client, sandbox: Sandbox) -> None:
    """Otherwise an attacker could lead a victim into the attacker's account."""
    way_back = consent(start_sign_in(Client()))
    assert_error(client, client.get(way_back), 400, "This sign-in is no longer valid")


def test_a_callback_works_once(client: Client, sandbox: Sandbox) -> None:
    way_back = consent(start_sign_in(client))
    assert client.get(way_back).status_code == 302
    again = client.get(way_back)
    assert (again.status_code, "This sign-in is no longer valid" in text_of(again)) == (400, True)
    assert is_signed_in(client), "the first callback counts"


def test_a_code_works_once(client: Client, sandbox: Sandbox) -> None:
    code = consent(start_sign_in(Client())).partition("code=")[2].partition("&")[0]
    requests.post(
        f"{sandbox.url}/token",
        auth=("sandbox-client", "sandbox-secret"),
        data={
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": f"http://127.0.0.1:8000{CALLBACK}",
        },
        timeout=10,
    ).raise_for_status()
    response = client.get(CALLBACK, {"state": state_of(start_sign_in(client)), "code": code})
    assert_error(client, response, 502, "Battle.net did not accept the sign-in")


def test_the_code_is_missing(client: Client, sandbox: Sandbox) -> None:
    response = client.get(CALLBACK, {"state": state_of(start_sign_in(client))})
    assert_error(client, response, 502, "Battle.net did not accept the sign-in")


def test_battlenet_redirects_with_an_error(client: Client, sandbox: Sandbox) -> None:
    response = client.get(CALLBACK, {"state": state_of(start_sign_in(client)), "error": "server_error"})
    assert_error(client, response, 502, "Battle.net did not accept the sign-in")


def test_battlenet_cannot_be_reached(client: Client, sandbox: Sandbox, settings: Settings) -> None:
    way_back = consent(start_sign_in(client))
    settings.BLIZZARD_OAUTH_URL = "http://127.0.0.1:9"
    assert_error(client, client.get(way_back), 503, "Battle.net does not answer")


@pytest.mark.parametrize("path", ["/token", "/userinfo"])
@pytest.mark.parametrize(
    ("fault", "status", "title"),
    [
        ({"status": 500}, 503, "Battle.net does not answer"),
        ({"status": 503, "body": "html"}, 503, "Battle.net does not answer"),
        ({"status": 429}, 503, "Battle.net does not answer"),
        ({"delay_ms": 900}, 503, "Battle.net does not answer"),
        ({"status": 403}, 502, "Battle.net did not accept the sign-in"),
        ({"body": "truncated"}, 502, "Unexpected answer from Battle.net"),
        ({"body": "mistyped"}, 502, "Unexpected answer from Battle.net"),
        ({"body": "empty"}, 502, "Unexpected answer from Battle.net"),
        ({"body": "html"}, 502, "Unexpected answer from Battle.net"),
        ({"body": "nested"}, 502, "Unexpected answer from Battle.net"),
        ({"body": "huge"}, 502, "Unexpected answer from Battle.net"),
        ({"body": "gzip_bomb"}, 502, "Unexpected answer from Battle.net"),
        ({"body": "drip"}, 503, "Battle.net does not answer"),
    ],
    ids=lambda value: "-".join(map(str, value.values())) if isinstance(value, dict) else None,
)
def test_battlenet_returns_an_error(
    client: Client,
    sandbox: Sandbox,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    fault: dict[str, Any],
    status: int,
    title: str,
) -> None:
    settings.SOCIALACCOUNT_REQUESTS_TIMEOUT = 0.3
    monkeypatch.setattr(accounts.oauth_responses, "BOUNDS", Bounds(size=2**16, seconds=0.5))
    way_back = consent(start_sign_in(client))
    sandbox.fault(path=path, **fault)
    assert_error(client, client.get(way_back), status, title)


def test_signing_in_works_again_once_battlenet_is_back(client: Client, sandbox: Sandbox) -> None:
    way_back = consent(start_sign_in(client))
    sandbox.fault(path="/token", status=503)
    client.get(way_back)
    sandbox.clear_faults()
    client.get(consent(start_sign_in(client)))
    assert is_signed_in(client)


@pytest.mark.parametrize(
    "document",
    [
        {"id": None},
        {"id": -5},
        {"id": 2**63},
        {"id": "12 "},
        {"id": True},
        {"id": 10**400},
        {"id": "1\x00"},
        {"id": "٣"},
        {"id": 4.5},
        {"battletag": "Nobody#1"},
        [1, 2],
        7,
        None,
    ],
    ids=str,
)
def test_an_answer_without_a_valid_id_signs_nobody_in(
    client: Client, battlenet: responses.RequestsMock, document: Any
) -> None:
    give_token(battlenet)
    battlenet.get("https://battlenet.test/userinfo", json=document)
    assert_error(client, return_from_battlenet(client), 502, "Unexpected answer from Battle.net")
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "answer",
    [
        '["access_token"]',
        '{"access_token": "EUtokentokentokentoken", "expires_in": "x"}',
        '{"access_token": "EUtokentokentokentoken", "expires_in": 1e999}',
        '{"access_token": "EUtokentokentokentoken", "expires_in": 99999999999999999999}',
        '{"access_token": "EUtoken\\r\\nX-Injected: 1"}',
        '{"access_token": "EUtoken\\u0000"}',
        '{"access_token": ["EUtoken"]}',
        '{"access_token": "EUtoken", "refresh_token": {"a": 1}}',
        f'{{"access_token": "{"a" * 10_000}"}}',
        "[" * 50_000,
    ],
    ids=lambda answer: answer[:60],
)
def test_a_token_answer_of_another_shape(client: Client, battlenet: responses.RequestsMock, answer: str) -> None:
    battlenet.post("https://battlenet.test/token", body=answer, content_type="application/json")
    assert_error(client, return_from_battlenet(client), 502, "Unexpected answer from Battle.net")


@pytest.mark.parametrize(
    ("status", "title"),
    [(401, "Battle.net did not accept the sign-in"), (200, "Unexpected answer from Battle.net")],
)
def test_secrets_of_the_response_reach_neither_page_nor_log(
    client: Client, battlenet: responses.RequestsMock, caplog: pytest.LogCaptureFixture, status: int, title: str
) -> None:
    caplog.set_level(logging.DEBUG)
    give_token(battlenet)
    battlenet.get(
        "https://battlenet.test/userinfo",
        status=status,
        json={"error": "invalid_token", "error_description": f"Invalid access token: {TOKEN}"},
    )
    assert_error(client, return_from_battlenet(client), 502, title)
    assert "Signing in failed: " in caplog.text
    assert TOKEN not in caplog.text
    assert CODE not in caplog.text


@pytest.mark.parametrize(
    "battletag",
    [
        {},
        {"battletag": None},
        {"battletag": 5},
        {"battletag": "x" * 65},
        {"battletag": "a\u202eb#1"},
        {"battletag": "a\x00#1"},
    ],
    ids=str,
)
def test_a_user_without_a_battletag_is_named_by_the_id(
    client: Client, battlenet: responses.RequestsMock, battletag: dict[str, Any]
) -> None:
    give_token(battlenet)
    battlenet.get("https://battlenet.test/userinfo", json={"sub": "4711", "id": 4711, **battletag})
    assert return_from_battlenet(client).status_code == 302
    user = User.objects.get()
    assert (user.battlenet_id, user.battletag, user.display_name) == (4711, "#4711", "#4711")
    assert "#4711" in text_of(client.get("/account/"))


def test_a_missing_battletag_does_not_remove_the_stored_one(client: Client, battlenet: responses.RequestsMock) -> None:
    User.objects.create_user(4711, "Odile#4711")
    give_token(battlenet)
    battlenet.get("https://battlenet.test/userinfo", json={"id": 4711})
    return_from_battlenet(client)
    assert User.objects.get().battletag == "Odile#4711"


def test_a_response_without_scopes_grants_those_requested(client: Client, battlenet: responses.RequestsMock) -> None:
    battlenet.post("https://battlenet.test/token", json={"access_token": TOKEN, "expires_in": 86399})
    battlenet.get("https://battlenet.test/userinfo", json={"id": 4711, "battletag": "Odile#4711"})
    return_from_battlenet(client)
    assert BattlenetToken.objects.get().shares_characters


def test_a_response_with_empty_scopes_shares_nothing(client: Client, battlenet: responses.RequestsMock) -> None:
    give_token(battlenet, scope="")
    battlenet.get("https://battlenet.test/userinfo", json={"id": 4711, "battletag": "Odile#4711"})
    return_from_battlenet(client)
    assert not BattlenetToken.objects.get().shares_characters


def test_a_revoked_token_asks_for_a_new_sign_in(sign_in: Callable[..., Any], sandbox: Sandbox, client: Client) -> None:
    """As after a changed password. Known data stays on the page."""
    sign_in("social")
    call_command("sync_account", "Pebblecup#11902", "--json")
    sandbox.expire_tokens()
    with pytest.raises((CommandError, SystemExit)):
        call_command("sync_account", "Pebblecup#11902", "--json")
    page = text_of(client.get("/characters/"))
    assert "Sign in again to refresh your list" in page
    assert "2 characters" in page
    sign_in("social")
    assert "Sign in again to refresh" not in text_of(client.get("/characters/"))


def test_a_redirect_of_battlenet_is_not_followed(client: Client, battlenet: responses.RequestsMock) -> None:
    battlenet.post("https://battlenet.test/token", status=302, headers={"Location": "http://127.0.0.1:9/secret"})
    assert_error(client, return_from_battlenet(client), 503, "Battle.net does not answer")
    assert [call.request.url for call in battlenet.calls] == ["https://battlenet.test/token"]


def test_nothing_but_the_battletag_is_stored_of_an_answer(client: Client, battlenet: responses.RequestsMock) -> None:
    give_token(battlenet, scope="openid wow.profile \x00 everything")
    document = {"id": 4711, "battletag": "Odile#4711", "note": "\x00\ud800", "size": 10**400, "deep": [[[[]]]]}
    battlenet.get("https://battlenet.test/userinfo", json=document)
    assert return_from_battlenet(client).status_code == 302
    assert SocialAccount.objects.get().extra_data == {"battletag": "Odile#4711"}
    assert BattlenetToken.objects.get().scopes == ["openid", "wow.profile"]
