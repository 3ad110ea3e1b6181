"""Capacity: what the schedules cost per day, with a warning before it no longer fits."""

import json

import pytest
from django.core.management import call_command
from django_celery_beat.models import PeriodicTask

from characters.models import Character, Realm
from operations.capacity import Capacity, ScheduleCost, capacities
from sync.models import BlizzardJob

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
    jobs = [BlizzardJob(kind=BlizzardJob.Kind.PROFILE, character=one) for one in made]
    BlizzardJob.objects.bulk_create([*jobs, BlizzardJob(kind=BlizzardJob.Kind.GAME_DATA, region="eu")])


def blizzard() -> Capacity:
    return capacities()[0]


def schedules() -> dict[str, ScheduleCost]:
    return {line.tier: line for line in blizzard().schedules}


def test_each_schedule_costs_its_rows_times_its_runs() -> None:
    lines = schedules()
    assert lines["other characters"].jobs == 50
    assert lines["other characters"].requests_a_day == pytest.approx(50 / 7)
    assert lines["active characters"].runs_a_day == 2
    assert lines["rosters in use"].runs_a_day == 24
    assert lines["game data"].requests_a_day == pytest.approx(200 / 31)


def test_revalidation_is_part_of_the_capacity() -> None:
    """Each within thirty days, whatever is due today; a disabled schedule costs nothing."""
    line = schedules()["unconfirmed"]
    assert line.jobs == 50
    assert line.requests_a_day == pytest.approx(2 * 50 / 28)
    PeriodicTask.objects.filter(name="Due: unconfirmed").update(enabled=False)
    assert {line.tier: line.requests_a_day for line in blizzard().schedules}["unconfirmed"] == 0


def test_a_schedule_that_was_changed_in_the_admin_counts_as_it_is_now() -> None:
    PeriodicTask.objects.filter(name="Due: other characters").update(enabled=False)
    assert {line.tier: line.runs_a_day for line in blizzard().schedules}["other characters"] == 0


def test_exceeding_the_limit_is_reported(settings: object, capsys: pytest.CaptureFixture[str]) -> None:
    assert blizzard().allowed_a_day == 864_000
    assert blizzard().is_within_limits
    settings.BLIZZARD_RATE_PER_HOUR = 1  # type: ignore[attr-defined]
    PeriodicTask.objects.filter(name="Due: other characters").update(
        crontab=PeriodicTask.objects.get(name="Due: rosters in use").crontab
    )
    assert not blizzard().is_within_limits
    call_command("sync_capacity")
    printed = capsys.readouterr()
    assert "other characters" in printed.out
    assert "over capacity" in printed.err
    call_command("sync_capacity", "--json")
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["fits"] is False
