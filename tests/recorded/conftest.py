"""A server that replays recorded Battle.net responses, and a client for it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from destiny.models import DestinyMembership
from sync.blizzard.client import BlizzardClient
from sync.destiny import provider as destiny_provider
from sync.engine.rate_limiter import Lane
from sync.wow.provider import client_for
from tests.bungie_server import Bungie, bungie_server, envelope
from tests.recorded.bungie import harrow
from tests.recorded.replay import replayed
from tests.request_state import forget_requests


@pytest.fixture
def battlenet(recorded_answers: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Yield the address of the replay server, with settings that point to it."""
    with replayed(recorded_answers) as address:
        monkeypatch.setattr(settings, "BLIZZARD_OAUTH_URL", address)
        monkeypatch.setattr(settings, "BLIZZARD_API_URL", address)
        client_for.cache_clear()
        yield address
        client_for.cache_clear()


@pytest.fixture
def client(battlenet: str) -> BlizzardClient:
    """Return a client of the replay server."""
    return client_for(Lane.INTERACTIVE)


@pytest.fixture
def samples(recorded_answers: Path) -> Path:
    """The folder of Bungie's recorded answers. Tests are skipped without it."""
    folder = recorded_answers.parent / "bungie"
    if not folder.is_dir():
        pytest.skip("the folder of Bungie's recorded answers is not beside this checkout")
    return folder


@pytest.fixture
def api(db: None, settings: Any) -> Iterator[Bungie]:
    """A Bungie without answers."""
    with bungie_server(envelope({})) as server:
        settings.DESTINY_ENABLED, settings.BUNGIE_URL = True, server.url
        forget_requests()
        destiny_provider.client_for.cache_clear()
        yield server
        destiny_provider.client_for.cache_clear()


@pytest.fixture
def membership(db: None) -> DestinyMembership:
    return harrow()
