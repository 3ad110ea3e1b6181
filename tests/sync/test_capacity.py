"""Capacity: what the schedules cost per day, with a warning before it no longer fits."""

import json

import pytest
from django.core.management import call_command
from django_celery_beat.models import PeriodicTask

from characters.models import Character, Realm
from sync.engine.schedules import Tier
from sync.models import BlizzardJob
from sync.operations.capacity import calls_allowed_a_day, fits, plan

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def idle_characters() -> None:
    """Create fifty inactive characters and one region's game data."""
    realm = Realm.objects.create(id=1, region="eu", slug="oak")
    made = [
        Character(region="eu", realm=realm, name=f"Idle{chr(65 + n // 26)}{chr(97 + n % 26)}", blizzard_id=n)
        for n in range(50)
    ]
    Character.objects.bulk_create(made)
    entries = [BlizzardJob(kind=BlizzardJob.Kind.PROFILE, character=one) for one in made]
    BlizzardJob.objects.bulk_create([*entries, BlizzardJob(kind=BlizzardJob.Kind.GAME_DATA, region="eu")])


def test_each_schedule_costs_its_rows_times_its_runs() -> None:
    lines = {line.tier: line for line in plan()}
    assert lines[Tier.OTHER_CHARACTERS].rows == 50
    assert lines[Tier.OTHER_CHARACTERS].calls_a_day == pytest.approx(50 / 7)
    assert lines[Tier.ACTIVE_CHARACTERS].runs_a_day == 2
    assert lines[Tier.ROSTERS_IN_USE].runs_a_day == 24
    assert lines[Tier.GAME_DATA].calls_a_day == pytest.approx(200 / 31)


def test_revalidation_is_part_of_the_capacity() -> None:
    """Each within thirty days, whatever is due today; a disabled schedule costs nothing."""
    line = {line.tier: line for line in plan()}[Tier.UNCONFIRMED]
    assert line.rows == 50
    assert line.calls_a_day == pytest.approx(2 * 50 / 28)
    PeriodicTask.objects.filter(name="Due: unconfirmed").update(enabled=False)
    assert {line.tier: line.calls_a_day for line in plan()}[Tier.UNCONFIRMED] == 0


def test_a_schedule_that_was_changed_in_the_admin_counts_as_it_is_now() -> None:
    PeriodicTask.objects.filter(name="Due: other characters").update(enabled=False)
    assert {line.tier: line.runs_a_day for line in plan()}[Tier.OTHER_CHARACTERS] == 0


def test_exceeding_the_limit_is_reported(settings: object, capsys: pytest.CaptureFixture[str]) -> None:
    assert calls_allowed_a_day() == 864_000
    assert fits(plan())
    settings.BLIZZARD_RATE_PER_HOUR = 1  # type: ignore[attr-defined]
    PeriodicTask.objects.filter(name="Due: other characters").update(
        crontab=PeriodicTask.objects.get(name="Due: rosters in use").crontab
    )
    assert not fits(plan())
    call_command("sync_plan")
    told = capsys.readouterr()
    assert "other characters" in told.out
    assert "too much" in told.err
    call_command("sync_plan", "--json")
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["fits"] is False
