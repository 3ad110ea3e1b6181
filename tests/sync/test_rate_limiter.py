"""The rate limiter never exceeds a window, however many parallel requests there are."""

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
from sync.engine.rate_limiter import Lane, RateLimiter
from sync.wow.provider import client_for
from tests.battlenet import CHECKOUT, Sandbox
from tests.stack import PATIENCE
from tests.sync.windows import blizzard_windows, busiest

# Requests per second that even a busy machine can manage.
LOW_LIMIT = 40

# A process whose threads acquire slots continuously, and print the times at the end.
SLOT_TAKERS = """
import json, sys, threading, time, redis
from sync.engine.rate_limiter import Lane, RateLimiter, Window
url, name, lane, per_second, threads, seconds = json.loads(sys.argv[1])
windows = Window(per_second, 1, 20), Window(1_000_000, 3600, 10)
limiter = RateLimiter(redis.Redis.from_url(url), windows, Lane[lane], name=name)
times, until = [], time.time() + seconds
def take():
    while time.time() < until:
        limiter.acquire(30)
        times.append(time.time())
threads = [threading.Thread(target=take) for _ in range(threads)]
for one in threads: one.start()
for one in threads: one.join()
print(json.dumps(times))
"""


@dataclass(frozen=True)
class IsolatedLimiter:
    """A separate rate limiter, with every lane."""

    connection: redis.Redis
    name: str

    def lane(self, lane: Lane = Lane.INTERACTIVE, *, per_second: int = 100, per_hour: int = 36_000) -> RateLimiter:
        return RateLimiter(self.connection, blizzard_windows(per_second, per_hour), lane, name=self.name)

    def slots(self) -> list[int]:
        """Return the given slots in microseconds, newest first."""
        kept: Any = self.connection.lrange(f"limiter:{self.name}:slots", 0, -1)
        return [int(slot) for slot in kept]


@pytest.fixture
def isolated() -> Iterator[IsolatedLimiter]:
    """Return a separate rate limiter in the site's Redis."""
    with redis.Redis.from_url(settings.REDIS_URL) as connection:
        isolated = IsolatedLimiter(connection, f"test-{uuid4()}")
        yield isolated
        for key in connection.scan_iter(f"limiter:{isolated.name}:*"):
            connection.delete(key)


def take_slots(name: str, *lanes: str, per_second: int, threads: int, seconds: float) -> list[list[float]]:
    """Return the times at which the threads of one process per lane got slots."""
    processes = []
    for lane in lanes:
        arguments = json.dumps([settings.REDIS_URL, name, lane, per_second, threads, seconds])
        command = [sys.executable, "-c", SLOT_TAKERS, arguments]
        processes.append(subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True))
    times = []
    for process in processes:
        output, _ = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0
        times.append(sorted(json.loads(output)))
    return times


def test_no_second_holds_more_than_allowed_over_processes_and_threads(isolated: IsolatedLimiter) -> None:
    lanes = ("INTERACTIVE", "BACKGROUND", "INTERACTIVE")
    together = take_slots(isolated.name, *lanes, per_second=LOW_LIMIT, threads=8, seconds=1.8)
    times = sorted(moment for of_lane in together for moment in of_lane)
    print(f"\n{len(times)} requests in {times[-1] - times[0]:.2f} s, at most {busiest(times)} in a second")
    assert busiest(times) <= LOW_LIMIT
    assert busiest(times) > LOW_LIMIT * 2 / 3  # and the budget is used


def test_slots_are_exact(isolated: IsolatedLimiter) -> None:
    limiter, limit = isolated.lane(per_second=150), 150

    def take() -> None:
        for _ in range(25):
            limiter.acquire(30)

    threads = [threading.Thread(target=take) for _ in range(10)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(20)
    slots = isolated.slots()
    assert slots == sorted(slots, reverse=True)
    assert len(slots) >= 250
    assert min(later - earlier for later, earlier in zip(slots, slots[limit:], strict=False)) > 1_000_000


def test_background_work_leaves_its_reserve_to_interactive_requests(isolated: IsolatedLimiter) -> None:
    interactive, waits, background_times = isolated.lane(per_second=LOW_LIMIT), [], []

    def take_background_slots() -> None:
        background_times.extend(
            take_slots(isolated.name, "BACKGROUND", per_second=LOW_LIMIT, threads=12, seconds=1.8)[0]
        )

    background = threading.Thread(target=take_background_slots)
    background.start()
    while background.is_alive():
        # By Redis's clock, which a busy machine delays less than the callers.
        waits.append(interactive.take(30).wait)
        time.sleep(0.25)
    assert LOW_LIMIT * 0.4 < busiest(background_times) <= LOW_LIMIT * 0.8
    assert max(waits) < 0.6


def test_interactive_requests_can_use_the_reserve(isolated: IsolatedLimiter) -> None:
    background, interactive = (
        isolated.lane(lane, per_second=2000, per_hour=20) for lane in (Lane.BACKGROUND, Lane.INTERACTIVE)
    )
    for limiter, allowed in ((background, 18), (interactive, 2)):
        for _ in range(allowed):
            limiter.acquire(1)
        with pytest.raises(WaitTooLong) as raised:
            limiter.acquire(1)
        assert 3500 < raised.value.seconds <= 3601


@pytest.mark.parametrize("lane", Lane)
def test_blocking_holds_every_lane(isolated: IsolatedLimiter, lane: Lane) -> None:
    limiter = isolated.lane(lane)
    limiter.acquire(1)
    blocked_at = time.monotonic()
    isolated.lane().block(0.5)
    with pytest.raises(WaitTooLong):
        limiter.acquire(0.1)
    assert limiter.take(5).wait <= 0.5
    limiter.acquire(5)
    assert time.monotonic() - blocked_at >= 0.5


def test_blocking_holds_requests_that_wait_for_their_slot(isolated: IsolatedLimiter) -> None:
    limiter = isolated.lane(per_second=5)
    acquired: list[float] = []

    def take() -> None:
        limiter.acquire(5)
        acquired.append(time.monotonic())

    limiter.acquire(1)
    waiting = threading.Thread(target=take)
    waiting.start()
    blocked_at = time.monotonic()
    limiter.block(0.6)
    waiting.join(10)
    assert acquired[0] - blocked_at >= 0.6


def test_a_used_up_hour_defers_work_instead_of_sleeping(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
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
    with pytest.raises(Unavailable, match="rate limiter cannot be reached"):
        client.realms("eu")
    with pytest.raises(Unavailable, match="rate limiter cannot be reached"):
        client.account_profile("eu", user_token="token")
    assert (sandbox.stats()["requests"], sandbox.stats()["oauth"]) == (0, {})
    client_for.cache_clear()


def test_nothing_is_sent_after_redis_went_away(
    battlenet: BlizzardClient, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    battlenet.realms("eu")
    monkeypatch.setattr(redis.Redis, "evalsha", raise_connection_error)
    with pytest.raises(Unavailable):
        battlenet.realms("eu")
    assert sandbox.stats()["requests"] == 1


def raise_connection_error(*args: object, **kwargs: object) -> None:
    """Raise what redis-py raises when the server is gone."""
    raise redis.exceptions.ConnectionError("gone")
