"""The manifest through the API: for players by session or token; fetched again only for site admins."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from accounts.services import grant_admin
from destiny.manifest.models import Edition
from sync.models import BungieJob
from tests.destiny.content_files import ITEMS, VESPER
from tests.destiny.editions import load_edition

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def edition(db: None, settings: Any) -> Edition:
    settings.DESTINY_ENABLED = True
    return load_edition()


@pytest.fixture
def browser(client: Client, someone: User) -> Client:
    client.force_login(someone, BACKEND)
    return client


def test_a_player_reads_the_edition_and_finds_definitions(edition: Edition, browser: Client) -> None:
    current = browser.get("/api/manifest").json()
    assert (current["version"], current["definitions"][ITEMS]) == (edition.version, 3)
    (found,) = browser.get("/api/manifest/definitions", {"q": "vesp"}).json()
    assert found == {"table": ITEMS, "key": str(VESPER), "name": "Vesper's Oath", "type_name": "Bow"}
    signed = browser.get("/api/manifest/definitions", {"q": VESPER - 2**32}).json()
    assert signed == [found]
    french = browser.get("/api/manifest/definitions", {"q": "serment"}, headers={"Accept-Language": "fr"}).json()
    assert [one["name"] for one in french] == ["Serment de l'Éventail"]
    whole = browser.get(f"/api/manifest/definitions/{ITEMS}/{VESPER}").json()
    assert whole["hash"] == VESPER
    assert browser.get(f"/api/manifest/definitions/{ITEMS}/1").status_code == 404


def test_only_site_admins_have_it_fetched(edition: Edition, browser: Client, someone: User) -> None:
    BungieJob.objects.update(state=BungieJob.State.RESTING)
    assert browser.post("/api/manifest/sync").status_code == 403
    assert BungieJob.objects.get().state == BungieJob.State.RESTING
    grant_admin(battletag=str(someone.battletag))
    assert browser.post("/api/manifest/sync").status_code == 202
    job = BungieJob.objects.get()
    assert (job.state, job.priority) == (BungieJob.State.DUE, BungieJob.Priority.INTERACTIVE)


def test_without_destiny_there_is_no_api(edition: Edition, browser: Client, settings: Any) -> None:
    settings.DESTINY_ENABLED = False
    for path in ("manifest", "manifest/definitions?q=x", "openapi.json", "docs"):
        assert browser.get(f"/api/{path}").status_code == 404
    assert browser.post("/api/manifest/sync").status_code == 404
