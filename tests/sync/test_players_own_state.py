"""An unticked box and an expired sign-in are the player's own state: nowhere on the site are they a failure."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import BattlenetToken, User
from accounts.services import grant_admin
from operations.health.sync_work import sync_findings
from operations.metrics import StatusCollector
from operations.status import gather
from sync.blizzard.client import BlizzardClient
from sync.engine.errors import ApiError
from sync.engine.refresh import retry
from sync.management.foreground import sync_account
from sync.models import BlizzardJob
from tests.battlenet import Sandbox
from tests.html import text_of
from tests.personas import browser_of

Person = Callable[..., User]


@pytest.fixture(params=["unticked", "expired by the day", "ended by Battle.net"])
def player(request: pytest.FixtureRequest, person: Person, battlenet: BlizzardClient, sandbox: Sandbox) -> User:
    """A player whose characters could not be fetched because of their own state."""
    player = person("unticker" if request.param == "unticked" else "social")
    if request.param == "expired by the day":
        BattlenetToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    elif request.param == "ended by Battle.net":
        sandbox.expire_tokens()
    player = User.objects.select_related("battlenet_token").get(pk=player.pk)
    with pytest.raises(ApiError):
        sync_account(client=battlenet, user=player)
    return player


def admin(people: Callable[[str], User]) -> Client:
    grant_admin(battletag=str(people("Ada").battletag))
    return browser_of(User.objects.get(pk=people("Ada").pk))


def test_their_own_pages_say_what_to_do(player: User) -> None:
    browser = browser_of(player)
    for address in ("/characters/", "/account/", "/home/"):
        words = text_of(browser.get(address)).lower()
        assert "failed" not in words, address
        assert "could not be" not in words, address
    assertContains(browser.get("/characters/"), "Sign in again")
    assertNotContains(browser.get("/characters/"), "Fetching your characters")


def test_the_status_page_and_the_admin_list_no_failure(player: User, people: Callable[[str], User]) -> None:
    browser = admin(people)
    assertContains(browser.get("/admin/status/"), "No failures.")
    assertContains(browser.get("/admin/sync/blizzardjob/?state=FAILED"), "0 jobs")


def test_metrics_findings_and_the_list_of_failures_know_of_none(
    player: User, capsys: pytest.CaptureFixture[str]
) -> None:
    current = gather()
    (failed,) = [one for one in StatusCollector(current).collect() if one.name == "guildsite_jobs_failed"]
    assert failed.samples == []
    assert not [one.cause for one in sync_findings(current) if one.cause.startswith("failed")]
    call_command("sync_failed")
    assert capsys.readouterr().out == ""
    assert retry(failed=BlizzardJob.objects.all()) == 0
