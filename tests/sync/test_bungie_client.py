"""Bungie's client by HTTP: the envelope, what each error code means, and what is sent to whom."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from requests import Response

from sync.bungie.client import BungieClient
from sync.bungie.envelope import translate
from sync.bungie.errors import ActionRefused, ConnectAgain, InvalidRequest, MissingScope, Throttled
from sync.bungie.limits import pause_of
from sync.destiny.provider import bungie
from sync.engine import providers
from sync.engine.errors import (
    ApiError,
    ApplicationRefused,
    BadPayload,
    Forbidden,
    NotFound,
    Paused,
    RateLimited,
    TokenExpired,
    Unavailable,
)
from sync.engine.rate_limiter import Lane
from tests.bungie_server import ApiAnswer, Bungie, bungie_server, envelope
from tests.request_state import forget_requests

API_KEY = "the-key-that-nobody-must-see"
SECRET = "the-secret-that-nobody-must-see"
TOKEN = "an-access-token-that-nobody-must-see"
TRANSFER = "/Destiny2/Actions/Items/TransferItem/"
PERSON = {
    "destinyMemberships": [
        {
            "membershipType": 3,
            "membershipId": "4611686018400000103",
            "displayName": "Quill",
            "bungieGlobalDisplayName": "Quillmarsh",
            "bungieGlobalDisplayNameCode": 42,
            "crossSaveOverride": 0,
            "applicableMembershipTypes": [3],
            "isPublic": True,
        }
    ],
    "bungieNetUser": {
        "membershipId": "20000101",
        "displayName": "Quill",
        "cachedBungieGlobalDisplayName": "Quillmarsh",
        "cachedBungieGlobalDisplayNameCode": 42,
    },
}
NEW_TOKENS = {
    "access_token": "new-access",
    "token_type": "Bearer",
    "expires_in": 3600,
    "refresh_token": "new-refresh",
    "refresh_expires_in": 7776000,
    "membership_id": "20000101",
}


@pytest.fixture
def api() -> Iterator[Bungie]:
    with bungie_server(envelope(PERSON)) as server:
        yield server


@pytest.fixture
def client(api: Bungie, db: None, settings: Any) -> BungieClient:
    settings.BUNGIE_URL, settings.BUNGIE_API_KEY, settings.BUNGIE_CLIENT_SECRET = api.url, API_KEY, SECRET
    forget_requests()
    provider = bungie()
    assert provider is not None
    return provider.client(Lane.INTERACTIVE)


def ask(client: BungieClient) -> Any:
    return client.memberships(token=TOKEN, person="ada")


def errors_of_50(client: BungieClient) -> list[ApiError]:
    """Ask for 50 people; return what was raised."""
    errors = []
    for person in range(50):
        try:
            client.memberships(token=TOKEN, person=str(person))
        except ApiError as error:
            errors.append(error)
    return errors


def error_of(client: BungieClient) -> type[ApiError] | None:
    try:
        ask(client)
    except ApiError as error:
        return type(error)
    return None


def ready(client: BungieClient) -> None:
    """End the pause after too many requests, as time does."""
    provider = bungie()
    assert provider is not None
    if provider.rate_limiter(Lane.INTERACTIVE).budget().blocked:
        forget_requests()


def test_memberships_are_read(client: BungieClient, api: Bungie) -> None:
    found = ask(client)
    assert (found.bungie_id, found.name, found.primary_id) == (20000101, "Quillmarsh#0042", None)
    (card,) = found.cards
    assert (card.membership_type, card.membership_id, card.name) == (3, 4611686018400000103, "Quillmarsh#0042")
    ((path, headers, _),) = api.received
    assert path == "/Platform/User/GetMembershipsForCurrentUser/"
    assert (headers["x-api-key"], headers["authorization"]) == (API_KEY, f"Bearer {TOKEN}")


ERRORS: list[tuple[int, int, type[ApiError]]] = [
    *((status, 5, Unavailable) for status in (200, 503)),
    *((200, code, Unavailable) for code in (1618, 1626, 1643, 1651, 1652, 1672, 1688)),
    *((status, code, TokenExpired) for status in (200, 401, 500) for code in (22, 99, 2111, 2115)),
    *((status, code, ApplicationRefused) for status in (401, 403, 500) for code in (2101, 2102, 2107)),
    *((200, code, Forbidden) for code in (12, 1665)),
    *((status, code, NotFound) for status in (200, 404, 500) for code in (1601, 1620, 1623, 1627)),
    *((400, code, InvalidRequest) for code in (3, 7, 18, 30, 1622)),
    *((500, code, ActionRefused) for code in (1634, 1640, 1641, 1642, 1648, 1656, 1660, 1663, 1671, 1678, 1681)),
    *((200, code, Throttled) for code in (31, 35, 36, 37, 51, 57)),
    *((status, code, RateLimited) for status in (200, 429, 500) for code in (54, 55, 56)),
    (429, 36, RateLimited),
    (429, 57, Throttled),
    (403, 2108, MissingScope),
    (200, 87_654, BadPayload),
    (500, 87_654, Unavailable),
    (404, 87_654, NotFound),
    (401, 87_654, TokenExpired),
]


def test_the_error_code_decides_before_the_http_status(client: BungieClient, api: Bungie) -> None:
    for place, (status, code, error) in enumerate(ERRORS):
        api.received.clear()
        api.answers = [(status, envelope(None, code, seconds=3))]
        assert error_of(client) is error, (status, code)
        assert len(api.received) == 1
        ready(client)
        if place % 5 == 0:
            # Failures in a row would open a circuit.
            assert ask(client).bungie_id == 20000101


WITHOUT_ENVELOPE: list[tuple[int, bytes, type[ApiError]]] = [
    (503, b"<html>Maintenance</html>", Unavailable),
    (200, b"<!DOCTYPE html><html>Bungie.net</html>", Unavailable),
    (401, b"<html>Unauthorized</html>", TokenExpired),
    (403, b"<html>Blocked</html>", Unavailable),
    (404, b"<html>Not found</html>", Unavailable),
    (200, b"{", BadPayload),
    (200, b"", BadPayload),
    (200, b"[]", BadPayload),
    (200, b'{"access_token": "x"}', BadPayload),
]


def test_a_body_without_an_envelope_says_nothing_of_the_subject(client: BungieClient, api: Bungie) -> None:
    for status, body, error in WITHOUT_ENVELOPE:
        api.answers = [(status, body)]
        assert error_of(client) is error, (status, body)
        assert ask(client).bungie_id == 20000101


@pytest.mark.parametrize("nothing", [None, {}, ""])
def test_an_empty_success_is_asked_once_more_and_then_an_error(client: BungieClient, api: Bungie, nothing: Any) -> None:
    api.answers = [(200, envelope(nothing))]
    assert ask(client).bungie_id == 20000101
    api.received.clear()
    api.answers = [(200, envelope(nothing))] * 3
    with pytest.raises(BadPayload, match="empty"):
        ask(client)
    assert len(api.received) == 2


def test_maintenance_in_a_200_pauses_everything_of_its_kind(client: BungieClient, api: Bungie) -> None:
    api.answers = [(200, envelope(None, 5, word="SystemDisabled"))] * 100
    errors = errors_of_50(client)
    assert {type(one) for one in errors} == {Unavailable, Paused}
    assert "code 5 SystemDisabled" in str(errors[0])
    provider = bungie()
    assert provider is not None
    (pause,) = provider.circuit_breaker().pauses()
    assert (pause.endpoint, pause.statuses) == ("/User/GetMembershipsForCurrentUser/", (503,))


def test_a_refused_key_pauses_the_whole_application(client: BungieClient, api: Bungie) -> None:
    api.answers = [(500, envelope(None, 2101))] * 100
    assert {type(one) for one in errors_of_50(client)} == {ApplicationRefused, Paused}
    (pause,) = providers.providers()[1].circuit_breaker().pauses()
    assert pause.endpoint == "", "it is about the application, not about one endpoint"


def test_many_expired_tokens_are_no_problem_of_the_application(client: BungieClient, api: Bungie) -> None:
    api.answers = [(401, envelope(None, 99))] * 49
    assert {type(one) for one in errors_of_50(client)} == {TokenExpired}
    assert providers.providers()[1].circuit_breaker().pauses() == []


@pytest.mark.parametrize(("seconds", "waits"), [(30, 30.0), (0, 10.0)])
def test_too_many_requests_of_the_application_hold_up_everybody_for_the_seconds_given(
    client: BungieClient, api: Bungie, seconds: int, waits: float
) -> None:
    api.answers = [(200, envelope(None, 56, seconds=seconds))]
    with pytest.raises(RateLimited) as raised:
        ask(client)
    assert raised.value.retry_after == waits
    provider = bungie()
    assert provider is not None
    assert provider.rate_limiter(Lane.INTERACTIVE).budget().blocked


def test_too_many_requests_of_one_person_hold_up_nobody_else(client: BungieClient, api: Bungie) -> None:
    api.answers = [(429, envelope(None, 57, seconds=10))]
    with pytest.raises(Throttled) as raised:
        ask(client)
    assert raised.value.retry_after == 10
    assert client.memberships(token=TOKEN, person="bob").bungie_id == 20000101


def test_an_action_refused_by_the_game_names_its_rule(client: BungieClient, api: Bungie) -> None:
    api.answers = [(500, envelope(0, 1642, word="DestinyNoRoomInDestination"))]
    with pytest.raises(ActionRefused) as raised:
        client.act(TRANSFER, {"itemId": "1"}, int, person="ada", token=TOKEN)
    assert raised.value.code == 1642
    assert "DestinyNoRoomInDestination" in str(raised.value)


def test_the_actions_of_a_person_keep_their_distance(client: BungieClient, api: Bungie) -> None:
    provider = bungie()
    assert provider is not None
    api.answers = [(200, envelope(0))] * 2
    assert client.act(TRANSFER, {"itemId": "1"}, int, person="ada", token=TOKEN) == 0
    endpoint = "/Destiny2/Actions/Loadouts/EquipLoadout/"
    assert client.act(endpoint, {"loadoutIndex": 1}, int, person="ada", token=TOKEN) == 0
    limiter = provider.rate_limiter(Lane.INTERACTIVE)
    assert 0.5 < limiter.take(0, pause_of(endpoint, "ada")).wait <= 1.1
    assert limiter.take(0.5, pause_of(endpoint, "bob")).taken


def test_new_tokens_are_read(client: BungieClient, api: Bungie) -> None:
    api.answers = [(200, json.dumps(NEW_TOKENS).encode())]
    tokens = client.refreshed_tokens("old-refresh", person="ada")
    assert (tokens.access_token, tokens.refresh_token) == ("new-access", "new-refresh")
    assert (tokens.expires_in, tokens.refresh_expires_in, tokens.bungie_id) == (3600, 7776000, 20000101)
    ((path, headers, body),) = api.received
    assert path == "/Platform/App/OAuth/token/"
    assert "grant_type=refresh_token" in body
    assert headers["content-type"] == "application/x-www-form-urlencoded"
    assert API_KEY not in str(headers), "the token endpoint needs no key"


def refusal(description: str, error: str = "server_error") -> bytes:
    return json.dumps({"error": error, "error_description": description}).encode()


ENDS: list[ApiAnswer] = [
    (400, refusal("AuthorizationCodeInvalid", "invalid_grant")),
    (400, refusal("RefreshTokenNotYetValid")),
    (400, refusal("AccessTokenHasExpired")),
    (400, refusal("AuthorizationRecordExpired")),
    (400, refusal("AuthorizationRecordRevoked")),
    (400, refusal("AuthorizationCodeStale")),
    *((400, envelope(None, code)) for code in (2106, 2110, 2111, 2122, 2123, 2124)),
    (401, refusal("something new")),
    (403, refusal("something new")),
]
TRY_AGAIN: list[ApiAnswer] = [
    (400, refusal("SystemDisabled")),
    (400, refusal("DestinyThrottledByGameServer")),
    (400, refusal("Missing required parameter grant_type", "invalid_request")),
    (401, refusal("", "invalid_client")),
    (401, b"<html>Unauthorized</html>"),
    (403, b"<html>Blocked</html>"),
    (503, b"<html>Maintenance</html>"),
    (500, refusal("SystemDisabled")),
    (200, envelope(None, 5)),
    (200, envelope(None, 1672)),
    (200, b"{"),
]


def test_some_refusals_end_the_connection_and_others_mean_to_try_again(client: BungieClient, api: Bungie) -> None:
    for answer in ENDS + TRY_AGAIN:
        api.answers = [answer, (200, json.dumps(NEW_TOKENS).encode())]
        with pytest.raises(ApiError) as raised:
            client.refreshed_tokens("old-refresh", person="ada")
        assert isinstance(raised.value, ConnectAgain) is (answer in ENDS), answer
        assert raised.value.is_transient is (answer in TRY_AGAIN), answer
        client.refreshed_tokens("old-refresh", person="ada")


def test_maintenance_of_the_token_endpoint_pauses_it_although_it_is_a_400(client: BungieClient, api: Bungie) -> None:
    api.answers = [(400, refusal("SystemDisabled"))] * 30
    errors = set()
    for number in range(30):
        with pytest.raises(ApiError) as raised:
            client.refreshed_tokens("old-refresh", person=f"person-{number}")
        errors.add(type(raised.value))
    assert errors == {Unavailable, Paused}
    provider = bungie()
    assert provider is not None
    (pause,) = provider.circuit_breaker().pauses()
    assert (pause.endpoint, pause.statuses) == ("/App/OAuth/token/", (503,))


def test_nothing_shows_key_secret_or_tokens(
    client: BungieClient, api: Bungie, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    echo = f"{API_KEY} {SECRET} {TOKEN} old-refresh"
    found = []
    for status, body in [(400, echo.encode()), (200, echo.encode()), (500, envelope(None, 5, word=echo))]:
        api.answers = [(status, body), (status, body)]
        for call in (lambda: ask(client), lambda: client.refreshed_tokens("old-refresh", person="ada")):
            with pytest.raises(ApiError) as raised:
                call()
            found.append(str(raised.value))
    api.answers = [(200, json.dumps(NEW_TOKENS).encode())]
    found += [repr(client.refreshed_tokens("old-refresh", person="ada")), repr(bungie()), repr(client), caplog.text]
    for secret in (API_KEY, SECRET, TOKEN, "old-refresh", "new-refresh", "new-access"):
        assert all(secret not in one for one in found)


def test_translating_a_response_never_fails() -> None:
    for body in (b"", b"null", b'{"ErrorCode": true}', b'{"ErrorCode": "5"}', b'{"ErrorCode": 1e400}', b"\xff"):
        response = Response()
        response.status_code, response._content = 200, body
        translate(response)


def test_without_its_settings_there_is_no_provider(settings: Any) -> None:
    settings.DESTINY_ENABLED = False
    assert [one.name for one in providers.providers()] == ["blizzard"]
