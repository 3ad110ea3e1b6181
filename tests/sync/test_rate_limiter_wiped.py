"""Redis loses everything at the worst moment: no hour and no second is exceeded."""

import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

import pytest
import redis
from django.conf import settings
from django.db import connection, transaction

from accounts.models import User
from characters.models import Character
from embedded.redis_server import program as redis_program
from sync.engine.errors import RateLimited, Unavailable
from sync.engine.rate_limiter import Lane, NoRequestLog, RateLimiter, RequestLog
from sync.engine.request_log import PostgresRequestLog
from sync.management.foreground import sync_account, sync_characters
from sync.models import BlizzardJob
from sync.wow.provider import blizzard, client_for
from tests.battlenet import Sandbox
from tests.stack import free_port, wait_until
from tests.sync.simulated import MemoryLog
from tests.sync.windows import Windows, blizzard_windows

FEW = blizzard_windows(1000, 40)


@pytest.fixture
def store() -> Iterator[redis.Redis]:
    """Return the site's Redis."""
    with redis.Redis.from_url(settings.REDIS_URL) as connection:
        yield connection


@pytest.fixture
def limiter(sandbox: Sandbox, store: redis.Redis) -> Iterator[Callable[..., RateLimiter]]:
    """Return a new rate limiter at each call, as in another process."""
    name = f"test-{uuid4()}"

    def process(log: RequestLog | None = None, limits: Windows = FEW) -> RateLimiter:
        return RateLimiter(store, limits, Lane.INTERACTIVE, name=name, log=log or PostgresRequestLog("test"))

    yield process
    wipe(store)


def wipe(store: redis.Redis) -> None:
    for key in store.scan_iter("limiter:*"):
        store.delete(key)


def taken(limiter: RateLimiter) -> int:
    """Return the number of slots until the hour is full."""
    count = 0
    while limiter.take(1).taken:
        count += 1
    return count


def test_after_a_wipe_the_hour_is_as_full_as_before(
    sandbox: Sandbox, store: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "BLIZZARD_RATE_PER_HOUR", 4)
    client_for.cache_clear()
    client = client_for(Lane.INTERACTIVE)
    for _ in range(3):
        client.realms("eu")
    wipe(store)
    with pytest.raises(RateLimited) as raised:
        client.realms("eu")
    assert 3500 < raised.value.retry_after <= 3601
    assert sandbox.stats()["requests"] == 3  # and one for the token
    client_for.cache_clear()


class Rollback(Exception):
    """An error in the caller's transaction."""


@pytest.mark.django_db
def test_a_rollback_does_not_undo_the_request_log(limiter: Callable[..., RateLimiter], store: redis.Redis) -> None:
    with suppress(Rollback), transaction.atomic():
        assert taken(limiter()) == 40
        raise Rollback
    wipe(store)
    assert taken(limiter()) == 0


def test_parallel_recoveries_and_wipes_never_exceed_the_hour(
    limiter: Callable[..., RateLimiter], store: redis.Redis
) -> None:
    slots: list[int] = []

    def process() -> None:
        mine = limiter()
        for number in range(12):
            if mine.take(1).taken:
                slots.append(number)
            if number == 5:
                wipe(store)

    crowd = [threading.Thread(target=process) for _ in range(8)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join(20)
    print(f"\n{len(slots)} of 40")
    assert 10 <= len(slots) <= 40


class Meanwhile:
    """A log during whose response something else happens once."""

    def __init__(self, log: MemoryLog, happens: Callable[[], object]) -> None:
        self._log, self._happens = log, happens

    def record(self, period: int, requests: int, *, settled: tuple[int, int] | None) -> None:
        self._log.record(period, requests, settled=settled)

    def sent(self, seconds: float) -> list[tuple[float, int]]:
        known, happens = self._log.sent(seconds), self._happens
        self._happens = lambda: None
        happens()
        return known


class Away(NoRequestLog):
    """A log that is not available."""

    def sent(self, seconds: float) -> list[tuple[float, int]]:
        raise ConnectionError


def test_a_late_answer_of_the_log_is_ignored(limiter: Callable[..., RateLimiter], store: redis.Redis) -> None:
    log = MemoryLog(lambda: time.time_ns() // 1000)
    other = limiter(log)

    def fill_and_wipe_again() -> None:
        assert taken(other) == 40
        wipe(store)
        with suppress(ConnectionError):
            limiter(Away()).take(1)  # detects the wipe, and gets no further

    late = limiter(Meanwhile(log, fill_and_wipe_again))
    assert taken(late) == 0


def test_only_one_of_two_callers_restores_the_list(limiter: Callable[..., RateLimiter], store: redis.Redis) -> None:
    log = MemoryLog(lambda: time.time_ns() // 1000)
    other = limiter(log)
    for _ in range(20):
        other.take(1)
    wipe(store)
    second = limiter(Meanwhile(log, other.budget))
    assert 18 <= taken(second) <= 20


def test_a_caller_sleeping_during_a_wipe_asks_again(limiter: Callable[..., RateLimiter], store: redis.Redis) -> None:
    slow = limiter(NoRequestLog(), blizzard_windows(4, 1000))
    slow.acquire(1)
    sleeper = threading.Thread(target=slow.acquire, args=(5,))
    sleeper.start()
    wait_until(lambda: slow.budget().left[1] == 998)
    wipe(store)
    sleeper.join(10)
    assert slow.budget().left[1] == 999


def test_a_redis_restored_from_an_old_copy_is_not_trusted(sandbox: Sandbox, tmp_path: Path) -> None:
    port = free_port()
    with redis.Redis(port=port) as store:
        limiter = RateLimiter(store, FEW, Lane.INTERACTIVE, name="blizzard", log=PostgresRequestLog("blizzard"))
        with running_redis(port, tmp_path):
            assert limiter.take(1).taken
            store.save()
            assert taken(limiter) == 39
        with running_redis(port, tmp_path):
            assert store.llen("limiter:blizzard:slots") == 2
            assert taken(limiter) == 0


@contextmanager
def running_redis(port: int, folder: Path) -> Iterator[None]:
    """Run a Redis with persistence, and kill it at the end."""
    command = [redis_program(), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", ""]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        with redis.Redis(port=port) as store:
            wait_until(lambda: answers(store))
        yield
    finally:
        server.kill()
        server.wait()


def answers(store: redis.Redis) -> bool:
    try:
        return bool(store.ping())
    except redis.RedisError:
        return False


def test_without_redis_and_postgresql_nothing_is_sent(
    sandbox: Sandbox, store: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_for(Lane.INTERACTIVE)
    client.realms("eu")
    wipe(store)
    monkeypatch.setitem(connection.settings_dict, "PORT", "9")
    with pytest.raises(Unavailable, match="rate limiter cannot be reached"):
        client.realms("eu")
    assert sandbox.stats()["requests"] == 1


def test_without_postgresql_only_counted_requests_are_sent(
    limiter: Callable[..., RateLimiter], store: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = limiter(limits=blizzard_windows(1000, 14_400))
    assert one.take(1).taken
    monkeypatch.setitem(connection.settings_dict, "PORT", "9")
    for _ in range(99):
        assert one.take(1).taken
    with pytest.raises(ConnectionError, match="PostgreSQL does not answer"):
        one.take(1)
    monkeypatch.undo()
    wipe(store)
    assert one.budget().left[1] == 14_300


def test_postgresql_is_written_once_per_block(limiter: Callable[..., RateLimiter]) -> None:
    log = MemoryLog(lambda: time.time_ns() // 1000)
    one = limiter(log, blizzard_windows(2000, 36_000))
    for _ in range(1000):
        one.take(30)
    assert log.writes <= 5


def test_the_remaining_budget_can_be_read(sandbox: Sandbox) -> None:
    limiter = blizzard().rate_limiter(Lane.BACKGROUND)
    assert limiter.budget().left == (100, 36_000)
    for _ in range(7):
        limiter.take(1)
    left = limiter.budget()
    assert (left.left, left.blocked) == ((93, 35_993), False)
    limiter.block(1)
    assert limiter.budget().blocked


def test_without_redis_the_jobs_stay_due(person: Callable[[str], User], monkeypatch: pytest.MonkeyPatch) -> None:
    user = person("social")
    sync_account(client=client_for(Lane.INTERACTIVE), user=user)
    monkeypatch.setattr(settings, "REDIS_URL", "redis://127.0.0.1:9/0")
    client_for.cache_clear()
    sync_characters(client=client_for(Lane.BACKGROUND), characters=list(Character.objects.select_related("realm")))
    rows = list(BlizzardJob.objects.filter(kind=BlizzardJob.Kind.PROFILE))
    assert rows
    for row in rows:
        assert (row.state, row.tries) == (BlizzardJob.State.DUE, 0)
        assert "the rate limiter cannot be reached, so nothing was sent" in row.error_text
    client_for.cache_clear()
