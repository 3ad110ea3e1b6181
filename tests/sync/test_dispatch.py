"""Due jobs are sent once, the most urgent first, and no more than the budget allows."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import redis
from celery import current_app
from django.conf import settings as django_settings
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from django_celery_beat.models import PeriodicTask
from kombu.exceptions import OperationalError

from accounts.models import User
from characters.models import Character, Realm
from guilds.models import Guild, Membership
from sync.engine import claims, transitions
from sync.engine import dispatch as dispatching
from sync.engine.dispatch import dispatch, messages_for
from sync.engine.kinds import all_kinds, mark_tier_due, tier_named
from sync.models import BlizzardJob
from tests.battlenet import Sandbox
from tests.stack import Stack, wait_until

State = BlizzardJob.State
Kind = BlizzardJob.Kind
Priority = BlizzardJob.Priority
MakeCharacters = Callable[..., list[Character]]


@pytest.fixture
def make_characters(db: None) -> MakeCharacters:
    """Create characters with due jobs."""
    realm = Realm.objects.create(id=1, region="eu", slug="tarn-hollow", name="Tarn Hollow")

    def make(count: int, *, first: int = 0, **job_fields: object) -> list[Character]:
        made = [
            Character(region="eu", realm=realm, name=f"Member{chr(65 + n // 26)}{chr(97 + n % 26)}", blizzard_id=n)
            for n in range(first, first + count)
        ]
        Character.objects.bulk_create(made)
        BlizzardJob.objects.bulk_create([BlizzardJob(kind=Kind.PROFILE, character=one, **job_fields) for one in made])
        return made

    return make


@pytest.fixture
def guild(make_characters: MakeCharacters) -> Guild:
    """Create a guild with a resting job."""
    guild = Guild.objects.create(region="eu", realm_id=1, name="Oak", slug="oak", blizzard_id=1)
    BlizzardJob.objects.create(kind=Kind.ROSTER, guild=guild, state=State.RESTING)
    return guild


def test_priority_is_interactive_then_rosters_then_active_characters_then_others(
    make_characters: MakeCharacters, guild: Guild
) -> None:
    (rest,) = make_characters(1, first=0)
    (active,) = make_characters(1, first=1, priority=Priority.NORMAL)
    (awaited,) = make_characters(1, first=2, priority=Priority.INTERACTIVE)
    transitions.mark_due(BlizzardJob.objects.filter(guild=guild), Priority.HIGH)
    taken = [claims.claim_due(BlizzardJob.objects.all(), 1)[0].subject for _ in range(4)]
    assert taken == [awaited, guild, active, rest]


def test_no_more_than_requested_and_nothing_early_is_claimed(make_characters: MakeCharacters) -> None:
    make_characters(5)
    make_characters(5, first=5, next_due_at=timezone.now() + timedelta(minutes=1))
    assert len(claims.claim_due(BlizzardJob.objects.all(), 3)) == 3
    assert len(claims.claim_due(BlizzardJob.objects.all(), 100)) == 2
    assert claims.claim_due(BlizzardJob.objects.all(), 100) == []


def test_an_expired_claim_is_due_again(make_characters: MakeCharacters) -> None:
    make_characters(2)
    assert len(claims.claim_due(BlizzardJob.objects.all(), 2)) == 2
    assert claims.claim_due(BlizzardJob.objects.all(), 2) == []
    BlizzardJob.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    assert len(claims.claim_due(BlizzardJob.objects.all(), 2)) == 2


@pytest.mark.django_db(transaction=True)
def test_parallel_dispatchers_never_claim_the_same_row(make_characters: MakeCharacters) -> None:
    make_characters(200)

    def claim_some(_: int) -> list[object]:
        try:
            return [one.pk for one in claims.claim_due(BlizzardJob.objects.all(), 10)]
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        claimed = [pk for batch in pool.map(claim_some, range(30)) for pk in batch]
    assert len(claimed) == len(set(claimed)) <= 200
    assert len(claimed) + len(claims.claim_due(BlizzardJob.objects.all(), 200)) == 200


def test_the_queue_in_redis_stays_short(
    make_characters: MakeCharacters, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    monkeypatch.setattr(current_app, "send_task", lambda name, *_, **__: sent.append(name))
    settings.BLIZZARD_RATE_PER_SECOND = 2
    make_characters(50)
    assert dispatch() == 2 * dispatching.SECONDS_AHEAD
    assert dispatch() == 0
    assert sent == ["sync.tasks.run_jobs"] * 2


def test_background_characters_share_tasks(make_characters: MakeCharacters) -> None:
    make_characters(25)
    make_characters(2, first=25, priority=Priority.INTERACTIVE)
    claimed = claims.claim_due(BlizzardJob.objects.all(), 100)
    messages = list(messages_for(claimed))
    sizes = sorted((one.queue, len(one.job_ids)) for one in messages)
    assert sizes == [("background", 5), ("background", 10), ("background", 10), ("interactive", 1), ("interactive", 1)]


@pytest.mark.parametrize(("count", "sizes"), [(12, [1] * 12), (60, [3] * 20), (400, [10] * 40)])
def test_interactive_characters_are_parallel_and_share_tasks_when_many(
    make_characters: MakeCharacters, count: int, sizes: list[int]
) -> None:
    make_characters(count, priority=Priority.INTERACTIVE)
    claimed = claims.claim_due(BlizzardJob.objects.all(), 1000)
    messages = list(messages_for(claimed))
    assert [len(one.job_ids) for one in messages] == sizes
    assert {one.queue for one in messages} == {"interactive"}


def test_without_redis_all_jobs_stay_due(make_characters: MakeCharacters, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OperationalError("no Redis")

    monkeypatch.setattr(current_app, "send_task", refuse)
    make_characters(3)
    assert dispatch() == 0
    assert BlizzardJob.objects.filter(state=State.DUE).count() == 3


def test_a_wiped_redis_loses_nothing(stack: Stack, sandbox: Sandbox, roster_of: Callable[..., Guild]) -> None:
    guild = roster_of("eu", "quillmarsh", "Second Kettle")
    jobs = BlizzardJob.objects.filter(kind=Kind.PROFILE)
    transitions.mark_due(jobs, Priority.LOW)
    sandbox.fault(path="/profile/wow/character/", delay_ms=300)
    assert dispatch() == 30
    broker = redis.Redis.from_url(django_settings.REDIS_URL)
    broker.delete("background", "interactive", dispatching.REDIS_RUN)
    sandbox.clear_faults()
    wait_until(lambda: dispatch() >= 0 and not jobs.exclude(state=State.RESTING).exists())
    broker.close()
    assert guild.memberships.count() == 30


def test_schedules_are_in_the_admin_each_at_its_own_minute(db: None) -> None:
    tasks = PeriodicTask.objects.filter(task__startswith="sync.tasks.")
    due = {f"Due: {tier.name}" for kind in all_kinds() for tier in kind.tiers}
    assert set(tasks.values_list("name", flat=True)) >= {"Dispatch", *due}
    hourly = tasks.get(name="Due: rosters in use").crontab
    assert hourly.hour == "*"
    assert 0 <= int(hourly.minute) < 60


def test_every_character_is_in_the_active_or_the_inactive_tier(
    make_characters: MakeCharacters, people: Callable[[str], User]
) -> None:
    owned, played, idle, nameless = make_characters(4, state=State.RESTING)
    rolf = people("Rolf")
    User.objects.update(last_login=timezone.now())
    Character.objects.filter(pk=owned.pk).update(user=rolf)
    Character.objects.filter(pk=played.pk).update(last_login_at=timezone.now() - timedelta(days=3))
    Character.objects.filter(pk=nameless.pk).update(name="Name932B")

    def names(tier: str) -> set[object]:
        return set(tier_named(tier)[1].jobs().values_list("character", flat=True))

    assert names("active characters") == {owned.pk, played.pk}
    assert names("other characters") == {idle.pk}


def test_a_roster_is_hourly_while_a_member_uses_the_site(
    guild: Guild, make_characters: MakeCharacters, people: Callable[[str], User]
) -> None:
    (member,) = make_characters(1)
    rolf = people("Rolf")
    Character.objects.filter(pk=member.pk).update(user=rolf)
    Membership.objects.create(character=member, guild=guild, rank=3)
    assert mark_tier_due("rosters in use") == 0
    User.objects.update(last_login=timezone.now())
    assert mark_tier_due("rosters in use") == 1
    job = BlizzardJob.objects.get(guild=guild)
    assert (job.state, job.priority) == (State.DUE, Priority.HIGH)


def test_a_schedule_retries_failures_and_leaves_running_jobs_alone(make_characters: MakeCharacters) -> None:
    (failed,) = make_characters(1, state=State.FAILED, tries=6)
    (running,) = make_characters(1, first=1, state=State.RUNNING, claimed_until=timezone.now() + timedelta(seconds=9))
    assert mark_tier_due("other characters") == 1
    states = dict(BlizzardJob.objects.values_list("character", "state"))
    assert states == {failed.pk: State.DUE, running.pk: State.RUNNING}
    assert not BlizzardJob.objects.exclude(tries=0).exists()


def test_failures_are_listed_and_retried(make_characters: MakeCharacters, capsys: pytest.CaptureFixture[str]) -> None:
    make_characters(2, state=State.FAILED, error_kind="unavailable", http_status=503, error_text="unavailable at /x")
    call_command("sync_failed")
    listing = capsys.readouterr().out
    assert listing.count("unavailable at /x") == 2
    assert "MemberAa" in listing
    call_command("sync_failed", "--retry")
    assert "2 jobs are due" in capsys.readouterr().out
    assert BlizzardJob.objects.filter(state=State.DUE, tries=0).count() == 2


@pytest.mark.django_db
def test_a_worker_whose_clock_is_half_a_minute_ahead_does_not_drop_what_the_scheduler_sends() -> None:
    assert PeriodicTask.objects.get(name="Dispatch").expire_seconds >= 30
