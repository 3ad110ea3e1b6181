"""Rosters, which carry rights, go on when characters have used the background's part of the hour."""

from collections.abc import Iterator

import pytest
import redis
from django.conf import settings
from django.utils import timezone

from characters.models import Character, Realm
from guilds.models import Guild
from sync.engine.dispatch import dispatch
from sync.engine.rate_limiter import Lane
from sync.models import BlizzardJob
from sync.wow.provider import blizzard
from tests.sync.simulated import Simulation
from tests.sync.windows import Windows, blizzard_windows

INTERACTIVE, RIGHTS, BACKGROUND = Lane.INTERACTIVE, Lane.RIGHTS, Lane.BACKGROUND
Kind, State, Priority = BlizzardJob.Kind, BlizzardJob.State, BlizzardJob.Priority
# A twentieth of Battle.net's hour, with five percent for rosters.
HOUR = blizzard_windows(100, 1_800, reserve_for_rights=5)


@pytest.fixture
def store() -> Iterator[redis.Redis]:
    with redis.Redis.from_url(settings.REDIS_URL) as connection:
        yield connection
        for key in connection.scan_iter("limiter:*"):
            connection.delete(key)


def hour_of_characters_and_rosters(store: redis.Redis, windows: Windows) -> Simulation:
    """Simulate an hour in which characters never end, and 90 rosters are due after ten minutes."""
    simulation = Simulation(store, windows)
    simulation.comes(0, BACKGROUND, count=8, pause=0.1)
    simulation.comes(600, RIGHTS, count=90)
    return simulation.run(until=3_590)


def test_rosters_are_sent_within_minutes_after_characters_have_used_the_hour(store: redis.Redis) -> None:
    simulation = hour_of_characters_and_rosters(store, HOUR)
    assert simulation.keeps_its_limits()
    assert len(simulation.sent(BACKGROUND)) == 1_800 * 85 // 100
    waits = sorted(wait for one in simulation.callers if one.lane is RIGHTS for wait in one.waits)
    assert len(waits) == 90
    assert waits[-1] < 10


def test_without_a_reserve_characters_leave_nothing_to_rosters(store: redis.Redis) -> None:
    """The difference that the reserve makes."""
    simulation = hour_of_characters_and_rosters(store, blizzard_windows(100, 1_800))
    sent_in_half_an_hour = [at for at in simulation.sent(RIGHTS) if at < 2_400]
    assert len(sent_in_half_an_hour) <= 1_800 * 1 // 100


def test_neither_people_nor_characters_use_the_reserve_of_rosters(store: redis.Redis) -> None:
    simulation = Simulation(store, HOUR)
    simulation.comes(0, INTERACTIVE, count=20, pause=0.1)
    simulation.comes(0, BACKGROUND, count=8, pause=0.1)
    simulation.comes(600, RIGHTS, count=1, pause=1)
    simulation.run(until=3_590)
    assert simulation.keeps_its_limits()
    assert len(simulation.sent(INTERACTIVE, BACKGROUND)) == 1_800 * 95 // 100
    # One each 40 seconds, for nearly 3,000 of them; one that comes too early waits up to a fifth longer.
    assert 60 <= len(simulation.sent(RIGHTS)) <= 90


@pytest.mark.django_db
def test_when_the_background_has_used_the_hour_rosters_are_sent_to_workers_and_characters_stay_due(
    store: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "BLIZZARD_RATE_PER_SECOND", 1_000)
    monkeypatch.setattr(settings, "BLIZZARD_RATE_PER_HOUR", 40)
    realm = Realm.objects.create(id=1, region="eu", slug="oak")
    character = Character.objects.create(region="eu", realm=realm, name="Brim", blizzard_id=1)
    guild = Guild.objects.create(region="eu", realm=realm, name="Oak", slug="oak", blizzard_id=1)
    now = timezone.now()
    BlizzardJob.objects.create(kind=Kind.PROFILE, character=character, priority=Priority.NORMAL, next_due_at=now)
    BlizzardJob.objects.create(kind=Kind.ROSTER, guild=guild, priority=Priority.HIGH, next_due_at=now)
    while blizzard().rate_limiter(BACKGROUND).take(0.1).taken:
        pass
    assert dispatch() == 1
    assert dict(BlizzardJob.objects.values_list("kind", "state")) == {"profile": State.DUE, "roster": State.QUEUED}
    assert blizzard().rate_limiter(RIGHTS).take(0.1).taken
