"""What all tests share: a sandbox, the site around it, people, and a browser."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import redis
import requests
from django.conf import settings as django_settings
from django.core.management import call_command
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker

from accounts.models import User
from sync.engine.request_log import own_connection
from sync.wow.provider import client_for
from tests.battlenet import CLIENT_ID, CLIENT_SECRET, Sandbox, start_sandbox
from tests.chromium import ARGUMENTS, CHROMIUM
from tests.stack import PATIENCE, Stack, let_worker_finish, start_stack

BROWSER_REQUIRED = os.environ.get("REQUIRE_BROWSER") == "1"

# Playwright runs an event loop in the thread of the tests, which Django would take for an async view.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Collect static files before any worker starts, since pages name them by their hashes as in production."""
    if not hasattr(session.config, "workerinput"):
        call_command("collectstatic", interactive=False, verbosity=0)


@pytest.fixture(scope="session")
def sandbox_process() -> Iterator[Sandbox]:
    """One Battle.net for the whole run."""
    process, sandbox = start_sandbox()
    django_settings.BLIZZARD_OAUTH_URL = sandbox.url
    django_settings.BLIZZARD_API_URL = sandbox.url
    django_settings.BLIZZARD_CLIENT_ID = CLIENT_ID
    django_settings.BLIZZARD_CLIENT_SECRET = CLIENT_SECRET
    app: Any = django_settings.SOCIALACCOUNT_PROVIDERS["battlenet"]["APP"]
    app.update(client_id=CLIENT_ID, secret=CLIENT_SECRET)
    yield sandbox
    process.terminate()
    process.wait(10)
    process.stdout.close()  # type: ignore[union-attr]


@pytest.fixture
def sandbox(sandbox_process: Sandbox, db: None) -> Sandbox:
    """Battle.net as it is on its first day; nothing on record there, in throttle and breaker, no sign-ins counted."""
    sandbox_process.reset(world=True)
    connection = redis.Redis.from_url(django_settings.REDIS_URL)
    for pattern in ("throttle:*", "breaker:*", "guildsite:*:rl:*"):
        for key in connection.scan_iter(pattern):
            connection.delete(key)
    connection.close()
    with own_connection() as database:
        database.execute("DELETE FROM sync_requesttally")
    client_for.cache_clear()
    return sandbox_process


@pytest.fixture(scope="session")
def stack_processes(
    sandbox_process: Sandbox,
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Stack]:
    """The site's processes, started once."""
    with django_db_blocker.unblock():
        stack = start_stack(sandbox_process.url, tmp_path_factory.mktemp("logs"))
    yield stack
    stack.stop()


@pytest.fixture
def stack(transactional_db: None, sandbox: Sandbox, stack_processes: Stack) -> Iterator[Stack]:
    """The site with gunicorn and a worker, on the tests' own database, which is empty."""
    yield stack_processes
    let_worker_finish()


@pytest.fixture
def sign_in(sandbox: Sandbox, client: Client) -> Callable[..., Any]:
    """Sign a persona in through the whole trip to Battle.net and back; returns the last response."""

    def go(persona: str, *, client: Client = client, **data: str) -> Any:
        to_battlenet = client.post("/accounts/battlenet/login/", data)
        assert to_battlenet.status_code == 302, to_battlenet.content
        back = requests.get(f"{to_battlenet['Location']}&persona={persona}", allow_redirects=False, timeout=10)
        address = urlsplit(back.headers["Location"])
        return client.get(f"{address.path}?{address.query}")

    return go


@pytest.fixture
def people(db: None) -> Callable[[str], User]:
    """Make a person by name, without a trip to Battle.net."""
    made: dict[str, User] = {}

    def person(name: str) -> User:
        if name not in made:
            made[name] = User.objects.create_user(1_000 + len(made), f"{name}#{1_000 + len(made)}")
        return made[name]

    return person


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """A real browser, or a skip that is told loudly at the end (a failure with REQUIRE_BROWSER=1)."""
    if CHROMIUM is None:
        reason = "no Chromium on this machine"
        pytest.fail(reason) if BROWSER_REQUIRED else pytest.skip(reason)
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE * 1000)

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Any, stack: Stack) -> Iterator[Any]:
    """A new browser window at the running site; the test fails when the page breaks its own security policy."""
    context = chromium.new_context(base_url=stack.url, viewport={"width": 1280, "height": 900})
    window = context.new_page()
    window.set_default_timeout(PATIENCE * 1000)
    complaints: list[str] = []
    window.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    window.on("pageerror", lambda error: complaints.append(str(error)))
    yield window
    context.close()
    expected = ("Failed to load resource",)
    assert not [text for text in complaints if not text.startswith(expected)]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever uses the browser is a browser test."""
    for item in items:
        if "page" in getattr(item, "fixturenames", ()) or "chromium" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Nobody shall take a run without a browser for a whole one."""
    if CHROMIUM is None:
        terminalreporter.write_line("")
        terminalreporter.write_line(
            "BROWSER TESTS WERE NOT RUN: no Chromium was found. Install it, or name it in CHROMIUM=.",
            red=True,
            bold=True,
        )


@pytest.fixture(scope="session")
def recorded_answers() -> Path:
    """The folder of real answers beside the checkout; a skip where it is not."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "samples" / "blizzard"
    if not folder.is_dir():
        pytest.skip("the folder of recorded answers is not beside this checkout")
    return folder
