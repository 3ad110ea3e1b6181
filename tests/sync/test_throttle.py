"""However many ask at once, Battle.net is never asked more often than it allows."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
import redis
from django.conf import settings

from sync.blizzard.client import BlizzardClient
from sync.engine.errors import RateLimited, Unavailable
from sync.engine.protocols import WaitTooLong
from sync.engine.rate_limiter import Lane, Limits, Throttle
from sync.wow.provider import client_for
from tests.battlenet import CHECKOUT, Sandbox
from tests.stack import PATIENCE
from tests.sync.windows import busiest

# Requests a second of which a busy machine can make use, too.
FEW = 40

# A process with threads that ask again and again, and tell in the end when they were let through.
CROWD = """
import json, sys, threading, time, redis
from sync.engine.rate_limiter import Lane, Limits, Throttle
url, name, lane, per_second, threads, seconds = json.loads(sys.argv[1])
gate = Throttle(redis.Redis.from_url(url), Limits(per_second, 1_000_000), Lane[lane], name=name)
times, until = [], time.time() + seconds
def ask():
    while time.time() < until:
        gate.enter(30)
        times.append(time.time())
crowd = [threading.Thread(target=ask) for _ in range(threads)]
for one in crowd: one.start()
for one in crowd: one.join()
print(json.dumps(times))
"""


@dataclass(frozen=True)
class Place:
    """A throttle of the test's own, of which every lane can be had."""

    connection: redis.Redis
    name: str

    def lane(self, lane: Lane = Lane.INTERACTIVE, *, per_second: int = 100, per_hour: int = 36_000) -> Throttle:
        return Throttle(self.connection, Limits(per_second, per_hour), lane, name=self.name)

    def turns(self) -> list[int]:
        """The turns that were given out, in microseconds, newest first."""
        kept: Any = self.connection.lrange(f"throttle:{self.name}:turns", 0, -1)
        return [int(turn) for turn in kept]


@pytest.fixture
def throttle() -> Iterator[Place]:
    """In the Redis that the site uses."""
    with redis.Redis.from_url(settings.REDIS_URL) as connection:
        place = Place(connection, f"test-{uuid4()}")
        yield place
        for key in connection.scan_iter(f"throttle:{place.name}:*"):
            connection.delete(key)


def crowds(name: str, *lanes: str, per_second: int, threads: int, seconds: float) -> list[list[float]]:
    """When the threads of a process for each lane were let through."""
    processes = []
    for lane in lanes:
        arguments = json.dumps([settings.REDIS_URL, name, lane, per_second, threads, seconds])
        command = [sys.executable, "-c", CROWD, arguments]
        processes.append(subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True))
    times = []
    for process in processes:
        output, _ = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0
        times.append(sorted(json.loads(output)))
    return times


def test_no_second_holds_more_than_allowed_over_processes_and_threads(throttle: Place) -> None:
    lanes = ("INTERACTIVE", "BACKGROUND", "INTERACTIVE")
    together = crowds(throttle.name, *lanes, per_second=FEW, threads=8, seconds=1.8)
    times = sorted(moment for of_lane in together for moment in of_lane)
    print(f"\n{len(times)} requests in {times[-1] - times[0]:.2f} s, at most {busiest(times)} in a second")
    assert busiest(times) <= FEW
    assert busiest(times) > FEW * 2 / 3  # and the budget is used


def test_the_turns_that_are_given_out_are_exact(throttle: Place) -> None:
    gate, limit = throttle.lane(per_second=150), 150

    def ask() -> None:
        for _ in range(25):
            gate.enter(30)

    crowd = [threading.Thread(target=ask) for _ in range(10)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join(20)
    turns = throttle.turns()
    assert turns == sorted(turns, reverse=True)
    assert len(turns) >= 250
    assert min(later - earlier for later, earlier in zip(turns, turns[limit:], strict=False)) > 1_000_000


def test_background_work_leaves_its_reserve_to_people(throttle: Place) -> None:
    person, waits, crowd = throttle.lane(per_second=FEW), [], []

    def run_crowd() -> None:
        crowd.extend(crowds(throttle.name, "BACKGROUND", per_second=FEW, threads=12, seconds=1.8)[0])

    background = threading.Thread(target=run_crowd)
    background.start()
    while background.is_alive():
        # By Redis's clock, which a busy machine does not hold up as it holds up who waits.
        waits.append(person.take(30).wait)
        time.sleep(0.25)
    assert FEW * 0.4 < busiest(crowd) <= FEW * 0.8
    assert max(waits) < 0.6


def test_people_may_use_what_background_work_may_not(throttle: Place) -> None:
    background, people = (
        throttle.lane(lane, per_second=2000, per_hour=20) for lane in (Lane.BACKGROUND, Lane.INTERACTIVE)
    )
    for gate, allowed in ((background, 18), (people, 2)):
        for _ in range(allowed):
            gate.enter(1)
        with pytest.raises(WaitTooLong) as raised:
            gate.enter(1)
        assert 3500 < raised.value.seconds <= 3601


@pytest.mark.parametrize("lane", Lane)
def test_closing_the_gate_holds_everybody(throttle: Place, lane: Lane) -> None:
    gate = throttle.lane(lane)
    gate.enter(1)
    closed_at = time.monotonic()
    throttle.lane().close(0.5)
    with pytest.raises(WaitTooLong):
        gate.enter(0.1)
    assert gate.take(5).wait <= 0.5
    gate.enter(5)
    assert time.monotonic() - closed_at >= 0.5


def test_who_sleeps_until_a_turn_is_held_too(throttle: Place) -> None:
    gate = throttle.lane(per_second=5)
    let_through: list[float] = []

    def ask() -> None:
        gate.enter(5)
        let_through.append(time.monotonic())

    gate.enter(1)
    sleeper = threading.Thread(target=ask)
    sleeper.start()
    closed_at = time.monotonic()
    gate.close(0.6)
    sleeper.join(10)
    assert let_through[0] - closed_at >= 0.6


def test_the_hour_hands_work_back_instead_of_sleeping(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "BLIZZARD_RATE_PER_HOUR", 4)
    client_for.cache_clear()
    client = client_for(Lane.INTERACTIVE)
    started = time.monotonic()
    for _ in range(3):
        client.realms("eu")
    with pytest.raises(RateLimited) as raised:
        client.realms("eu")
    assert 3500 < raised.value.retry_after <= 3601
    assert raised.value.status is None
    assert time.monotonic() - started < PATIENCE
    assert sandbox.stats()["requests"] == 3  # and one for the token
    client_for.cache_clear()


def test_without_redis_nothing_is_sent(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "REDIS_URL", "redis://127.0.0.1:9/0")
    client_for.cache_clear()
    client = client_for(Lane.INTERACTIVE)
    with pytest.raises(Unavailable, match="throttle cannot be reached"):
        client.realms("eu")
    with pytest.raises(Unavailable, match="throttle cannot be reached"):
        client.account_profile("eu", user_token="token")
    assert (sandbox.stats()["requests"], sandbox.stats()["oauth"]) == (0, {})
    client_for.cache_clear()


def test_redis_that_goes_away_closes_the_way_out(
    battlenet: BlizzardClient, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    battlenet.realms("eu")
    monkeypatch.setattr(redis.Redis, "evalsha", gone)
    with pytest.raises(Unavailable):
        battlenet.realms("eu")
    assert sandbox.stats()["requests"] == 1


def gone(*args: object, **kwargs: object) -> None:
    """What redis-py raises when the server is no longer there."""
    raise redis.exceptions.ConnectionError("gone")
