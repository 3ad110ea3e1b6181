"""A second kind of job for characters, with a cadence and a batch of its own, needs nothing but its declaration."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db.models import Q
from django.test import Client
from django_celery_beat.models import CrontabSchedule, PeriodicTask

from accounts.models import User
from accounts.services import grant_admin
from characters.models import Character
from guilds.models import Guild
from operations.capacity import capacities
from sync.engine import kinds, transitions
from sync.engine.claims import Claim
from sync.engine.dispatch import dispatch
from sync.engine.errors import Unavailable
from sync.engine.kinds import JobKind, Tier
from sync.engine.rate_limiter import Lane
from sync.models import BlizzardJob, BlizzardJobQuerySet
from sync.tasks import run_jobs
from tests.html import text_of

State = BlizzardJob.State
# The characters of a batch, for each run.
Runs = list[list[str]]


@pytest.fixture
def guild(roster_of: Callable[..., Guild]) -> Guild:
    """A guild of 30 whose roster was synced once."""
    guild = roster_of("eu", "quillmarsh", "Second Kettle")
    BlizzardJob.objects.update(state=State.RESTING)
    return guild


@pytest.fixture
def runs() -> Runs:
    return []


@pytest.fixture
def broken() -> set[str]:
    """The names of characters whose equipment can't be fetched."""
    return set()


@pytest.fixture
def equipment(guild: Guild, runs: Runs, broken: set[str], monkeypatch: pytest.MonkeyPatch) -> BlizzardJobQuerySet:
    """The jobs of the kind, one for each character, and its schedule: every three hours, in batches of seven."""

    def run(claim: Claim, lane: Lane) -> None:
        claim.ensure_held()
        names = list(claim.jobs.order_by("character__name").values_list("character__name", flat=True))
        runs.append(names)
        if broken.intersection(names):
            error = Unavailable("/equipment", status=503)
            transitions.fail(claim.jobs, error, claim=claim)
            raise error
        transitions.succeed(claim.jobs, claim=claim, changed=True)

    def jobs() -> BlizzardJobQuerySet:
        return BlizzardJob.objects.filter(kind="equipment")

    kind = JobKind(
        provider="blizzard",
        name="equipment",
        model=BlizzardJob,
        run=run,
        endpoints=("/profile/wow/character/{realm}/{name}/equipment",),
        region="character__region",
        tiers=(Tier("equipment", jobs, BlizzardJob.Priority.NORMAL, requests=1),),
        batch=7,
    )
    monkeypatch.setattr(kinds, "_kinds", dict(kinds._kinds))
    kinds.register([kind])
    BlizzardJob.objects.bulk_create(
        BlizzardJob(kind="equipment", character=one, state=State.RESTING) for one in Character.objects.all()
    )
    PeriodicTask.objects.create(
        name="Due: equipment",
        task="sync.tasks.mark_due",
        args='["equipment"]',
        crontab=CrontabSchedule.objects.create(minute="0", hour="*/3"),
    )
    return jobs()


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Dispatch, and run what was sent; returns how many tasks that is."""
    sent: list[tuple[Any, ...]] = []
    monkeypatch.setattr("celery.Celery.send_task", lambda app, name, args, **options: sent.append(args))

    def go() -> int:
        sent.clear()
        dispatch()
        for args in sent:
            run_jobs.apply(args=args, throw=True)
        return len(sent)

    return go


def test_it_is_dispatched_and_run_in_batches_of_its_own(
    equipment: BlizzardJobQuerySet, runs: Runs, work: Callable[[], int]
) -> None:
    assert work() == 0
    assert kinds.mark_tier_due("equipment") == 30
    assert work() == 5
    assert sorted(map(len, runs)) == [2, 7, 7, 7, 7]
    assert equipment.filter(state=State.RESTING).exclude(Q(succeeded_at=None) | Q(changed_at=None)).count() == 30
    profiles = BlizzardJob.objects.filter(kind=BlizzardJob.Kind.PROFILE)
    assert profiles.filter(state=State.RESTING, succeeded_at=None).count() == 30, "each kind has its own state"


def test_its_failures_are_retried_and_listed(
    equipment: BlizzardJobQuerySet,
    broken: set[str],
    work: Callable[[], int],
    people: Callable[[str], User],
    client: Client,
) -> None:
    one = Character.objects.earliest("name")
    equipment.exclude(character=one).delete()
    broken.add(one.name)
    kinds.mark_tier_due("equipment")
    assert work() == 1
    assert (equipment.get().state, equipment.get().tries, equipment.get().http_status) == (State.DUE, 1, 503)
    broken.clear()
    equipment.update(next_due_at=equipment.get().attempted_at)
    assert work() == 1
    assert (equipment.get().state, equipment.get().tries) == (State.RESTING, 0)

    equipment.update(state=State.FAILED, error_kind="unavailable")
    admin = people("Ada")
    grant_admin(battletag=str(admin.battletag))
    client.force_login(User.objects.get(pk=admin.pk), backend="allauth.account.auth_backends.AuthenticationBackend")
    assert "Equipment unavailable 1" in text_of(client.get("/admin/status/"))


def test_it_is_part_of_the_capacity(equipment: BlizzardJobQuerySet) -> None:
    (line,) = [one for one in capacities()[0].schedules if one.tier == "equipment"]
    assert (line.jobs, line.runs_a_day, line.requests_a_day) == (30, 8, 240)
