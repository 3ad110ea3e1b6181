"""Excerpts of bad responses are useful and contain no secret."""

import base64
import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
import responses
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from accounts.services import store_token
from guilds.models import Guild
from sync.engine.redact import LENGTH, excerpt
from sync.models import BlizzardJob
from sync.wow.jobs import open_account_job
from sync.wow.provider import client_for
from tests.battlenet import Sandbox
from tests.factories import night_watch, token
from tests.sync.working import run_account, run_roster

BATTLENET = "https://battlenet.test"
APP_TOKEN = "EUapplicationtoken0123456789abcdef"
USER_TOKEN = "EUsomebodystoken9876543210fedcba"
SECRET = "hunter2secret"


@pytest.fixture
def battlenet_responses(db: None, settings: Any, sandbox: Sandbox) -> Iterator[responses.RequestsMock]:
    """Serve prepared responses as Battle.net."""
    settings.BLIZZARD_API_URL = settings.BLIZZARD_OAUTH_URL = BATTLENET
    settings.BLIZZARD_CLIENT_SECRET = SECRET
    client_for.cache_clear()
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.post(f"{BATTLENET}/token", json={"access_token": APP_TOKEN, "expires_in": 86_400})
        yield mock
    client_for.cache_clear()


def basic() -> str:
    return base64.b64encode(f"{settings.BLIZZARD_CLIENT_ID}:{SECRET}".encode()).decode()


ECHOES: dict[str, Callable[[Any], str]] = {
    "json": lambda request: json.dumps({"code": 500, "headers": dict(request.headers)}),
    "html": lambda request: f"<html><h1>Oops</h1><pre>Authorization: {request.headers['Authorization']}</pre>",
    "bare": lambda request: str(request.headers["Authorization"].split()[1]),
    "upper case": lambda request: str(request.headers["Authorization"].upper()),
    "quoted": lambda request: quote(json.dumps(dict(request.headers)), safe=""),
    "url": lambda request: f"see {BATTLENET}/x?access_token={request.headers['Authorization'].split()[1]}&x=1",
    "base64": lambda request: base64.b64encode(request.headers["Authorization"].encode()).decode(),
    "application": lambda request: f"client_secret={SECRET} basic {basic()}",
    "late": lambda request: "x " * (LENGTH // 2 - 4) + str(request.headers["Authorization"]),
}


def kept() -> str:
    return repr(list(BlizzardJob.objects.values_list()))


def assert_no_secret(text: str) -> None:
    text = text.lower()
    encoded = [base64.b64encode(f"Bearer {one}".encode()).decode().strip("=") for one in (APP_TOKEN, USER_TOKEN)]
    for secret in (APP_TOKEN, USER_TOKEN, SECRET, basic(), *encoded):
        # Nor a useful part of it.
        assert secret[:10].lower() not in text
        assert secret[-10:].lower() not in text


@pytest.mark.parametrize("status", [200, 401, 404, 500])
@pytest.mark.parametrize("echo", ECHOES)
def test_an_answer_that_echoes_the_token_leaves_none_in_the_job(
    battlenet_responses: responses.RequestsMock, caplog: pytest.LogCaptureFixture, echo: str, status: int
) -> None:
    def answer(request: Any) -> tuple[int, dict[str, str], str]:
        return status, {}, ECHOES[echo](request)

    guild = night_watch()
    battlenet_responses.add_callback("GET", f"{BATTLENET}/data/wow/guild/tarren-mill/night-watch/roster", answer)
    with caplog.at_level("DEBUG", logger="sync"):
        run_roster(guild.pk)
    assert BlizzardJob.objects.get().error_kind
    assert_no_secret(kept())
    assert_no_secret(caplog.text)


@pytest.mark.parametrize("echo", ECHOES)
def test_no_excerpt_of_an_account_is_kept(
    battlenet_responses: responses.RequestsMock, people: Callable[[str], User], echo: str
) -> None:
    def answer(request: Any) -> tuple[int, dict[str, str], str]:
        return 500, {}, f"the account of Ada 4711 {ECHOES[echo](request)}"

    ada = people("Ada")
    store_token(
        user=ada,
        access_token=USER_TOKEN,
        refresh_token=None,
        expires_at=token(people("Rolf")).expires_at,
        scopes=["wow.profile"],
    )
    battlenet_responses.add_callback("GET", f"{BATTLENET}/profile/user/wow", answer)
    job = open_account_job(ada, "eu")
    run_account(job.pk)
    entry = BlizzardJob.objects.get(pk=job.pk)
    assert entry.error_text == "unavailable at /profile/user/wow: HTTP 500"
    assert_no_secret(kept())


def test_no_excerpt_of_a_token_response_is_kept(battlenet_responses: responses.RequestsMock) -> None:
    guild = night_watch()
    battlenet_responses.replace("POST", f"{BATTLENET}/token", body=f'{{"access_token": "{APP_TOKEN}", "expi')
    run_roster(guild.pk)
    assert BlizzardJob.objects.get().error_text.startswith("bad_payload at /token: not JSON")
    assert_no_secret(kept())


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"status": 503, "body": "html"}, "HTTP 503: Service Unavailable Sorry."),
        ({"body": "html"}, "bytes): Service Unavailable Sorry."),
        ({"body": "truncated"}, 'bytes): {"_links"'),
        ({"status": 500, "body": "empty"}, "HTTP 500"),
    ],
)
def test_an_excerpt_of_a_bad_response_is_kept(
    sandbox: Sandbox, roster_of: Callable[..., Guild], fault: dict[str, Any], words: str
) -> None:
    guild = roster_of("eu", "quillmarsh", "Second Kettle")
    Guild.objects.update(last_modified=None)
    sandbox.fault(path="/data/wow/guild/", **fault)
    run_roster(guild.pk)
    text = BlizzardJob.objects.get(guild=guild).error_text
    assert words in text
    assert len(text) < 300


@given(
    before=st.text(max_size=200),
    after=st.text(max_size=200),
    secret=st.text("abcdefghijklmnopqrstuvwxyzABC0123456789-_", min_size=8, max_size=60),
)
def test_secrets_are_redacted_in_any_context(before: str, after: str, secret: str) -> None:
    recorded = excerpt(f"{before}{secret}{after}".encode(), [secret])
    assert secret not in recorded
    assert len(recorded) <= LENGTH + 1
