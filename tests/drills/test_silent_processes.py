"""A worker or scheduler that was killed or gets no tasks is reported within two minutes, and work goes on after it."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import redis
from celery import current_app
from django.conf import settings
from django.test import Client
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from sync.engine.scheduler import LEASE
from sync.models import BlizzardJob, Heartbeat
from tests.battlenet import CHECKOUT
from tests.stack import site_environment, wait_until

Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def start(transactional_db: None, tmp_path: Path) -> Iterator[Start]:
    """Start `celery` with these arguments, on the tests' own database."""
    started: list[subprocess.Popen[bytes]] = []

    def go(*arguments: str) -> "subprocess.Popen[bytes]":
        with (tmp_path / f"{len(started)}.log").open("wb") as log:
            command = [sys.executable, "-m", "celery", "-A", "guildsite", *arguments]
            environment = site_environment("http://127.0.0.1:9")
            process = subprocess.Popen(
                command, cwd=tmp_path, env=environment | {"PYTHONPATH": str(CHECKOUT)}, stdout=log, stderr=log
            )
        started.append(process)
        return process

    yield go
    for process in started:
        process.kill()
        process.wait()
    broker = redis.Redis.from_url(settings.REDIS_URL)
    broker.delete("interactive", "background", "elsewhere", LEASE)
    broker.close()


WORKER = (
    *("worker", "--pool", "threads", "--concurrency", "1", "-Q", "elsewhere", "--hostname", "mortal@%h"),
    *("--without-mingle", "--without-gossip"),
)


def seen(kind: str) -> Heartbeat:
    """Return the heartbeat of a process that was just started."""
    return wait_until(
        lambda: Heartbeat.objects.filter(kind=kind, name__regex="^(mortal|beat)@", stopped_at=None).first()
    )  # type: ignore[return-value]


@pytest.mark.parametrize(("arguments", "kind", "who"), [(WORKER, "worker", "mortal"), (("beat",), "beat", "beat")])
def test_readyz_names_a_killed_process_until_there_is_a_new_one(
    start: Start, client: Client, arguments: tuple[str, ...], kind: str, who: str
) -> None:
    def missed() -> list[str]:
        answer = client.get("/readyz").json()
        return [line for line in answer["missing"] + answer["lost"] if line.startswith(who)]

    process = start(*arguments)
    row = seen(kind)
    assert row.queues == (["elsewhere"] if kind == "worker" else [])
    assert missed() == []
    process.kill()
    process.wait()
    # Let two minutes pass.
    Heartbeat.objects.update(seen_at=row.seen_at - timedelta(minutes=2))
    assert missed() == [f"{who}: no heartbeat for 2 minutes"]
    start(*arguments)
    wait_until(lambda: missed() == [])


@pytest.mark.parametrize(("arguments", "kind"), [(WORKER, "worker"), (("beat",), "beat")])
def test_a_stopped_process_signs_off(start: Start, arguments: tuple[str, ...], kind: str) -> None:
    process = start(*arguments)
    row = seen(kind)
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    row.refresh_from_db()
    assert row.stopped_at is not None


@pytest.fixture
def dispatch_schedule(transactional_db: None) -> None:
    """Return the dispatch schedule as the migrations create it."""
    interval, _ = IntervalSchedule.objects.get_or_create(every=2, period="seconds")
    known = {"task": "sync.tasks.dispatch", "interval": interval, "queue": "interactive", "expire_seconds": 30}
    PeriodicTask.objects.update_or_create(name="Dispatch", defaults=known)


def test_a_living_worker_that_gets_no_tasks_is_noticed_by_the_round_trip(
    dispatch_schedule: None, start: Start, client: Client
) -> None:
    """Its heartbeats and those of the scheduler continue."""
    start(*(argument.replace("elsewhere", "interactive,background") for argument in WORKER))
    start("beat")
    wait_until(lambda: client.get("/readyz").json()["missing"] == [])
    assert client.get("/readyz").json()["dispatch_age"] < 60
    try:
        wait_until(nobody_serves_the_queue)
        Heartbeat.objects.filter(kind="dispatch").update(seen_at=timezone.now() - timedelta(minutes=2))
        response = client.get("/readyz")
    finally:
        # The workers of other tests share this Redis and have stopped listening, too.
        current_app.control.add_consumer("interactive", reply=True, timeout=10)
    assert response.status_code == 503
    assert response.json()["missing"] == ["dispatch: no heartbeat for 2 minutes"]


def test_work_goes_on_after_the_clock_was_set_back_an_hour(
    dispatch_schedule: None, start: Start, client: Client
) -> None:
    """That everything that was noted lies in the future is the same situation."""
    later = timezone.now() + timedelta(hours=1)
    PeriodicTask.objects.update(last_run_at=later)
    Heartbeat.objects.create(name="dispatch", kind="dispatch", first_seen_at=later, seen_at=later)
    job = BlizzardJob.objects.create(kind="game_data", region="eu", state="DUE", next_due_at=later)
    assert client.get("/readyz").json()["workers"] is False
    start(*(argument.replace("elsewhere", "interactive,background") for argument in WORKER))
    start("beat")
    wait_until(lambda: client.get("/readyz").json()["missing"] == [])
    # Otherwise it would be due in an hour.
    wait_until(lambda: BlizzardJob.objects.get(pk=job.pk).attempted_at)
    assert not PeriodicTask.objects.filter(last_run_at__gt=timezone.now()).exists()


def nobody_serves_the_queue() -> bool:
    """Let all workers stop listening, also one that has just started, and return whether the round trips have ended."""
    current_app.control.cancel_consumer("interactive", reply=True, timeout=2)
    return round_trips_have_ended()


def round_trips_have_ended() -> bool:
    """Return whether there was no round trip in more than two intervals."""
    last = Heartbeat.objects.get(kind="dispatch").seen_at
    time.sleep(5)
    return Heartbeat.objects.get(kind="dispatch").seen_at == last
