"""Guardians and items of a membership: as Bungie has them, and never emptied by a stale, empty or partial answer."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from destiny.models import BungieAccount, DestinyMembership, DestinyProfile, Guardian, Item
from sync.destiny import profiles
from sync.destiny.jobs import BungieJob, add_profile_jobs
from sync.destiny.refresh import FRESH_FOR, refresh_profile
from tests.battlenet import Sandbox
from tests.destiny.people import Connected, Run, RunProfile

Place = Item.Place
VAULT = 138197802


@pytest.fixture
def account(connected: Connected, run: Run) -> BungieAccount:
    """The account of the guild master, who has three guardians and 900 items."""
    account = connected("guildmaster")
    run(account, BungieJob.Kind.MEMBERSHIPS)
    return account


@pytest.fixture
def membership(account: BungieAccount) -> DestinyMembership:
    return account.memberships.get(membership_type=3)


def items(membership: DestinyMembership) -> set[tuple[str, int, int, int]]:
    rows = Item.objects.filter(membership=membership, instance_id__isnull=False).select_related("guardian")
    return {
        (str(one.instance_id), one.guardian.character_id if one.guardian else 0, one.bucket_hash, one.state)
        for one in rows
    }


def truth(sandbox: Sandbox, membership: DestinyMembership) -> set[tuple[str, int, int, int]]:
    return {
        (one["instance"], int(one["holder"]), one["bucket"], one["state"])
        for one in sandbox.account_truth(membership.membership_id)["items"]
        if one["instance"] != "0"
    }


def counts(membership: DestinyMembership) -> dict[str, int]:
    return {place: membership.items.filter(place=place).count() for place in Place.values}


def later(membership: DestinyMembership, seconds: float) -> None:
    """Let what was noted have been noted that much earlier."""
    profile = membership.profile
    by = timedelta(seconds=seconds)
    profile.doubts = {name: (datetime.fromisoformat(text) - by).isoformat() for name, text in profile.doubts.items()}
    profile.save()


def test_the_guild_masters_guardians_and_items_are_those_of_the_world(
    membership: DestinyMembership, run_profile: RunProfile, sandbox: Sandbox
) -> None:
    job = run_profile(membership)
    assert (job.state, job.error_kind, job.unreadable_entries) == (BungieJob.State.RESTING, "", 0)
    assert items(membership) == truth(sandbox, membership)
    guardians = sandbox.account_truth(membership.membership_id)["guardians"]
    stored = Guardian.objects.filter(membership=membership)
    assert {(str(one.character_id), one.class_type) for one in stored} == {
        (one["id"], one["class_type"]) for one in guardians
    }
    assert all(one.light > 0 and one.stats and one.emblem_path for one in stored)
    assert {str(one.character_id): sum(loadout is not None for loadout in one.loadouts) for one in stored} == {
        one["id"]: sum(loadout is not None for loadout in one["loadouts"]) for one in guardians
    }
    assert all(counts(membership).values())
    worn = membership.items.filter(place=Place.EQUIPPED, power__isnull=False)
    assert all(one.details["stats"] and one.details["plugs"] for one in worn)


def test_an_unchanged_answer_writes_nothing(membership: DestinyMembership, run_profile: RunProfile) -> None:
    run_profile(membership)
    before = sorted(membership.items.values_list("pk", "updated_at"))
    changed_at = BungieJob.objects.get(membership=membership).changed_at
    job = run_profile(membership)
    assert job.changed_at == changed_at
    assert sorted(membership.items.values_list("pk", "updated_at")) == before


def test_a_stale_answer_changes_nothing(
    membership: DestinyMembership, run_profile: RunProfile, sandbox: Sandbox
) -> None:
    run_profile(membership)
    DestinyProfile.objects.update(minted_at=timezone.now() + timedelta(minutes=5))
    before = items(membership)
    sandbox.bungie("items", membership=str(membership.membership_id), items=100)
    run_profile(membership)
    assert items(membership) == before


@pytest.mark.parametrize("component", [None, "profileInventory", "characterInventories", "characters"])
def test_an_empty_component_empties_no_inventory(
    membership: DestinyMembership, run_profile: RunProfile, sandbox: Sandbox, component: str | None
) -> None:
    run_profile(membership)
    before, guardians = items(membership), membership.guardians.count()
    fault = {} if component is None else {"component": component}
    sandbox.fault(path="/Platform/Destiny2/", body="empty_components", **fault)
    run_profile(membership)
    assert (items(membership), membership.guardians.count()) == (before, guardians)
    # The same during an outage of an hour, with an answer every second.
    job = run_profile(membership)
    assert (items(membership), membership.guardians.count()) == (before, guardians)
    sandbox.clear_faults()
    job = run_profile(membership)
    assert job.error_kind == ""
    assert items(membership) == truth(sandbox, membership)
    membership.profile.refresh_from_db()
    assert membership.profile.doubts == {}


def test_a_disabled_component_keeps_what_was_known(
    membership: DestinyMembership, run_profile: RunProfile, sandbox: Sandbox
) -> None:
    run_profile(membership)
    before = counts(membership)
    sandbox.bungie("disabled_components", keys=["profileInventory"])
    run_profile(membership)
    assert counts(membership) == before
    assert membership.profile.hidden == {"vault": "disabled"}


def test_most_of_a_vault_can_disappear_only_in_two_answers_minutes_apart(
    membership: DestinyMembership, run_profile: RunProfile, sandbox: Sandbox
) -> None:
    run_profile(membership)
    before = counts(membership)
    sandbox.bungie("items", membership=str(membership.membership_id), items=60)
    job = run_profile(membership)
    assert (job.state, job.error_kind) == (BungieJob.State.DUE, "doubtful")
    assert counts(membership)[Place.VAULT] >= before[Place.VAULT]
    run_profile(membership)
    assert counts(membership)[Place.VAULT] >= before[Place.VAULT]
    membership.profile.refresh_from_db()
    later(membership, profiles.SECOND_ANSWER.total_seconds())
    job = run_profile(membership)
    assert (job.state, job.error_kind) == (BungieJob.State.RESTING, "")
    assert items(membership) == truth(sandbox, membership)


def test_what_an_action_of_ours_changed_is_not_undone_by_an_answer_from_before(
    membership: DestinyMembership, run_profile: RunProfile
) -> None:
    run_profile(membership)
    moved = membership.items.filter(place=Place.CARRIED, instance_id__isnull=False).first()
    assert moved is not None
    Item.objects.filter(pk=moved.pk).update(
        place=Place.VAULT, guardian=None, bucket_hash=VAULT, written_at=timezone.now()
    )
    run_profile(membership)
    assert Item.objects.get(pk=moved.pk).place == Place.VAULT
    Item.objects.filter(pk=moved.pk).update(written_at=timezone.now() - timedelta(minutes=1))
    run_profile(membership)
    assert Item.objects.get(pk=moved.pk).place == Place.CARRIED


def test_a_private_account_shows_its_owner_everything(connected: Connected, run: Run, run_profile: RunProfile) -> None:
    account = connected("social")
    run(account, BungieJob.Kind.MEMBERSHIPS)
    membership = account.memberships.first()
    assert membership is not None
    assert run_profile(membership).error_kind == ""
    assert membership.items.filter(place=Place.VAULT).exists()


def test_somebody_without_guardians_has_an_empty_inventory(
    connected: Connected, run: Run, run_profile: RunProfile
) -> None:
    account = connected("newcomer")
    run(account, BungieJob.Kind.MEMBERSHIPS)
    membership = account.memberships.first()
    assert membership is not None
    assert run_profile(membership).error_kind == ""
    assert not membership.guardians.exists()


def test_memberships_bring_the_jobs_of_their_guardians(account: BungieAccount) -> None:
    (job,) = BungieJob.objects.filter(kind=BungieJob.Kind.PROFILE)
    assert job.membership is not None
    assert job.membership.account == account
    assert (job.state, job.priority) in {
        (BungieJob.State.DUE, BungieJob.Priority.INTERACTIVE),
        (BungieJob.State.QUEUED, BungieJob.Priority.INTERACTIVE),
    }
    BungieJob.objects.filter(kind=BungieJob.Kind.PROFILE).delete()
    add_profile_jobs()
    assert BungieJob.objects.filter(kind=BungieJob.Kind.PROFILE).count() == account.memberships.count()


def test_a_player_who_looks_gets_a_newer_answer_once_a_minute(
    membership: DestinyMembership, run_profile: RunProfile
) -> None:
    run_profile(membership)
    assert refresh_profile(membership).state == BungieJob.State.RESTING
    BungieJob.objects.filter(membership=membership).update(attempted_at=timezone.now() - FRESH_FOR)
    job = refresh_profile(membership)
    assert (job.state, job.priority) == (BungieJob.State.DUE, BungieJob.Priority.INTERACTIVE)
    run_profile(membership)
    assert refresh_profile(membership).state == BungieJob.State.RESTING


def test_of_somebody_who_has_to_connect_again_everything_stays(
    membership: DestinyMembership, run_profile: RunProfile, sandbox: Sandbox
) -> None:
    run_profile(membership)
    before = items(membership)
    sandbox.bungie("tokens/forget")
    job = run_profile(membership)
    assert (job.state, job.error_kind) == (BungieJob.State.RESTING, "connect_again")
    assert items(membership) == before


def test_disconnecting_deletes_guardians_and_items(membership: DestinyMembership, run_profile: RunProfile) -> None:
    run_profile(membership)
    membership.account.delete()
    remaining: list[Any] = [*Guardian.objects.all(), *Item.objects.all(), *DestinyProfile.objects.all()]
    assert remaining == []
