"""What site admins do with Bungie's jobs in the admin."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from pytest_django.asserts import assertContains

from accounts.models import User
from accounts.services import grant_admin
from destiny.models import BungieAccount, Guardian
from sync.destiny.jobs import BungieJob, open_account_jobs
from tests.personas import browser_of

JOBS = "/admin/sync/bungiejob/"
RETRY = f"{JOBS}retry-failed/"


@pytest.fixture
def account(someone: User) -> BungieAccount:
    return BungieAccount.objects.create(user=someone, bungie_id=7, name="Quill#0042", access_token="bungie-token")


@pytest.fixture
def failed(account: BungieAccount) -> BungieJob:
    """One of the account's two jobs, which failed."""
    open_account_jobs(account)
    BungieJob.objects.filter(kind="tokens").update(state="FAILED", error_kind="unavailable", error_text="HTTP 503")
    return BungieJob.objects.get(kind="tokens", account=account)


@pytest.fixture
def site_admin(someone: User) -> Client:
    grant_admin(battletag=someone.battletag)
    return browser_of(User.objects.get(pk=someone.pk))


def due() -> dict[str, int]:
    return dict(BungieJob.objects.filter(state="DUE", account__isnull=False).values_list("kind", "priority"))


@pytest.mark.parametrize(
    "data",
    [
        {RETRY: {}},
        {JOBS: {"action": "retry_chosen"}},
        {JOBS: {"action": "sync_again"}},
    ],
)
def test_failed_jobs_are_retried(site_admin: Client, failed: BungieJob, data: dict[str, dict[str, Any]]) -> None:
    assertContains(site_admin.get(JOBS), f'action="{RETRY}"')
    for address, sent in data.items():
        page = site_admin.post(address, {**sent, "_selected_action": [failed.pk]}, follow=True)
        assertContains(page, "1 job is due.")
    assert due() == {"tokens": BungieJob.Priority.HIGH}


def test_a_get_retries_nothing(site_admin: Client, failed: BungieJob) -> None:
    assert site_admin.get(RETRY).status_code == 405
    assert due() == {}


def test_the_command_lists_and_retries_them_too(failed: BungieJob) -> None:
    said = StringIO()
    call_command("sync_failed", "--retry", stdout=said)
    assert said.getvalue().splitlines() == ["tokens Quill#0042\t?\tHTTP 503", "1 jobs are due."]
    assert due() == {"tokens": BungieJob.Priority.HIGH}


def test_guardians_are_listed_without_what_only_their_player_sees(site_admin: Client, account: BungieAccount) -> None:
    membership = account.memberships.create(membership_type=3, membership_id=9, name="Quill#0042")
    guardian = Guardian.objects.create(
        membership=membership, character_id=2305843009300000101, class_type=1, light=451, loadouts=[{"name": 4711}]
    )
    assertContains(site_admin.get("/admin/destiny/guardian/", {"q": "Quill"}), "Hunter")
    page = site_admin.get(f"/admin/destiny/guardian/{guardian.pk}/change/")
    assertContains(page, "2305843009300000101")
    assert "4711" not in page.content.decode()
    assert site_admin.post(f"/admin/destiny/guardian/{guardian.pk}/change/", {"light": "1"}).status_code == 403
