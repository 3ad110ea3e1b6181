"""Every failure of a request has a named error, which contains no secret."""

import logging
import socket
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import responses
from django.conf import settings

from sync.blizzard.client import BlizzardClient, Credentials
from sync.blizzard.refusals import error_for
from sync.engine import http as transport
from sync.engine.errors import (
    ApiError,
    BadPayload,
    Forbidden,
    NotFound,
    RateLimited,
    TokenExpired,
    Unavailable,
)
from sync.engine.rate_limiter import Lane
from sync.wow.provider import blizzard, client_for
from tests.battlenet import Sandbox

GUILD = ("eu", "tarn-hollow", "gravel-orchard")
GUILD_PATH = "/data/wow/guild/tarn-hollow/gravel-orchard"


@pytest.mark.parametrize(
    ("fault", "error", "status", "is_transient"),
    [
        ({"status": 400}, BadPayload, 400, True),
        ({"status": 403}, Forbidden, 403, False),
        ({"status": 404}, NotFound, 404, False),
        ({"status": 403, "body": "empty"}, Unavailable, 403, True),
        ({"status": 404, "body": "empty"}, Unavailable, 404, True),
        ({"status": 404, "body": "html"}, Unavailable, 404, True),
        ({"status": 500}, Unavailable, 500, True),
        ({"status": 502, "body": "html"}, Unavailable, 502, True),
        ({"status": 503, "body": "empty"}, Unavailable, 503, True),
        ({"body": "truncated"}, BadPayload, 200, True),
        ({"body": "mistyped"}, BadPayload, 200, True),
        ({"body": "empty"}, BadPayload, 200, True),
        ({"body": "html"}, BadPayload, 200, True),
    ],
    ids=lambda value: "-".join(map(str, value.values())) if isinstance(value, dict) else "",
)
def test_every_failure_has_its_name(
    battlenet: BlizzardClient,
    sandbox: Sandbox,
    fault: dict[str, Any],
    error: type[ApiError],
    status: int,
    is_transient: bool,
) -> None:
    sandbox.fault(path=GUILD_PATH, **fault)
    with pytest.raises(ApiError) as raised:
        battlenet.guild_roster(*GUILD)
    assert type(raised.value) is error
    assert (raised.value.status, raised.value.is_transient) == (status, is_transient)
    assert raised.value.where == f"{GUILD_PATH}/roster"
    sandbox.clear_faults()
    assert battlenet.guild(*GUILD).name == "Gravel Orchard"


def test_an_unknown_guild_and_a_character_of_level_one_are_not_found(
    battlenet: BlizzardClient, sandbox: Sandbox
) -> None:
    with pytest.raises(NotFound):
        battlenet.guild("eu", "tarn-hollow", "nobody-knows-us")
    beginner = next(one for one in sandbox.members(sandbox.demo_guild()) if one["level"] == 1)
    with pytest.raises(NotFound):
        battlenet.character("eu", beginner["realm_slug"], beginner["name"])


def test_a_hidden_character_is_forbidden(battlenet: BlizzardClient, sandbox: Sandbox) -> None:
    hidden = next(one for one in sandbox.members(sandbox.demo_guild()) if one["profile"] == 403)
    with pytest.raises(Forbidden):
        battlenet.character("eu", hidden["realm_slug"], hidden["name"])


def test_an_expired_user_token_is_reported_and_not_retried(
    battlenet: BlizzardClient, sandbox: Sandbox, token_of: Callable[[str], tuple[str, list[str]]]
) -> None:
    token, _ = token_of("raider")
    sandbox.expire_tokens()
    with pytest.raises(TokenExpired) as raised:
        battlenet.account_profile("eu", user_token=token)
    assert raised.value.status == 401
    assert sandbox.stats()["by_status"] == {"401": 1}


def test_a_token_without_the_characters_is_forbidden(
    battlenet: BlizzardClient, token_of: Callable[[str], tuple[str, list[str]]]
) -> None:
    token, scopes = token_of("unticker")
    assert "wow.profile" not in scopes
    with pytest.raises(Forbidden):
        battlenet.account_profile("eu", user_token=token)


def test_a_single_429_delays_only_its_own_request(
    battlenet: BlizzardClient, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    battlenet.guild(*GUILD)
    sandbox.fault(path=GUILD_PATH, status=429, times=1)
    others: list[str] = []

    def meanwhile(seconds: float) -> None:
        assert 0.1 <= seconds <= 1
        others.append(impatient.guild(*GUILD).name)

    impatient = client_for(Lane.BACKGROUND)
    impatient._transport._longest_wait = 0.2
    monkeypatch.setattr(transport, "time", SimpleNamespace(monotonic=time.monotonic, sleep=meanwhile))
    assert battlenet.guild(*GUILD).name == "Gravel Orchard"
    assert others == ["Gravel Orchard"]
    assert sandbox.stats()["by_status"] == {"200": 3, "429": 1}
    assert blizzard().request_metrics().counts().refused_below_limit >= 1


def hold_up(battlenet: BlizzardClient, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, *, refusals: int) -> float:
    """Let the sandbox refuse requests; return how many seconds others then wait."""
    monkeypatch.setattr(transport, "MOST_REFUSALS", 1)
    sandbox.fault(path=GUILD_PATH, status=429, times=refusals)
    for _ in range(refusals):
        with pytest.raises(RateLimited) as raised:
            battlenet.guild(*GUILD)
        assert (raised.value.retry_after, raised.value.status) == (1.0, 429)
    impatient = client_for(Lane.BACKGROUND)
    impatient._transport._longest_wait = 0
    sandbox.forget_requests()
    with pytest.raises(RateLimited) as held:
        impatient.guild(*GUILD)
    assert held.value.status is None
    assert sandbox.stats()["requests"] == 0
    return held.value.retry_after


def test_three_429s_in_a_row_block_all_requests_for_a_second(
    battlenet: BlizzardClient, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    battlenet.guild(*GUILD)
    assert 0 < hold_up(battlenet, sandbox, monkeypatch, refusals=3) <= 1.01


def test_a_429_in_a_nearly_full_second_blocks_all_requests_until_it_is_over(
    battlenet: BlizzardClient, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    battlenet.guild(*GUILD)
    limiter = blizzard().rate_limiter(Lane.INTERACTIVE)
    while limiter.budget().left[0] > 10:
        limiter.take(30)
    assert 0 < hold_up(battlenet, sandbox, monkeypatch, refusals=1) <= 1.01


@pytest.mark.parametrize(("said", "wait"), [("3", 3.0), ("999999", 3600.0), ("0", 0.1), ("soon", 1.0), ("-1", 1.0)])
def test_retry_after_is_respected_up_to_a_limit(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, said: str, wait: float
) -> None:
    monkeypatch.setattr(settings, "BLIZZARD_API_URL", "http://battlenet.test")
    monkeypatch.setattr(transport, "time", SimpleNamespace(monotonic=time.monotonic, sleep=lambda seconds: None))
    client_for.cache_clear()
    with responses.RequestsMock() as answers:
        answers.add_passthru(sandbox.url)
        answers.add("GET", f"http://battlenet.test{GUILD_PATH}", status=429, headers={"Retry-After": said})
        with pytest.raises(RateLimited) as raised:
            client_for(Lane.INTERACTIVE).guild(*GUILD)
        assert len(answers.calls) == (1 if wait > transport.PATIENCE else transport.MOST_REFUSALS)
    assert raised.value.retry_after == wait
    # A longer one holds for everybody.
    assert blizzard().rate_limiter(Lane.INTERACTIVE).budget().blocked is (wait > transport.PATIENCE)
    client_for.cache_clear()


def test_a_503_says_when_to_ask_again(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "BLIZZARD_API_URL", "http://battlenet.test")
    client_for.cache_clear()
    with responses.RequestsMock() as answers:
        answers.add_passthru(sandbox.url)
        answers.add("GET", f"http://battlenet.test{GUILD_PATH}", status=503, headers={"Retry-After": "120"})
        with pytest.raises(Unavailable) as raised:
            client_for(Lane.INTERACTIVE).guild(*GUILD)
    assert raised.value.retry_after == 120
    client_for.cache_clear()


OWN = b'{"code":404,"type":"BLZWEBAPI00000404","detail":"Not Found"}'


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (404, OWN, NotFound),
        (403, OWN.replace(b"404", b"403"), Forbidden),
        (403, b'{"code":403, "type":"Forbidden", "detail":"Account Inactive"}', Unavailable),
        (403, OWN, Unavailable),
        (404, b"", Unavailable),
        (404, b"[]", Unavailable),
        (404, b"null", Unavailable),
        (404, b'{"code":404}', Unavailable),
        (404, b'{"code":"404","type":"BLZWEBAPI00000404"}', Unavailable),
        (404, b"<html>Not Found</html>", Unavailable),
        (404, b"[" * 100_000, Unavailable),
        (404, b"\xff\xfe", Unavailable),
        (401, b"", TokenExpired),
        (503, OWN, Unavailable),
        (400, OWN, BadPayload),
    ],
)
def test_only_battle_nets_own_api_errors_count_as_missing_or_hidden(
    status: int, body: bytes, error: type[ApiError]
) -> None:
    assert error_for(status, body) is error


def test_a_timeout_is_unavailable(battlenet: BlizzardClient, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "TIMEOUT", (1, 0.2))
    battlenet.guild(*GUILD)
    sandbox.fault(path=GUILD_PATH, delay_ms=600)
    with pytest.raises(Unavailable, match="ReadTimeout"):
        battlenet.guild(*GUILD)


@pytest.fixture
def hanging_up() -> Iterator[str]:
    """Run a server that closes every connection in the middle of its response."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(65_536)
                    connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"id": 1, "na')

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)
    thread.join(5)


def test_a_failed_or_broken_connection_is_unavailable(
    battlenet: BlizzardClient, hanging_up: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    battlenet.realms("eu")
    for address in (hanging_up, "http://127.0.0.1:9"):
        monkeypatch.setattr(battlenet, "_api_url", address)
        with pytest.raises(Unavailable) as raised:
            battlenet.guild(*GUILD)
        assert raised.value.status is None


def test_no_error_log_or_repr_contains_a_secret(
    battlenet: BlizzardClient,
    sandbox: Sandbox,
    token_of: Callable[[str], tuple[str, list[str]]],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    hanging_up: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(transport, "TIMEOUT", (1, 0.2))
    token, _ = token_of("raider")
    battlenet.realms("eu")
    found: list[str] = []

    def force(call: Callable[[], object]) -> None:
        with pytest.raises(ApiError) as raised:
            call()
        found.extend((repr(raised.value), str(raised.value), *traceback.format_exception(raised.value)))

    def fail() -> None:
        force(lambda: battlenet.account_profile("eu", user_token=token))
        force(lambda: battlenet.guild(*GUILD))

    faults: list[dict[str, Any]] = [
        *({"status": status} for status in (400, 401, 403, 404, 500, 503)),
        *({"body": body} for body in ("truncated", "mistyped", "empty", "html")),
        {"delay_ms": 500},
    ]
    for fault in faults:
        sandbox.fault(path="/", **fault)
        fail()
        sandbox.clear_faults()
    monkeypatch.setattr(battlenet, "_api_url", hanging_up)
    fail()
    monkeypatch.setattr(battlenet, "_api_url", "http://127.0.0.1:9")
    fail()
    credentials = Credentials(settings.BLIZZARD_CLIENT_ID, settings.BLIZZARD_CLIENT_SECRET)
    found += [repr(battlenet), repr(blizzard()), repr(credentials), str(credentials), caplog.text]
    assert "gravel-orchard" in caplog.text  # the log was recorded
    text = "\n".join(found)
    secrets = (token, battlenet._application_token.get(), settings.BLIZZARD_CLIENT_SECRET, "Bearer")
    assert [secret for secret in secrets if secret in text] == []
