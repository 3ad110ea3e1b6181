"""A running sync does not bring back a player who deletes their account."""

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.utils import timezone
from pytest_django.asserts import assertContains

from accounts.data_requests import delete_account
from accounts.models import BattlenetToken, DeletedAccount, User
from characters.models import Character
from guilds.models import Membership
from sync.blizzard.client import BlizzardClient
from sync.engine import claims, transitions
from sync.management import foreground
from sync.models import BlizzardJob
from sync.wow import accounts
from sync.wow.jobs import open_account_job
from tests.battlenet import Sandbox
from tests.sync.test_parallel_syncs import in_parallel
from tests.sync.working import run

pytestmark = pytest.mark.django_db(transaction=True)
Person = Callable[[str], User]


@pytest.fixture(autouse=True)
def no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exclude workers that other tests started."""
    monkeypatch.setattr("celery.Celery.send_task", lambda app, name, args, **options: None)


def claimed(user: User) -> BlizzardJob:
    """Claim the account's European job like the dispatcher."""
    jobs = BlizzardJob.objects.filter(pk=open_account_job(user, "eu").pk)
    transitions.mark_due(jobs, BlizzardJob.Priority.INTERACTIVE)
    return claims.claim(jobs)[0]


def is_completely_deleted(user: User) -> bool:
    return not (
        User.objects.filter(pk=user.pk).exists()
        or BattlenetToken.objects.exists()
        or Character.objects.filter(user__isnull=False).exists()
        or Character.objects.exclude(mounts_hash="").exists()
        or Character.objects.filter(wow_account_id__isnull=False).exists()
        or BlizzardJob.objects.filter(kind="account").exists()
    )


def test_a_worker_with_responses_does_not_write_them(
    person: Person, game_data: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    raider = person("raider")
    apply = accounts.apply_account

    def delete_first(**fetched: Any) -> Any:
        delete_account(person=raider, actor=raider)
        return apply(**fetched)

    monkeypatch.setattr(accounts, "apply_account", delete_first)
    run([claimed(raider)])
    assert DeletedAccount.objects.exists()
    assert is_completely_deleted(raider)


def test_a_deletion_waits_for_a_worker_that_is_writing(
    person: Person, game_data: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    raider = person("raider")
    is_writing, apply = threading.Event(), accounts.apply_account

    @transaction.atomic
    def apply_slowly(**fetched: Any) -> Any:
        result = apply(**fetched)
        is_writing.set()
        wait_until_somebody_waits_for_a_lock()
        return result

    monkeypatch.setattr(accounts, "apply_account", apply_slowly)
    job = claimed(raider)

    def delete() -> None:
        assert is_writing.wait(30)
        delete_account(person=raider, actor=raider)

    in_parallel(lambda: run([job]), delete)
    assert is_completely_deleted(raider)
    assert not Membership.objects.filter(main_of__isnull=False).exists()


WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


def wait_until_somebody_waits_for_a_lock() -> None:
    """Wait until the deletion waits for this transaction."""
    for _ in range(3_000):
        with connection.cursor() as cursor:
            cursor.execute(WAITING)
            if cursor.fetchone()[0]:
                return
            # Not the statistics that this transaction has cached.
            cursor.execute("SELECT pg_stat_clear_snapshot(), pg_sleep(0.01)")
    raise AssertionError("nobody waited")


def test_a_sync_and_a_deletion_in_parallel(person: Person, game_data: None) -> None:
    for _ in range(3):
        raider = person("raider")
        sync = partial(run, [claimed(raider)])
        in_parallel(sync, partial(delete_account, person=raider, actor=raider))
        assert is_completely_deleted(raider)


def test_a_late_task_does_nothing(person: Person, sandbox: Sandbox) -> None:
    raider = person("raider")
    job = claimed(raider)
    delete_account(person=raider, actor=raider)
    run([job])
    job.claim = uuid4()
    run([job])
    assert is_completely_deleted(raider)
    assert sandbox.stats()["by_endpoint"].get("account-profile", 0) == 0


def test_signing_in_again_starts_from_scratch(
    sign_in: Callable[..., Any], battlenet: BlizzardClient, game_data: None, client: Any
) -> None:
    sign_in("raider")
    before = User.objects.get()
    foreground.sync_account(client=battlenet, user=User.objects.select_related("battlenet_token").get())
    listed = Character.objects.of(before).count()
    client.post("/account/delete/", {"battletag": before.battletag})
    assert is_completely_deleted(before)

    sign_in("raider")
    after = User.objects.select_related("battlenet_token").get()
    assert after.pk != before.pk
    assert not after.is_staff
    foreground.sync_account(client=battlenet, user=after)
    assert Character.objects.of(after).count() == listed


def test_a_revoked_token_is_discarded_and_the_page_asks_for_a_sign_in(
    sign_in: Callable[..., Any], sandbox: Sandbox, game_data: None, client: Any, battlenet: BlizzardClient
) -> None:
    sign_in("raider")
    user = User.objects.select_related("battlenet_token").get()
    foreground.sync_account(client=battlenet, user=user)
    listed = Character.objects.of(user).count()
    sandbox.expire_tokens()
    BlizzardJob.objects.filter(user=user).update(succeeded_at=timezone.now() - timedelta(hours=1))
    run([claimed(user)])
    assert not BattlenetToken.objects.exists()
    assert Character.objects.of(user).count() == listed
    assertContains(client.get("/account/"), "sign in again")
