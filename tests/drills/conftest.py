"""Drills start what operators start. An installation has its own sandbox, servers, workers and scheduler."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

from sync.wow.provider import client_for
from tests.battlenet import BUNGIE_API_KEY, BUNGIE_CLIENT_ID, CLIENT_ID, CLIENT_SECRET, start_sandbox
from tests.browser.conftest import chromium, site  # noqa: F401 - fixtures; here, so that there is one Chromium
from tests.destiny.conftest import (  # noqa: F401 - fixtures
    api,
    bungie,
    connected,
    run,
    run_profile,
    sync_manifest,
    with_bungie,
)
from tests.drills.installation import WORKERS, Installation
from tests.drills.servers import DrillServers, connection_settings

HERE = Path(__file__).resolve().parent
Install = Callable[..., Installation]
# Variables of an installation that has Destiny, too.
WITH_BUNGIE = {
    "BUNGIE_CLIENT_ID": BUNGIE_CLIENT_ID,
    "BUNGIE_CLIENT_SECRET": CLIENT_SECRET,
    "BUNGIE_API_KEY": BUNGIE_API_KEY,
}
# The sandbox counts requests when it gets to them, so it comes first when there is more to do than processors can.
PRECEDENCE = -10


# Files that take a minute or more: at the end they would keep one process busy, and the others would wait for it.
LONG = (
    "test_readme.py",
    "test_killed_workers.py",
    "test_outages.py",
    "test_next_release.py",
    "test_redis_lost.py",
    "test_database_moved.py",
    "test_bungie_maintenance.py",
    "test_backup_restored.py",
)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder, and let long ones begin and short ones end, of those that take no database."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.drill)
    items.sort(key=lambda item: (item.path.name not in LONG, item.path.parent.name == "embedded"))


@pytest.fixture(scope="session")
def drill_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DrillServers]:
    """Servers that drills can stop."""
    servers = DrillServers(tmp_path_factory.mktemp("servers"))
    try:
        servers.start()
        yield servers
    finally:
        servers.stop()


@pytest.fixture
def install(
    drill_servers: DrillServers, django_db_blocker: DjangoDbBlocker, settings: Any, tmp_path: Path
) -> Iterator[Install]:
    """Start an installation, by default one that syncs a guild of 1,000; options go to the sandbox."""
    with ExitStack() as stack:

        def go(*options: str, kind: type[Installation] = Installation, **variables: str) -> Installation:
            return stack.enter_context(
                installation_on(drill_servers, django_db_blocker, settings, tmp_path, options, variables, kind)
            )

        yield go


@contextmanager
def installation_on(
    servers: DrillServers,
    blocker: DjangoDbBlocker,
    settings: Any,
    folder: Path,
    options: tuple[str, ...] = (),
    variables: Mapping[str, str] = MappingProxyType({}),
    kind: type[Installation] = Installation,
) -> Iterator[Installation]:
    """Run an installation on these servers, with its logs in the folder."""
    process, sandbox = start_sandbox(*options)
    with suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, process.pid, PRECEDENCE)
    given = {
        "REDIS_URL": servers.redis_url,
        "BLIZZARD_CLIENT_ID": CLIENT_ID,
        "BLIZZARD_CLIENT_SECRET": CLIENT_SECRET,
        "BLIZZARD_OAUTH_URL": sandbox.url,
        "BLIZZARD_API_URL": sandbox.url,
        "BUNGIE_URL": sandbox.url,
        **variables,
    }
    for name, value in given.items():
        setattr(settings, name, int(value) if value.isdecimal() else value)
    client_for.cache_clear()
    database = servers.fresh()
    # One region only: the game data of others would count toward the hourly limit.
    environment = given | {"DATABASE_URL": database, "BLIZZARD_REGIONS": "eu"}
    installation = kind(environment, sandbox, folder)
    with blocker.unblock(), _connected_to(database):
        try:
            installation.prepare()
            installation.start(*WORKERS, "beat")
            yield installation
        finally:
            installation.stop()
            process.terminate()
            process.wait(10)
            process.stdout.close()  # type: ignore[union-attr]
            client_for.cache_clear()


@contextmanager
def _connected_to(database: str) -> Iterator[None]:
    """Let the models of this process use that database."""
    connection.close()
    before = dict(connection.settings_dict)
    connection.settings_dict.update(connection_settings(database))
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(before)
