"""One scheduler works, however many run; a standby takes over from one that was killed."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import redis
from django.conf import settings
from django.utils import timezone
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

from sync.engine import scheduler
from tests.battlenet import CHECKOUT
from tests.stack import site_environment, wait_until

Start = Callable[[str], "subprocess.Popen[bytes]"]
# Queues of their own: the worker of other tests takes what is in the others.
EVERY_SECOND, DAILY = "test-every-second", "test-daily"


@pytest.fixture
def broker() -> Iterator[redis.Redis]:
    """Return the Redis of the tests, whose lease and queues are empty before and after."""
    connection = redis.Redis.from_url(settings.REDIS_URL)
    keys = (EVERY_SECOND, DAILY, scheduler.LEASE)
    connection.delete(*keys)
    yield connection
    connection.delete(*keys)
    connection.close()


@pytest.fixture
def start(transactional_db: None, broker: redis.Redis, tmp_path: Path) -> Iterator[Start]:
    """Start a scheduler with this name of its log, on the tests' own database."""
    started: list[subprocess.Popen[bytes]] = []

    def go(name: str) -> "subprocess.Popen[bytes]":
        with (tmp_path / f"{name}.log").open("wb") as log:
            command = [sys.executable, "-m", "celery", "-A", "guildsite", "beat", "--loglevel", "INFO"]
            environment = site_environment("http://127.0.0.1:9") | {"PYTHONPATH": str(CHECKOUT)}
            process = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=log, stderr=log)
        started.append(process)
        return process

    yield go
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture
def schedules(transactional_db: None) -> None:
    """Create the dispatch schedule, and a daily one that was missed half a day ago."""
    interval, _ = IntervalSchedule.objects.get_or_create(every=1, period="seconds")
    PeriodicTask.objects.all().delete()
    PeriodicTask.objects.create(name="Dispatch", task="sync.tasks.dispatch", interval=interval, queue=EVERY_SECOND)
    missed = timezone.now() - timedelta(hours=12)
    daily = CrontabSchedule.objects.create(minute="0", hour=str(missed.hour), timezone="UTC")
    PeriodicTask.objects.create(
        name="Daily",
        task="sync.tasks.prune_characters",
        crontab=daily,
        queue=DAILY,
        last_run_at=timezone.now() - timedelta(days=2),
    )


def senders(broker: redis.Redis) -> list[int]:
    """Return the processes that have sent a dispatch, in order."""
    messages = [json.loads(one) for one in reversed(broker.lrange(EVERY_SECOND, 0, -1))]
    return [int(one["headers"]["origin"].partition("@")[0].removeprefix("gen")) for one in messages]


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "stopped"])
def test_a_standby_takes_over_from_a_scheduler_that_ended(
    schedules: None, start: Start, broker: redis.Redis, tmp_path: Path, how: signal.Signals
) -> None:
    first = start("first")
    wait_until(lambda: senders(broker))
    second = start("second")
    wait_until(lambda: "waits as a standby" in (tmp_path / "second.log").read_text())
    before = len(senders(broker))
    wait_until(lambda: len(senders(broker)) >= before + 4)
    assert set(senders(broker)) == {first.pid}

    first.send_signal(how)
    first.wait(20)
    wait_until(lambda: senders(broker).count(second.pid) >= 2)
    assert senders(broker) == sorted(senders(broker), key=lambda pid: pid == second.pid), "both worked at a time"
    assert broker.llen(DAILY) == 1, "the standby did not know that the daily task had run"
