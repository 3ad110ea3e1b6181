"""Claims and leases: a running job keeps its lease, and nothing is done twice in parallel."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from characters.models import Character
from guilds.models import Guild, Membership
from sync.blizzard.client import BlizzardClient
from sync.engine import claims, transitions
from sync.engine.dispatch import dispatch
from sync.engine.errors import BadPayload
from sync.models import BlizzardJob
from sync.wow.guilds import find_guild, sync_guild
from sync.wow.jobs import profile_jobs
from tests.battlenet import Sandbox
from tests.stack import wait_until
from tests.sync.working import run

State = BlizzardJob.State
Kind = BlizzardJob.Kind
RosterOf = Callable[..., Guild]


@pytest.fixture
def jobs(battlenet: BlizzardClient) -> Any:
    """Create the job of a guild of 30 whose roster is due for the first time."""
    guild = find_guild(client=battlenet, region="eu", realm_slug="quillmarsh", name="Second Kettle")
    return BlizzardJob.objects.filter(guild=guild)


def let_claims_end() -> None:
    BlizzardJob.objects.filter(BlizzardJob.CLAIMED).update(claimed_until=timezone.now())


def requests_for_rosters(sandbox: Sandbox) -> int:
    return int(sandbox.stats()["by_endpoint"].get("guild-roster", 0))


def test_an_expired_message_is_dropped(sandbox: Sandbox, jobs: Any) -> None:
    (first,) = claims.claim_due(BlizzardJob.objects.all(), 1)
    let_claims_end()
    (second,) = claims.claim_due(BlizzardJob.objects.all(), 1)
    for one in (first, second):
        run([one], throw=True)
    assert requests_for_rosters(sandbox) == 1
    assert jobs.get().state == State.RESTING


def test_a_redelivered_message_is_dropped(sandbox: Sandbox, jobs: Any) -> None:
    (claimed,) = claims.claim_due(BlizzardJob.objects.all(), 1)
    with claims.hold(jobs, claimed.claim):
        run([claimed], throw=True)
    assert requests_for_rosters(sandbox) == 0


def test_a_late_result_of_a_lost_claim_is_not_written(battlenet: BlizzardClient, jobs: Any) -> None:
    (first,) = claims.claim_due(BlizzardJob.objects.all(), 1)
    guild = Guild.objects.select_related("realm").get()
    with claims.hold(jobs, first.claim) as claim:
        let_claims_end()
        (second,) = claims.claim_due(BlizzardJob.objects.all(), 1)
        with pytest.raises(claims.ClaimLost):
            sync_guild(client=battlenet, guild=guild, claim=claim)
        transitions.fail(jobs, BadPayload("too late to matter"), claim=claim)
    assert not Membership.objects.exists()
    row = jobs.get()
    assert (row.state, row.claim, row.error_kind) == (State.QUEUED, second.claim, "")


def test_in_a_batch_only_the_lost_claim_is_left_out(roster_of: RosterOf, sandbox: Sandbox) -> None:
    roster_of("eu", "quillmarsh", "Second Kettle")
    rows = profile_jobs(list(Character.objects.order_by("name").values_list("pk", flat=True)[:3]))
    claimed = claims.claim(rows)
    other = rows.order_by("character__name")[0]
    BlizzardJob.objects.filter(pk=other.pk).update(state=State.DUE)
    (stolen,) = claims.claim(BlizzardJob.objects.filter(pk=other.pk))
    run(claimed, throw=True)
    assert rows.filter(state=State.RESTING).count() == 2
    assert rows.get(claim=stolen.claim).state == State.QUEUED


def test_a_job_refreshed_while_running_runs_once_more(battlenet: BlizzardClient, jobs: Any) -> None:
    (claimed,) = claims.claim_due(BlizzardJob.objects.all(), 1)
    guild = Guild.objects.select_related("realm").get()
    with claims.hold(jobs, claimed.claim) as claim:
        transitions.mark_due(jobs, BlizzardJob.Priority.INTERACTIVE)
        assert dispatch() == 0
        sync_guild(client=battlenet, guild=guild, claim=claim)
    assert (jobs.get().state, jobs.get().priority) == (State.DUE, BlizzardJob.Priority.INTERACTIVE)
    assert dispatch() == 1


def test_a_queued_job_is_sent_again_when_somebody_refreshes_it(jobs: Any) -> None:
    (claimed,) = claims.claim_due(BlizzardJob.objects.all(), 1)
    transitions.mark_due(jobs, BlizzardJob.Priority.INTERACTIVE)
    (again,) = claims.claim_due(BlizzardJob.objects.all(), 1)
    assert again.claim != claimed.claim


def test_lost_claims_do_not_block_other_jobs(roster_of: RosterOf, settings: Any) -> None:
    settings.BLIZZARD_RATE_PER_SECOND = 2
    roster_of("eu", "quillmarsh", "Second Kettle")
    members = BlizzardJob.objects.filter(kind=Kind.PROFILE)
    transitions.mark_due(members, BlizzardJob.Priority.INTERACTIVE)
    assert dispatch() == 20
    assert dispatch() == 0
    let_claims_end()
    assert dispatch() == 20


@pytest.mark.django_db(transaction=True)
def test_a_long_running_job_keeps_its_lease(jobs: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims, "RENEWED_EVERY", timedelta(seconds=0.05))
    monkeypatch.setattr(claims, "_renewer", claims._Renewer())
    (claimed,) = claims.claim_due(BlizzardJob.objects.all(), 1)
    with claims.hold(jobs, claimed.claim):
        begun = jobs.get().claimed_until
        wait_until(lambda: jobs.get().claimed_until > begun)


def test_an_error_in_our_code_is_a_failure_like_others(jobs: Any) -> None:
    claims.claim_due(BlizzardJob.objects.all(), 1)
    with pytest.raises(ZeroDivisionError), transitions.attempt(jobs, jobs.get().claim):
        raise ZeroDivisionError
    row = jobs.get()
    assert (row.state, row.tries, row.error_kind) == (State.DUE, 1, "defect")
    assert row.next_due_at > timezone.now()
