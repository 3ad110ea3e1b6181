"""Vendors, milestones and collections: as Bungie has them, kept when an answer is empty, read again after the reset."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from destiny.models import (
    BungieAccount,
    Collection,
    DestinyMembership,
    Guardian,
    GuardianProgress,
    Milestone,
    VendorStock,
)
from destiny.vendors.reset import last_reset, week_began
from sync.bungie.client import BungieClient
from sync.destiny import vendors
from sync.destiny.jobs import BungieJob, open_game_job, open_membership_jobs
from sync.destiny.refresh import refresh
from sync.destiny.vendor_kinds import of_memberships, of_the_game
from sync.engine.kinds import mark_tier_due
from sync.engine.transitions import attempt
from tests.battlenet import Sandbox
from tests.destiny.conftest import run_job
from tests.destiny.people import Connected, Run, RunProfile

Kind = BungieJob.Kind
State = BungieJob.State
XUR, GUNSMITH, TAILOR = 2190858386, 672118013, 350061650


@pytest.fixture
def account(connected: Connected, run: Run) -> BungieAccount:
    """The account of the guild master, who has three guardians."""
    account = connected("guildmaster")
    run(account, Kind.MEMBERSHIPS)
    return account


@pytest.fixture
def membership(account: BungieAccount, run_profile: RunProfile) -> DestinyMembership:
    membership = account.memberships.get(membership_type=3)
    run_profile(membership)
    return membership


def read(kind: BungieJob.Kind, membership: DestinyMembership) -> BungieJob:
    return run_job(open_membership_jobs(kind, [membership]))


def read_game(kind: BungieJob.Kind) -> BungieJob:
    open_game_job(kind)
    return run_job(of_the_game(kind))


def stock(guardian: Guardian | None) -> dict[int, VendorStock]:
    return {one.vendor_hash: one for one in VendorStock.objects.filter(guardian=guardian)}


def test_each_guardian_gets_what_bungie_sells_to_it(membership: DestinyMembership, api: BungieClient) -> None:
    job = read(Kind.VENDORS, membership)
    assert (job.state, job.error_kind) == (State.RESTING, "")
    answers = vendors.fetch(membership, api)
    assert len(answers) == membership.guardians.count() == 3
    for guardian in membership.guardians.all():
        answer, found = answers[guardian.pk], stock(guardian)
        assert found.keys() == answer.vendors.data.keys()
        for key, row in found.items():
            sold = answer.sales.data[key]
            assert [(one["index"], one["item"], one["status"]) for one in row.sales] == [
                (one.index, one.item_hash, one.status) for one in sold
            ]
            assert set(row.sold) == {one.item_hash for one in sold}
            assert sorted(place for _, places in row.categories for place in places) == [one.index for one in sold]
        assert found[GUNSMITH].rank[0] == 4
        assert found[GUNSMITH].refreshes_at is not None
        assert any(one.refreshes_at is None for one in found.values())


def test_an_unchanged_answer_changes_nothing(membership: DestinyMembership) -> None:
    changed_at = read(Kind.VENDORS, membership).changed_at
    before = list(VendorStock.objects.order_by("pk").values_list("pk", "updated_at"))
    assert read(Kind.VENDORS, membership).changed_at == changed_at
    assert list(VendorStock.objects.order_by("pk").values_list("pk", "updated_at")) == before


def test_the_number_of_statements_does_not_grow_with_guardians(
    membership: DestinyMembership, django_assert_max_num_queries: Any, api: BungieClient
) -> None:
    read(Kind.VENDORS, membership)
    fetched = vendors.fetch(membership, api)
    VendorStock.objects.update(sales=[])
    jobs = open_membership_jobs(Kind.VENDORS, [membership])
    with attempt(jobs) as claim, django_assert_max_num_queries(11):
        vendors.apply(membership.pk, fetched, claim)
    assert not VendorStock.objects.filter(sales=[], is_enabled=True).exists()


@pytest.mark.parametrize("component", ["vendors", "sales"])
def test_an_answer_without_stock_empties_nothing(
    membership: DestinyMembership, sandbox: Sandbox, component: str
) -> None:
    read(Kind.VENDORS, membership)
    before = VendorStock.objects.count()
    sandbox.fault(path="/Platform/Destiny2/3/Profile", body="empty_components", component=component)
    job = read(Kind.VENDORS, membership)
    assert (job.state, job.error_kind) == (State.DUE, "bad_payload")
    assert VendorStock.objects.count() == before
    assert VendorStock.objects.exclude(sales=[]).exists()
    sandbox.clear_faults()
    assert read(Kind.VENDORS, membership).error_kind == ""


def test_maintenance_keeps_the_stock_and_is_retried(membership: DestinyMembership, sandbox: Sandbox) -> None:
    read(Kind.VENDORS, membership)
    sandbox.bungie("maintenance", form="json")
    job = read(Kind.VENDORS, membership)
    sandbox.bungie("maintenance")
    assert (job.state, job.error_kind) == (State.DUE, "unavailable")
    assert VendorStock.objects.exists()


def test_a_revoked_account_is_parked(membership: DestinyMembership, sandbox: Sandbox) -> None:
    sandbox.bungie("tokens/expire", persona="guildmaster")
    sandbox.bungie("tokens/revoke", persona="guildmaster")
    job = read(Kind.VENDORS, membership)
    assert (job.state, job.error_kind) == (State.RESTING, "connect_again")


def test_a_guardian_that_bungie_deleted_does_not_hold_up_the_others(membership: DestinyMembership) -> None:
    gone = Guardian.objects.create(membership=membership, character_id=77)
    job = read(Kind.VENDORS, membership)
    assert (job.state, job.error_kind) == (State.RESTING, "")
    assert not stock(gone)
    assert all(stock(one) for one in membership.guardians.exclude(pk=gone.pk))


def test_public_vendors_need_no_account(api: BungieClient) -> None:
    job = read_game(Kind.PUBLIC_VENDORS)
    assert (job.state, job.error_kind) == (State.RESTING, "")
    answer, found = api.public_vendors(), stock(None)
    assert found.keys() == answer.vendors.data.keys()
    assert all(found[key].sold == sorted({one.item_hash for one in sold}) for key, sold in answer.sales.data.items())
    before = {one.pk for one in found.values()}
    read_game(Kind.PUBLIC_VENDORS)
    assert {one.pk for one in stock(None).values()} == before


def test_new_stock_replaces_the_old_and_comes_some_minutes_after_the_dates(sandbox: Sandbox, api: BungieClient) -> None:
    read_game(Kind.PUBLIC_VENDORS)
    before = stock(None)[TAILOR]
    assert before.refreshes_at is not None
    sandbox.bungie("stock_delay", seconds=300)
    now = datetime.fromisoformat(sandbox.bungie("clock", seconds=0)["now"])
    try:
        sandbox.bungie("clock", seconds=(before.refreshes_at - now).total_seconds() + 60)
        read_game(Kind.PUBLIC_VENDORS)
        between = stock(None)[TAILOR]
        assert between.refreshes_at == before.refreshes_at + timedelta(days=1)
        assert between.sold == before.sold
        sandbox.bungie("clock", seconds=300)
        read_game(Kind.PUBLIC_VENDORS)
        after = stock(None)[TAILOR]
        assert after.refreshes_at == between.refreshes_at
        assert after.sold != before.sold
    finally:
        sandbox.bungie("stock_delay", seconds=0)
        sandbox.reset(world=True)


def test_after_the_reset_vendors_are_read_twice(membership: DestinyMembership) -> None:
    job = read(Kind.VENDORS, membership)
    reset = last_reset(timezone.now())
    for succeeded_at, is_due in (
        (timedelta(minutes=-1), True),
        (timedelta(minutes=5), True),
        (timedelta(minutes=11), False),
    ):
        BungieJob.objects.filter(pk=job.pk).update(succeeded_at=reset + succeeded_at)
        assert of_memberships(Kind.VENDORS).exists() is is_due, succeeded_at


def test_the_schedule_adds_jobs_that_are_missing(membership: DestinyMembership) -> None:
    assert mark_tier_due("Destiny vendors") == membership.account.memberships.count()
    assert mark_tier_due("Destiny progress") == membership.account.memberships.count()
    BungieJob.objects.filter(kind=Kind.MILESTONES).delete()
    mark_tier_due("milestones of Destiny")
    assert of_the_game(Kind.MILESTONES).get().state == State.DUE


def test_whoever_looks_has_their_vendors_read_if_they_are_older_than_a_minute(membership: DestinyMembership) -> None:
    job = refresh(Kind.VENDORS, membership)
    assert (job.state, job.priority) == (State.DUE, BungieJob.Priority.INTERACTIVE)
    read(Kind.VENDORS, membership)
    assert refresh(Kind.VENDORS, membership).state == State.RESTING
    BungieJob.objects.filter(pk=job.pk).update(attempted_at=timezone.now() - timedelta(seconds=61))
    assert refresh(Kind.VENDORS, membership).state == State.DUE


def test_milestones_of_the_week(api: BungieClient) -> None:
    job = read_game(Kind.MILESTONES)
    assert (job.state, job.error_kind) == (State.RESTING, "")
    listed = api.milestones()
    rows = {one.milestone_hash: one for one in Milestone.objects.all()}
    assert rows.keys() == listed.keys()
    (visit,) = [one for one in rows.values() if not one.activities]
    assert (visit.vendors, visit.starts_at) == ([XUR], None)
    weeks = [(one.ends_at - one.starts_at).days for one in rows.values() if one.starts_at and one.ends_at]
    assert set(weeks) == {7}
    Milestone.objects.create(milestone_hash=77)
    read_game(Kind.MILESTONES)
    assert not Milestone.objects.filter(milestone_hash=77).exists()


def test_what_guardians_have_done_and_what_the_collections_lack(
    membership: DestinyMembership, api: BungieClient, sandbox: Sandbox
) -> None:
    job = read(Kind.PROGRESS, membership)
    assert (job.state, job.error_kind) == (State.RESTING, "")
    rows = GuardianProgress.objects.filter(guardian__membership=membership)
    assert rows.count() == 3
    done = [reward[2] for row in rows for one in row.milestones.values() for reward in one["rewards"]]
    assert {True, False} == set(done)
    missing = Collection.objects.get(membership=membership).missing
    assert missing
    sandbox.fault(path="/Platform/Destiny2/3/Profile", body="empty_components")
    read(Kind.PROGRESS, membership)
    assert Collection.objects.get(membership=membership).missing == missing
    assert rows.count() == 3
    assert all(one.milestones for one in rows)


def test_a_stale_answer_changes_nothing(membership: DestinyMembership) -> None:
    read(Kind.PROGRESS, membership)
    later = timezone.now() + timedelta(days=1)
    GuardianProgress.objects.update(read_at=later, milestones={})
    Collection.objects.update(read_at=later, missing=[])
    read(Kind.PROGRESS, membership)
    assert not Collection.objects.get(membership=membership).missing
    assert not GuardianProgress.objects.exclude(milestones={}).exists()


@pytest.mark.parametrize(
    ("now", "reset", "week"),
    [
        ((2026, 11, 24, 16, 59), (2026, 11, 23), (2026, 11, 17)),
        ((2026, 11, 24, 17, 0), (2026, 11, 24), (2026, 11, 24)),
        ((2026, 11, 30, 18, 0), (2026, 11, 30), (2026, 11, 24)),
    ],
)
def test_the_reset_is_at_17_utc_and_the_week_begins_on_tuesdays(
    now: tuple[int, ...], reset: tuple[int, ...], week: tuple[int, ...]
) -> None:
    moment = datetime(*now, tzinfo=UTC)  # type: ignore[arg-type, misc]
    assert last_reset(moment) == datetime(*reset, 17, tzinfo=UTC)  # type: ignore[arg-type, misc]
    assert week_began(moment) == datetime(*week, 17, tzinfo=UTC)  # type: ignore[arg-type, misc]
