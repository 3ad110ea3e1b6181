"""Shared fixtures of the sync tests: a client of the sandbox, and players with tokens."""

from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
import requests
from django.utils import timezone

from accounts.models import User
from accounts.services import store_token
from characters.models import Character, Realm
from guilds.models import Guild
from sync.blizzard.client import BlizzardClient
from sync.engine.rate_limiter import Lane
from sync.management.foreground import sync_game_data, sync_guild
from sync.models import BlizzardJob
from sync.wow.guilds import find_guild
from sync.wow.jobs import game_data_job
from sync.wow.provider import client_for
from tests.battlenet import CLIENT_ID, CLIENT_SECRET, Sandbox
from tests.snapshot import Snapshot

CALLBACK = "http://localhost/callback/"


@pytest.fixture
def battlenet(sandbox: Sandbox) -> BlizzardClient:
    """Return the client of the interactive lane."""
    return client_for(Lane.INTERACTIVE)


@pytest.fixture
def token_of(sandbox: Sandbox) -> Callable[[str], tuple[str, list[str]]]:
    """Sign a persona in at the sandbox; return the access token and the granted scopes."""

    def consent(persona: str) -> tuple[str, list[str]]:
        query = {
            "client_id": CLIENT_ID,
            "redirect_uri": CALLBACK,
            "response_type": "code",
            "scope": "openid wow.profile",
            "state": "state",
            "persona": persona,
        }
        back = requests.get(f"{sandbox.url}/authorize", params=query, allow_redirects=False, timeout=10)
        code = parse_qs(urlsplit(back.headers["Location"]).query)["code"][0]
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
        answer = requests.post(f"{sandbox.url}/token", data=form, auth=(CLIENT_ID, CLIENT_SECRET), timeout=10).json()
        return answer["access_token"], answer["scope"].split()

    return consent


@pytest.fixture
def person(db: None, sandbox: Sandbox, token_of: Callable[[str], tuple[str, list[str]]]) -> Callable[[str], User]:
    """Create the user of a persona who has just signed in, without a sync."""

    def signed_in(persona: str) -> User:
        known = sandbox.persona(persona)
        user, _ = User.objects.get_or_create(
            battlenet_id=known["battlenet_id"], defaults={"battletag": known["battletag"]}
        )
        token, scopes = token_of(persona)
        expires_at = timezone.now() + timedelta(hours=24)
        store_token(user=user, access_token=token, refresh_token=None, expires_at=expires_at, scopes=scopes)
        return User.objects.select_related("battlenet_token").get(pk=user.pk)

    return signed_in


@pytest.fixture(scope="session")
def rosters() -> defaultdict[str, Snapshot[UUID]]:
    """Keep first rosters of guilds: syncing 1,000 members takes a second."""
    return defaultdict(Snapshot)


@pytest.fixture
def roster_of(
    db: None, sandbox: Sandbox, battlenet: BlizzardClient, rosters: defaultdict[str, Snapshot[UUID]]
) -> Callable[..., Guild]:
    """Sync the roster of one of the sandbox's guilds (by default the demo guild); return our guild."""

    def synced(region: str = "eu", realm_slug: str = "tarn-hollow", name: str = "Gravel Orchard") -> Guild:
        def sync() -> UUID:
            guild = find_guild(client=battlenet, region=region, realm_slug=realm_slug, name=name)
            sync_guild(client=battlenet, guild=guild)
            return guild.pk

        if sandbox.is_changed or any(table._default_manager.exists() for table in (Guild, Character, BlizzardJob)):
            pk = sync()
        else:
            # A client that has fetched a roster has a token, so a later outage does not begin with the request for it.
            battlenet._application_token.get()
            pk = rosters[f"{region}/{realm_slug}/{name}/{Realm.objects.count()}"].restore(sync)
        return Guild.objects.select_related("realm").get(pk=pk)

    return synced


@pytest.fixture(scope="session")
def game_data_snapshot() -> Snapshot[None]:
    """Keep the rows of the first sync of game data, which are the same in every test."""
    return Snapshot()


@pytest.fixture
def game_data(db: None, battlenet: BlizzardClient, game_data_snapshot: Snapshot[None]) -> None:
    """Create classes, races, specializations, and the realms of Europe, but no job."""

    def sync() -> None:
        sync_game_data(client=battlenet, region="eu")
        game_data_job("eu").delete()

    game_data_snapshot.restore(sync)
