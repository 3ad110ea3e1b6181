"""Missing workers and schedulers, and a broken way between them, are reported within two minutes."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import redis
from celery import current_app
from django.conf import settings
from django.test import Client
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from sync.engine.liveness import TIMEOUT, WorkerStatus, lost_workers, missing_dispatch, missing_workers
from sync.engine.scheduler import LEASE
from sync.models import BlizzardJob, Heartbeat
from tests.battlenet import CHECKOUT
from tests.stack import site_environment, wait_until

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
QUEUES = ("interactive", "background")


def worker(
    name: str, *, silent: int = 0, since: int = 3600, is_stopped: bool = False, kind: str = "worker"
) -> WorkerStatus:
    """Return a worker last seen `silent` seconds before noon, and first seen `since` seconds before noon."""
    silence = timedelta(seconds=silent)
    queues = QUEUES if kind == "worker" else ()
    return WorkerStatus(name, kind, queues, NOON - timedelta(seconds=since), NOON - silence, silence, is_stopped)


def beat(*, silent: int = 0, is_stopped: bool = False) -> WorkerStatus:
    return worker("beat@a", silent=silent, is_stopped=is_stopped, kind="beat")


def lost_names(*seen: WorkerStatus) -> list[str]:
    return [one.who for one in lost_workers(seen)]


def missing_names(*seen: WorkerStatus) -> list[str]:
    return [one.who for one in missing_workers(seen, QUEUES)]


def test_nothing_is_missing_while_everything_works() -> None:
    assert missing_names(worker("worker@a"), worker("worker@b"), beat()) == []
    assert timedelta(minutes=2) > TIMEOUT


def test_one_lost_worker_of_two_is_named_and_not_missing() -> None:
    workers = worker("worker@a"), worker("worker@b", silent=80)
    assert missing_names(*workers, beat()) == []
    assert lost_names(*workers) == ["worker"]


def test_the_last_worker_is_lost_and_its_queues_are_missing() -> None:
    assert lost_names(worker("worker@a", silent=80)) == ["worker"]
    assert missing_names(worker("worker@a", silent=80), beat()) == [
        "worker of the queue interactive",
        "worker of the queue background",
    ]


def test_a_stopped_worker_is_not_missing_while_another_works() -> None:
    assert missing_names(worker("worker@a"), worker("worker@b", silent=4000, is_stopped=True), beat()) == []


def test_the_last_worker_is_missing_even_if_it_was_stopped() -> None:
    assert missing_names(worker("worker@a", silent=80, is_stopped=True), beat()) == [
        "worker of the queue interactive",
        "worker of the queue background",
    ]


def test_a_restart_is_not_reported() -> None:
    assert missing_names(worker("worker@a", silent=30, is_stopped=True), beat(silent=30, is_stopped=True)) == []


def test_a_new_worker_replaces_a_lost_one_of_its_role() -> None:
    dead = [worker("worker@a", silent=600), worker("worker@b", silent=500)]
    assert lost_names(*dead, worker("worker@c", since=400)) == ["worker"]
    assert lost_names(*dead, worker("worker@c", since=400), worker("worker@d", since=300)) == []
    assert lost_names(*dead, worker("worker@c", since=4000), worker("worker@d", since=4000)) == ["worker", "worker"]


def test_a_silent_scheduler_is_missing() -> None:
    assert missing_names(worker("worker@a"), beat(silent=80)) == ["beat"]


def test_heartbeats_from_the_future_prove_nothing() -> None:
    """The clock was set back an hour since."""
    assert missing_names(worker("worker@a", silent=-3600), beat(silent=-3600)) == [
        "worker of the queue interactive",
        "worker of the queue background",
        "beat",
    ]
    assert [one.who for one in missing_dispatch(timedelta(hours=-1))] == ["dispatch"]


# --- with real processes -----------------------------------------------------------------------------------------

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
