"""Fixtures: a shared sandbox, and a launcher for others with their own options."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.sandbox.bungie import BungieClient
from tests.sandbox.client import Client, Launch, client_of

_UNLIMITED = (
    "--rate-per-second", "100000", "--rate-per-hour", "1000000", "--bungie-rate-per-10-seconds", "1000000",
)  # fmt: skip


@pytest.fixture(scope="session")
def shared_sandbox() -> Iterator[Client]:
    with client_of(*_UNLIMITED) as client:
        yield client


@pytest.fixture
def sandbox(shared_sandbox: Client) -> Client:
    """Yield a sandbox in its initial state, with limits that no test reaches."""
    shared_sandbox.control("reset", {"world": True, "tokens": True})
    shared_sandbox._token = ""
    return shared_sandbox


@pytest.fixture
def launch() -> Iterator[Launch]:
    """Return a function that starts a sandbox with other options."""
    with ExitStack() as stack:
        yield lambda *arguments: stack.enter_context(client_of(*arguments))


@pytest.fixture
def bungie(sandbox: Client) -> BungieClient:
    """Yield the Bungie.net of a sandbox in its initial state."""
    return BungieClient(sandbox)
