"""Missing workers and schedulers, and a broken way between them, are reported within two minutes."""

from datetime import UTC, datetime, timedelta

from sync.engine.liveness import TIMEOUT, WorkerStatus, lost_workers, missing_dispatch, missing_workers

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
