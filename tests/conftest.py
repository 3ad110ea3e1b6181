"""Fixtures for all tests: the sandbox, the running site, and people."""

import gc
import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from django.conf import settings as django_settings
from django.core.management import call_command
from django.db import connection
from django.test import Client, TransactionTestCase
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from pytest_django.plugin import DjangoDbBlocker
from whitenoise.base import WhiteNoise

from accounts.models import User
from guilds.models import Guild
from permissions.rights import EVERY_RIGHT
from sync.destiny.provider import client_for as bungie_client_for
from sync.wow.provider import client_for
from tests import parallel
from tests.access.two_guilds import TwoGuilds, make_two_guilds
from tests.battlenet import BUNGIE_API_KEY, BUNGIE_CLIENT_ID, CLIENT_ID, CLIENT_SECRET, MEMBERS, Sandbox, start_sandbox
from tests.browser.chromium import CHROMIUM
from tests.emptying import empty_tables
from tests.factories import forget_rows, make_job, night_watch
from tests.migrated import migrated_database
from tests.personas import Personas
from tests.request_state import forget_requests
from tests.snapshot import Snapshot
from tests.stack import Stack, let_worker_finish, start_stack

# Each run has other examples, so many quick runs, as in CI, try more than a thorough one.
# How long an example takes says only how busy the machine is.
AT_ANY_SPEED: dict[str, Any] = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
hypothesis_settings.register_profile("quick", max_examples=25, **AT_ANY_SPEED)
hypothesis_settings.register_profile("thorough", max_examples=100, **AT_ANY_SPEED)
hypothesis_settings.load_profile("quick")


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Collect the static files before any worker starts: pages name them by their hashes, as in production."""
    if not hasattr(session.config, "workerinput"):
        call_command("collectstatic", interactive=False, verbosity=0)


def pytest_xdist_auto_num_workers() -> int:
    """Run two processes more than there are processors: tests also wait, for servers and for the rate limiter."""
    return (os.cpu_count() or 1) + 2


# Folders and files with tests that take long: at the end they would keep one process busy.
LONG = ("tests/access/", "tests/generated/")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let long tests begin; then pytest-django sorts: those that are rolled back, those that commit, all others."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


def pytest_collection_finish() -> None:
    """Exempt modules and collected tests from garbage collection: they stay until the end, and are most objects.

    Few of the rest are in cycles, so it is enough to look for those seldom.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Let the processes of a run copy one migrated database."""
    if parallel.RUN:
        template = migrated_database(parallel.RUN, os.environ["PYTEST_XDIST_TESTRUNUID"])
        connection.settings_dict["TEST"]["TEMPLATE"] = template


@pytest.fixture(scope="session", autouse=True)
def static_files() -> Iterator[None]:
    """Let WhiteNoise read the static files once, and not again for each test client (60 ms each)."""
    read, known = WhiteNoise.update_files_dictionary, dict[tuple[str, str], dict[str, Any]]()

    def remember(self: WhiteNoise, root: str, prefix: str) -> None:
        if (root, prefix) not in known:
            read(self, root, prefix)
            known[root, prefix] = dict(self.files)
        self.files.update(known[root, prefix])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoise, "update_files_dictionary", remember)
        yield


@pytest.fixture(scope="session", autouse=True)
def emptied_tables() -> Iterator[None]:
    """Delete the rows of a test that commits, where Django truncates every table."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", empty_tables)
        yield


@pytest.fixture(autouse=True)
def no_rows_of_the_test_before() -> None:
    """Let each test make its own realms and game data."""
    forget_rows()


@pytest.fixture(scope="session")
def sandbox_process() -> Iterator[Sandbox]:
    """The sandbox of this process."""
    process, sandbox = start_sandbox("--members", str(MEMBERS))
    django_settings.BLIZZARD_OAUTH_URL = sandbox.url
    django_settings.BLIZZARD_API_URL = sandbox.url
    django_settings.BLIZZARD_MEDIA_URLS = (f"{sandbox.url}/render",)
    django_settings.BLIZZARD_CLIENT_ID = CLIENT_ID
    django_settings.BLIZZARD_CLIENT_SECRET = CLIENT_SECRET
    django_settings.BUNGIE_URL = sandbox.url
    django_settings.BUNGIE_CLIENT_ID, django_settings.BUNGIE_CLIENT_SECRET = BUNGIE_CLIENT_ID, CLIENT_SECRET
    django_settings.BUNGIE_API_KEY = BUNGIE_API_KEY
    providers: Any = django_settings.SOCIALACCOUNT_PROVIDERS
    providers["battlenet"]["APP"].update(client_id=CLIENT_ID, secret=CLIENT_SECRET)
    providers["bungie"]["APP"].update(client_id=BUNGIE_CLIENT_ID, secret=CLIENT_SECRET)
    yield sandbox
    process.terminate()
    process.wait(10)
    process.stdout.close()  # type: ignore[union-attr]


@pytest.fixture
def sandbox(sandbox_process: Sandbox, db: None) -> Sandbox:
    """The sandbox on its first day, with the rate limiter, the circuit breaker and all request counts reset."""
    sandbox_process.reset(world=True)
    forget_requests()
    client_for.cache_clear()
    bungie_client_for.cache_clear()
    return sandbox_process


@pytest.fixture(scope="session")
def stack_processes(
    sandbox_process: Sandbox,
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Stack]:
    """The site's processes, started when a test first needs them."""
    with django_db_blocker.unblock():
        stack = start_stack(sandbox_process.url, tmp_path_factory.mktemp("logs"))

    def let_worker_finish_and_empty_tables(case: TransactionTestCase) -> None:
        let_worker_finish()
        empty_tables(case)

    # From now on, the worker also takes what tests without the running site send.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", let_worker_finish_and_empty_tables)
        yield stack
    stack.stop()


@pytest.fixture
def stack(transactional_db: None, sandbox: Sandbox, stack_processes: Stack) -> Stack:
    """The running site: gunicorn and a worker, on the empty database of the tests."""
    return stack_processes


@pytest.fixture
def sign_in(sandbox: Sandbox, client: Client) -> Callable[..., Any]:
    """Sign in one of the sandbox's personas, with all redirects to Battle.net and back; returns the last response."""

    def sign_in_as(persona: str, *, client: Client = client, **data: str) -> Any:
        to_battlenet = client.post("/accounts/battlenet/login/", data)
        assert to_battlenet.status_code == 302, to_battlenet.content
        back = requests.get(f"{to_battlenet['Location']}&persona={persona}", allow_redirects=False, timeout=10)
        address = urlsplit(back.headers["Location"])
        return client.get(f"{address.path}?{address.query}")

    return sign_in_as


@pytest.fixture
def people(db: None) -> Callable[[str], User]:
    """Return the user of this name, created at the first call."""
    made: dict[str, User] = {}

    def person(name: str) -> User:
        if name not in made:
            made[name] = User.objects.create_user(1_000 + len(made), f"{name}#{1_000 + len(made)}")
        return made[name]

    return person


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say at the end that the browser tests did not run."""
    if CHROMIUM is None:
        terminalreporter.write_line("")
        terminalreporter.write_line(
            "BROWSER TESTS WERE NOT RUN: no Chromium was found. Install it, or name it in CHROMIUM=.",
            red=True,
            bold=True,
        )


@pytest.fixture
def guild(db: None) -> Guild:
    """Night Watch, without members."""
    return night_watch()


@pytest.fixture
def personas(guild: Guild, people: Callable[[str], User]) -> Personas:
    """Night Watch with its people, each as `tests/personas.py` describes them."""
    make_job(guild)
    personas = Personas(guild, people)
    personas.join()
    personas.give_rights(1, *EVERY_RIGHT)
    return personas


@pytest.fixture(scope="session")
def two_guilds_snapshot() -> Snapshot[TwoGuilds]:
    """Two guilds for all access tests of this process."""
    return Snapshot(lifetime=timedelta(minutes=3))  # A sign-in is recent for ten.


@pytest.fixture
def two_guilds(sandbox: Sandbox, two_guilds_snapshot: Snapshot[TwoGuilds]) -> TwoGuilds:
    """Two guilds, and a browser for each column of the access tables."""
    return two_guilds_snapshot.restore(make_two_guilds)


@pytest.fixture(scope="session")
def recorded_answers() -> Path:
    """The folder of recorded responses beside the checkout. Tests are skipped without it."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "samples" / "blizzard"
    if not folder.is_dir():
        pytest.skip("the folder of recorded answers is not beside this checkout")
    return folder
