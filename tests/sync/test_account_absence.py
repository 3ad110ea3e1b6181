"""An account that seems to have lost a region keeps it until that is confirmed; signing in again costs little."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.test import Client
from django.utils import timezone

from accounts.models import User
from characters.models import Character
from sync.blizzard.client import BlizzardClient
from sync.engine.refresh import TooSoon
from sync.management.foreground import sync_account
from sync.models import AccountFetch, BlizzardJob
from sync.wow import refresh as asking
from sync.wow.jobs import open_account_jobs
from tests.battlenet import Sandbox
from tests.html import text_of
from tests.stack import Stack, wait_until
from tests.sync.test_tasks import everything_rests
from tests.sync.working import run_account, run_profiles

Person = Callable[[str], User]
INDEX = "/profile/user/wow$"


def later(**passed: Any) -> None:
    """Let time pass for all stored times."""
    span = timedelta(**passed)
    BlizzardJob.objects.update(
        **{name: F(name) - span for name in ("succeeded_at", "attempted_at", "missing_since", "refresh_requested_at")}
    )
    AccountFetch.objects.update(started_at=F("started_at") - span)


def job(user: User, region: str = "eu") -> BlizzardJob:
    return BlizzardJob.objects.get(user=user, region=region)


# --- absence --------------------------------------------------------------------------------------------------------


def without_profile(sandbox: Sandbox) -> None:
    sandbox.fault(path=INDEX, status=404, region="eu")


def without_characters(sandbox: Sandbox) -> None:
    for one in sandbox._get("truth/account/newcomer")["characters"]:
        sandbox.mutate("delete_character", **{key: one[key] for key in ("region", "realm_slug", "name")})


@pytest.mark.parametrize("lose", [without_profile, without_characters])
def test_a_missing_region_is_accepted_if_still_missing_a_day_later(
    person: Person, battlenet: BlizzardClient, sandbox: Sandbox, lose: Callable[[Sandbox], None]
) -> None:
    newcomer = person("newcomer")
    sync_account(client=battlenet, user=newcomer)
    confirmed_at = set(Character.objects.values_list("owner_confirmed_at", flat=True))
    lose(sandbox)
    for hours in (0, 1, 22):
        later(hours=hours)
        assert sync_account(client=battlenet, user=newcomer).result.removed == 0
        assert Character.objects.of(newcomer).count() == 3
        assert (job(newcomer).state, job(newcomer).error_kind) == (BlizzardJob.State.RESTING, "account_missing")
    assert set(Character.objects.values_list("owner_confirmed_at", flat=True)) == confirmed_at, "the links grow older"
    later(hours=1)
    assert sync_account(client=battlenet, user=newcomer).result.removed == 3
    assert not Character.objects.of(newcomer).exists()
    assert (job(newcomer).error_kind, job(newcomer).missing_since) == ("", None)


def test_a_contradicting_answer_restarts_the_day(person: Person, battlenet: BlizzardClient, sandbox: Sandbox) -> None:
    newcomer = person("newcomer")
    sync_account(client=battlenet, user=newcomer)
    for _ in range(2):
        without_profile(sandbox)
        sync_account(client=battlenet, user=newcomer)
        sandbox.clear_faults()
        later(days=2)
        assert sync_account(client=battlenet, user=newcomer).result.unchanged == 3
    assert Character.objects.of(newcomer).count() == 3


def test_the_page_says_that_a_region_seems_missing(
    person: Person, battlenet: BlizzardClient, sandbox: Sandbox, client: Client
) -> None:
    newcomer = person("newcomer")
    sync_account(client=battlenet, user=newcomer)
    without_profile(sandbox)
    sync_account(client=battlenet, user=newcomer)
    client.force_login(newcomer, "allauth.account.auth_backends.AuthenticationBackend")
    page = text_of(client.get("/characters/"))
    assert (
        "Europe: Battle.net lists none of your characters They stay yours unless Battle.net says so again a day later"
        in page
    )
    names = list(Character.objects.of(newcomer).filter(region="eu").values_list("name", flat=True))
    assert names
    assert [name for name in names if name not in page] == []


def test_losing_some_characters_is_normal(person: Person, battlenet: BlizzardClient, sandbox: Sandbox) -> None:
    """Deleted or moved characters are unlinked immediately, however many, as long as one is left."""
    newcomer = person("newcomer")
    sync_account(client=battlenet, user=newcomer)
    first, *others = sandbox._get("truth/account/newcomer")["characters"]
    for one in others:
        sandbox.mutate("delete_character", **{key: one[key] for key in ("region", "realm_slug", "name")})
    assert sync_account(client=battlenet, user=newcomer).result.removed == 2
    assert Character.objects.of(newcomer).get().name == first["name"]


# --- repeated sign-ins ---


@pytest.fixture
def no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Send nothing to workers: the tests do their work."""
    monkeypatch.setattr("celery.Celery.send_task", lambda app, name, args, **options: None)


def fetch_all(user: User) -> None:
    """Do what the workers do after a sign-in."""
    for row in open_account_jobs(user).exclude(state=BlizzardJob.State.RESTING).filter(next_due_at__lte=timezone.now()):
        run_account(row.pk)
    busy = BlizzardJob.objects.filter(character__user=user).exclude(state=BlizzardJob.State.RESTING)
    run_profiles(busy.values_list("character", flat=True))


def test_signing_in_again_immediately_costs_nothing(
    stack: Stack, sandbox: Sandbox, sign_in: Any, client: Client
) -> None:
    sign_in("raider")
    wait_until(everything_rests)
    assert sandbox.stats()["by_endpoint"]["character"] >= 59
    sandbox.forget_requests()
    client.logout()
    sign_in("raider")
    wait_until(everything_rests)
    asked = sandbox.stats()["by_endpoint"]
    assert [asked.get(name, 0) for name in ("account", "account-mounts", "account-toys", "character")] == [0] * 4
    assert "60 characters" in text_of(client.get("/characters/"))


@pytest.mark.usefixtures("no_worker")
def test_an_hour_of_signing_in_costs_at_most_three_onboardings(
    sandbox: Sandbox, sign_in: Any, client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    def come() -> int:
        before = sandbox.stats()["by_endpoint"]
        with django_capture_on_commit_callbacks(execute=True):
            sign_in("raider")
        fetch_all(User.objects.get())
        after = sandbox.stats()["by_endpoint"]
        kinds = ("account", "account-mounts", "account-toys", "character")
        return sum(after.get(kind, 0) - before.get(kind, 0) for kind in kinds)

    first, total = come(), 0
    assert first == 67
    for _ in range(8):
        later(minutes=6)
        total += come()
    assert first + total <= 3 * first
    page = text_of(client.get("/characters/"))
    assert "Your list was fetched several times within the hour The next fetch is in" in page
    raider = User.objects.get()
    assert Character.objects.of(raider).count() == 60
    assert job(raider).state == BlizzardJob.State.DUE, "nothing is lost: it continues later"
    later(minutes=60)
    BlizzardJob.objects.update(next_due_at=timezone.now())
    fetch_all(raider)
    assert job(raider).state == BlizzardJob.State.RESTING
    assert "several times within the hour" not in text_of(client.get("/characters/"))


@pytest.mark.usefixtures("no_worker")
def test_a_region_that_is_down_uses_little_of_the_hourly_budget(person: Person, sandbox: Sandbox) -> None:
    raider = person("raider")
    sandbox.fault(path=INDEX, status=503, region="us")
    for _ in range(9):
        open_account_jobs(raider).exclude(state=BlizzardJob.State.RESTING).update(next_due_at=timezone.now())
        fetch_all(raider)
    sandbox.clear_faults()
    BlizzardJob.objects.filter(user=raider).update(next_due_at=timezone.now())
    fetch_all(raider)
    assert Character.objects.of(raider).count() == 60
    later(minutes=6)
    BlizzardJob.objects.filter(user=raider).update(state=BlizzardJob.State.DUE, next_due_at=timezone.now())
    fetch_all(raider)
    assert set(open_account_jobs(raider).values_list("state", flat=True)) == {BlizzardJob.State.RESTING}


@pytest.mark.usefixtures("no_worker")
def test_consent_given_again_within_minutes_is_used(
    person: Person, battlenet: BlizzardClient, sign_in: Any, sandbox: Sandbox
) -> None:
    """Not sharing in between can have removed the links."""
    newcomer = person("newcomer")
    sync_account(client=battlenet, user=newcomer)
    open_account_jobs(newcomer).update(state=BlizzardJob.State.FAILED, error_kind="forbidden")
    sign_in("newcomer")
    assert set(open_account_jobs(newcomer).values_list("state", flat=True)) == {BlizzardJob.State.DUE}


@pytest.mark.usefixtures("no_worker")
def test_the_button_does_not_refresh_recent_data(person: Person, battlenet: BlizzardClient) -> None:
    newcomer = person("newcomer")
    sync_account(client=battlenet, user=newcomer)
    with pytest.raises(TooSoon) as refusal:
        asking.refresh_account(user=newcomer)
    assert timedelta(minutes=4) < refusal.value.again_at - timezone.now() < timedelta(minutes=5)
    later(minutes=5)
    asking.refresh_account(user=newcomer)
