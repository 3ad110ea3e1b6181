"""Claims and leases: a running job keeps its lease, and nothing is done twice in parallel."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from characters.models import Character
from guilds.models import Guild, Membership
from sync import tasks
from sync.blizzard.client import BlizzardClient
from sync.engine import claims, transitions
from sync.engine.dispatch import dispatch
from sync.engine.errors import BadPayload
from sync.models import BlizzardJob
from sync.wow.guilds import find_guild, sync_guild
from sync.wow.jobs import profile_jobs
from tests.battlenet import Sandbox
from tests.stack import wait_until

State = BlizzardJob.State
Kind = BlizzardJob.Kind
RosterOf = Callable[..., Guild]


@pytest.fixture
def entries(battlenet: BlizzardClient) -> Any:
    """Create the job of a guild of 30 whose roster is due for the first time."""
    guild = find_guild(client=battlenet, region="eu", realm_slug="quillmarsh", name="Second Kettle")
    return BlizzardJob.objects.filter(guild=guild)


def let_claims_end() -> None:
    BlizzardJob.objects.filter(BlizzardJob.CLAIMED).update(claimed_until=timezone.now())


def requests_for_rosters(sandbox: Sandbox) -> int:
    return int(sandbox.stats()["by_endpoint"].get("guild-roster", 0))


def test_an_expired_message_is_dropped(sandbox: Sandbox, entries: Any) -> None:
    (first,) = claims.claim_due(1)
    let_claims_end()
    (second,) = claims.claim_due(1)
    for one in (first, second):
        tasks.sync_guild.apply(args=(str(one.guild_id), str(one.claim)), throw=True)
    assert requests_for_rosters(sandbox) == 1
    assert entries.get().state == State.RESTING


def test_a_redelivered_message_is_dropped(sandbox: Sandbox, entries: Any) -> None:
    (claimed,) = claims.claim_due(1)
    with claims.hold(entries, claimed.claim):
        tasks.sync_guild.apply(args=(str(claimed.guild_id), str(claimed.claim)), throw=True)
    assert requests_for_rosters(sandbox) == 0


def test_a_late_result_of_a_lost_claim_is_not_written(battlenet: BlizzardClient, entries: Any) -> None:
    (first,) = claims.claim_due(1)
    guild = Guild.objects.select_related("realm").get()
    with claims.hold(entries, first.claim):
        let_claims_end()
        (second,) = claims.claim_due(1)
        with pytest.raises(claims.ClaimLost):
            sync_guild(client=battlenet, guild=guild)
        transitions.fail(entries, BadPayload("too late to matter"))
    assert not Membership.objects.exists()
    row = entries.get()
    assert (row.state, row.claim, row.error_kind) == (State.QUEUED, second.claim, "")


def test_in_a_batch_only_the_lost_claim_is_left_out(roster_of: RosterOf, sandbox: Sandbox) -> None:
    roster_of("eu", "quillmarsh", "Second Kettle")
    ids = [str(pk) for pk in Character.objects.order_by("name").values_list("pk", flat=True)[:3]]
    rows = profile_jobs(ids)
    claims.claim(rows)
    other = rows.order_by("character__name")[0]
    BlizzardJob.objects.filter(pk=other.pk).update(state=State.DUE)
    (stolen,) = claims.claim(BlizzardJob.objects.filter(pk=other.pk))
    claim = rows.exclude(pk=other.pk).values_list("claim", flat=True)[0]
    tasks.sync_characters.apply(args=(ids, str(claim)), throw=True)
    assert rows.filter(state=State.RESTING).count() == 2
    assert rows.get(claim=stolen.claim).state == State.QUEUED


def test_a_job_refreshed_while_running_runs_once_more(battlenet: BlizzardClient, entries: Any) -> None:
    (claimed,) = claims.claim_due(1)
    guild = Guild.objects.select_related("realm").get()
    with claims.hold(entries, claimed.claim):
        transitions.mark_due(entries, BlizzardJob.Priority.INTERACTIVE)
        assert dispatch() == 0
        sync_guild(client=battlenet, guild=guild)
    assert (entries.get().state, entries.get().priority) == (State.DUE, BlizzardJob.Priority.INTERACTIVE)
    assert dispatch() == 1


def test_a_queued_job_is_sent_again_when_somebody_refreshes_it(entries: Any) -> None:
    (claimed,) = claims.claim_due(1)
    transitions.mark_due(entries, BlizzardJob.Priority.INTERACTIVE)
    (again,) = claims.claim_due(1)
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
def test_a_long_running_job_keeps_its_lease(entries: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims, "RENEWED_EVERY", timedelta(seconds=0.05))
    monkeypatch.setattr(claims, "_renewer", claims._Renewer())
    (claimed,) = claims.claim_due(1)
    with claims.hold(entries, claimed.claim):
        begun = entries.get().claimed_until
        wait_until(lambda: entries.get().claimed_until > begun)


def test_an_error_in_our_code_is_a_failure_like_others(entries: Any) -> None:
    claims.claim_due(1)
    with pytest.raises(ZeroDivisionError):
        tasks._carry_out(entries, str(entries.get().claim), lambda: 1 // 0)
    row = entries.get()
    assert (row.state, row.tries, row.error_kind) == (State.DUE, 1, "defect")
    assert row.next_due_at > timezone.now()
