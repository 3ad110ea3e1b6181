"""Memberships of a Bungie account: cross save, the player's choice, and outages that delete nothing."""

from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.test import Client
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from destiny.accounts import current_membership
from destiny.models import BungieAccount, DestinyMembership
from sync.destiny import memberships
from sync.destiny.jobs import BungieJob
from tests.battlenet import Sandbox
from tests.destiny.people import Connected, Run

MEMBERSHIPS = BungieJob.Kind.MEMBERSHIPS


def truth(sandbox: Sandbox, persona: str) -> Any:
    return next(one for one in sandbox.bungie_world()["people"] if one["name"] == persona)


def browser(account: BungieAccount) -> Client:
    client = Client()
    client.force_login(account.user, "allauth.account.auth_backends.AuthenticationBackend")
    return client


def current(account: BungieAccount) -> DestinyMembership | None:
    account.refresh_from_db()
    return current_membership(account, account.memberships.all())


def test_cross_save_decides(connected: Connected, run: Run, sandbox: Sandbox) -> None:
    account = connected("officer")
    job = run(account, MEMBERSHIPS)
    assert (job.state, job.error_kind) == (BungieJob.State.RESTING, "")
    found = current(account)
    assert found is not None
    assert str(found.membership_id) == truth(sandbox, "officer")["cross_save"]
    assert found.is_primary
    page = browser(account).get("/account/bungie/")
    assertContains(page, "Cross save chose this membership")
    assertNotContains(page, "Which membership do you play?")


def test_without_cross_save_the_player_chooses(connected: Connected, run: Run, sandbox: Sandbox) -> None:
    account = connected("raider")
    run(account, MEMBERSHIPS)
    rows = list(account.memberships.all())
    assert {(one.membership_type, str(one.membership_id)) for one in rows} == {
        (one["type"], one["id"]) for one in truth(sandbox, "raider")["memberships"]
    }
    assert all("#" in one.name for one in rows)
    first = current(account)
    assert first is not None
    assert first.last_played_at == max(one.last_played_at for one in rows if one.last_played_at)
    client = browser(account)
    assertContains(client.get("/account/bungie/"), "Which membership do you play?")
    (other,) = [one for one in rows if one != first]
    client.post("/account/bungie/membership/", {"membership": str(other.pk)})
    assert current(account) == other
    run(account, MEMBERSHIPS)
    assert current(account) == other


def test_nobody_can_choose_the_membership_of_somebody_else(connected: Connected, run: Run) -> None:
    mine, theirs = connected("raider"), connected("officer")
    run(mine, MEMBERSHIPS)
    run(theirs, MEMBERSHIPS)
    before = current(mine)
    client = browser(mine)
    for wrong in (str(theirs.memberships.first().pk), "", "no id", str(mine.pk)):  # type: ignore[union-attr]
        client.post("/account/bungie/membership/", {"membership": wrong})
        assertContains(client.get("/account/bungie/"), "Choose one of your memberships.")
    assert current(mine) == before
    assertNotContains(client.get("/account/bungie/"), theirs.name)


def test_profiles_with_errors_delete_nothing(connected: Connected, run: Run, sandbox: Sandbox) -> None:
    account = connected("raider")
    run(account, MEMBERSHIPS)
    before = list(account.memberships.values_list("membership_id", "last_played_at", "unlinked_at"))
    sandbox.bungie("failing_profiles", code=1618)
    job = run(account, MEMBERSHIPS)
    assert job.error_kind == ""
    assert list(account.memberships.values_list("membership_id", "last_played_at", "unlinked_at")) == before


def test_a_membership_that_is_no_longer_listed_is_kept_for_a_month(
    connected: Connected, run: Run, sandbox: Sandbox
) -> None:
    account = connected("raider")
    run(account, MEMBERSHIPS)
    gone = DestinyMembership.objects.create(account=account, membership_type=2, membership_id=77, name="Old")
    run(account, MEMBERSHIPS)
    gone.refresh_from_db()
    assert gone.unlinked_at is not None
    assertNotContains(browser(account).get("/account/bungie/"), "Old (")
    DestinyMembership.objects.filter(pk=gone.pk).update(
        unlinked_at=timezone.now() - memberships.UNLINKED_KEPT - timedelta(minutes=1)
    )
    run(account, MEMBERSHIPS)
    assert not DestinyMembership.objects.filter(pk=gone.pk).exists()


def test_a_membership_can_move_to_another_bungie_account(connected: Connected, run: Run) -> None:
    mine, theirs = connected("raider"), connected("officer")
    run(theirs, MEMBERSHIPS)
    moved = theirs.memberships.order_by("pk").first()
    assert moved is not None
    DestinyMembership.objects.filter(pk=moved.pk).update(account=mine)
    run(theirs, MEMBERSHIPS)
    moved.refresh_from_db()
    assert moved.account == theirs


def test_somebody_without_destiny_has_none(connected: Connected, run: Run) -> None:
    account = connected("nodestiny")
    job = run(account, MEMBERSHIPS)
    assert job.error_kind == ""
    assert browser(account).get("/account/bungie/").status_code == 200


def test_an_unchanged_answer_changes_nothing(connected: Connected, run: Run) -> None:
    account = connected("raider")
    changed_at = run(account, MEMBERSHIPS).changed_at
    before = list(account.memberships.values_list("pk", "updated_at"))
    assert run(account, MEMBERSHIPS).changed_at == changed_at
    assert list(account.memberships.values_list("pk", "updated_at")) == before


def test_an_outage_is_retried_and_said_on_the_page(connected: Connected, run: Run, sandbox: Sandbox) -> None:
    account = connected("raider")
    sandbox.bungie("maintenance", form="html")
    job = run(account, MEMBERSHIPS)
    sandbox.bungie("maintenance")
    assert (job.state, job.error_kind) == (BungieJob.State.DUE, "unavailable")
    assertContains(browser(account).get("/account/bungie/"), "Bungie does not answer")
    assert run(account, MEMBERSHIPS).error_kind == ""


def test_a_player_refreshes_their_data_once_in_five_minutes(connected: Connected, run: Run) -> None:
    account = connected("guildmaster")
    run(account, MEMBERSHIPS)
    jobs = BungieJob.objects.filter(Q(account=account, kind=MEMBERSHIPS) | Q(membership__account=account))
    jobs.update(state=BungieJob.State.RESTING, claimed_until=None)
    client = browser(account)
    assertContains(client.get("/account/bungie/"), "account/bungie/refresh/")
    assert client.get("/account/bungie/refresh/").status_code == 405
    assertContains(client.post("/account/bungie/refresh/", follow=True), "Your Destiny data is being fetched.")
    asked = dict(jobs.values_list("kind", "priority"))
    assert asked == dict.fromkeys((MEMBERSHIPS, BungieJob.Kind.PROFILE), BungieJob.Priority.INTERACTIVE)
    assert all(one.is_busy for one in jobs)
    jobs.update(state=BungieJob.State.RESTING, claimed_until=None)
    page = client.post("/account/bungie/refresh/", follow=True)
    assertContains(page, "Refreshed a moment ago. You can refresh again", count=2)
    assert not any(one.is_busy for one in jobs)


def test_who_has_to_connect_again_can_refresh_nothing(connected: Connected) -> None:
    account = connected("guildmaster")
    BungieAccount.objects.update(access_token=None, refresh_token=None)
    BungieJob.objects.update(state=BungieJob.State.RESTING, claimed_until=None)
    page = browser(account).post("/account/bungie/refresh/", follow=True)
    assertContains(page, "Connect your Bungie account first.")
    assert not BungieJob.objects.get(account=account, kind=MEMBERSHIPS).is_busy
