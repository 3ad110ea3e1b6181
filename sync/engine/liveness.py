"""Liveness of workers and the scheduler: their heartbeats, and the dispatch round trip as proof.

A heartbeat is a row in PostgreSQL, so that a wiped Redis raises no false alarm. It comes from the loop that does the
work and not from a thread beside it: a worker that hangs is as dead as one that was killed. Nothing waits for it to be
written, and none of it uses Django's connections.

A heartbeat says that a process runs, not that tasks arrive. Every two seconds the scheduler sends the dispatch task
through Redis to a worker, which records it in PostgreSQL: while that is recent, the whole chain works.
"""

import logging
import threading
import time
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from celery import bootsteps
from celery.signals import worker_shutdown
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.db.models import DurationField, ExpressionWrapper, F, Min
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sync.engine.jobs import Job, JobQuerySet, StatementTime
from sync.engine.providers import providers
from sync.engine.request_log import own_connection

logger = logging.getLogger(__name__)

# Seconds between two heartbeats, and after how long without one a process is missing.
INTERVAL = 15.0
TIMEOUT = timedelta(seconds=75)
# A time further in the future was noted before the clock was set back.
CLOCK_TOLERANCE = timedelta(seconds=5)
WORKER, BEAT, DISPATCH = "worker", "beat", "dispatch"

RECORD = """
INSERT INTO sync_heartbeat (name, kind, queues, first_seen_at, seen_at) VALUES (%s, %s, %s, now(), now())
ON CONFLICT (name) DO UPDATE SET kind = excluded.kind, queues = excluded.queues, seen_at = now(), stopped_at = NULL
"""
STOP = "UPDATE sync_heartbeat SET seen_at = now(), stopped_at = now() WHERE name = %s"
# Machines come and go under new names.
PRUNE = "DELETE FROM sync_heartbeat WHERE seen_at < now() - interval '1 day'"


class Heartbeat(models.Model):
    """The last heartbeat of a worker or of the scheduler, or the last dispatch that a worker carried out."""

    name = models.CharField(primary_key=True, max_length=255)
    kind = models.CharField(
        max_length=8,
        choices=(
            (WORKER, gettext_lazy("worker")),
            (BEAT, gettext_lazy("scheduler")),
            (DISPATCH, gettext_lazy("dispatch")),
        ),
    )
    queues = ArrayField(models.CharField(max_length=64), default=list, blank=True)
    first_seen_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True, blank=True, help_text=gettext_lazy("When it was stopped on purpose."))

    class Meta:
        verbose_name = gettext_lazy("heartbeat")
        verbose_name_plural = gettext_lazy("heartbeats")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


# --- writing ---------------------------------------------------------------------------------------------------------


class HeartbeatWriter:
    """The heartbeats of one process; `name` is its role and machine, such as "worker@machine"."""

    def __init__(self, name: str, kind: str, queues: Sequence[str] = ()) -> None:
        self._row = (name, kind, list(queues))
        self._last: float | None = None
        self._writing: threading.Thread | None = None
        self._writes = threading.Lock()
        self._is_stopped = False

    def beat(self) -> None:
        """Write a heartbeat, unless the last one is recent; return immediately."""
        now = time.monotonic()
        if self._last is not None and now - self._last < INTERVAL:
            return
        if self._writing is not None and self._writing.is_alive():
            return
        self._last = now
        self._writing = threading.Thread(target=self._write, daemon=True)
        self._writing.start()

    def stop(self) -> None:
        """Record the shutdown: a process that is stopped on purpose is not missing."""
        with self._writes:
            self._is_stopped = True
            _execute((STOP, (self._row[0],)))

    def _write(self) -> None:
        with self._writes:
            if not self._is_stopped:
                _execute((RECORD, self._row), (PRUNE, ()))


class WorkerHeartbeat(bootsteps.StartStopStep):  # type: ignore[misc, unused-ignore]
    """The step of a worker's consumer that writes heartbeats; it starts again after Redis was lost."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, consumer: Any, **kwargs: Any) -> None:
        super().__init__(consumer, **kwargs)
        self._timer: Any = None
        self._writer: HeartbeatWriter | None = None

    def start(self, consumer: Any) -> None:
        if self._writer is None:
            self._writer = HeartbeatWriter(consumer.hostname, WORKER, sorted(consumer.app.amqp.queues.consume_from))
            worker_shutdown.connect(self._stop_writer, weak=False)
        self._writer.beat()
        # More often than needed: the writer skips recent ones, and a late call does not skip a heartbeat.
        self._timer = consumer.timer.call_repeatedly(INTERVAL / 3, self._writer.beat)

    def stop(self, consumer: Any) -> None:
        """Stop with the consumer, which starts again when Redis is back."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _stop_writer(self, **kwargs: Any) -> None:
        if self._writer is not None:
            self._writer.stop()


def record_dispatch() -> None:
    """Record that a dispatch came from the scheduler through Redis to this worker."""
    with connection.cursor() as cursor:
        cursor.execute(RECORD, (DISPATCH, DISPATCH, []))


def _execute(*statements: tuple[str, tuple[Any, ...]]) -> None:
    try:
        with own_connection() as own:
            for sql, values in statements:
                own.execute(sql, values)  # type: ignore[arg-type, unused-ignore]
    except ConnectionError as error:
        # The process is reported as missing if this continues.
        logger.warning("No heartbeat could be written: %s", error)


# --- reading ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WorkerStatus:
    """A worker or the scheduler; `age` is that of its last heartbeat, by PostgreSQL's clock."""

    name: str
    kind: str
    queues: tuple[str, ...]
    first_seen_at: datetime
    seen_at: datetime
    age: timedelta
    is_stopped: bool = False

    @property
    def role(self) -> str:
        """Return its name without the machine, which is private."""
        return self.name.partition("@")[0]

    @property
    def is_alive(self) -> bool:
        """Return whether its last heartbeat is recent and it was not stopped."""
        return not self.is_stopped and is_recent(self.age)

    @property
    def is_lost(self) -> bool:
        """Return whether its heartbeats ended without a shutdown."""
        return not self.is_stopped and not is_recent(self.age)


@dataclass(frozen=True, slots=True)
class MissingWorker:
    """A queue without worker, a lost worker, the scheduler or the round trip; `age` is that of its last heartbeat.

    None is for never.
    """

    who: str
    age: timedelta | None = None

    def __str__(self) -> str:
        if self.age is None:
            return _("%(who)s: never started") % {"who": self.who}
        now = timezone.now()
        span = timesince(now - self.age, now, depth=1).replace("\xa0", " ")
        return _("%(who)s: no heartbeat for %(span)s") % {"who": self.who, "span": span}


@dataclass(frozen=True, slots=True)
class Liveness:
    """Workers and scheduler, the age of the last dispatch, and that of the oldest due job of each queue."""

    workers: list[WorkerStatus]
    dispatch: timedelta | None
    oldest_due: dict[str, timedelta]

    @property
    def missing(self) -> list[MissingWorker]:
        """Return what keeps work from being done: queues that nobody serves, the scheduler, the round trip."""
        return missing_workers(self.workers) or missing_dispatch(self.dispatch)

    @property
    def lost(self) -> list[MissingWorker]:
        """Return workers that ended without a shutdown and were not replaced. Others can do their work."""
        return lost_workers(self.workers)

    @property
    def alive(self) -> "Counter[str]":
        """The number of living workers of each role."""
        return Counter(one.role for one in self.workers if one.kind == WORKER and one.is_alive)

    @property
    def beat(self) -> timedelta | None:
        return min((one.age for one in self.workers if one.kind == BEAT), default=None)


def read_liveness() -> Liveness:
    """Read all heartbeats of a day, and the oldest due jobs of all providers, in two statements."""
    age = ExpressionWrapper(StatementTime() - F("seen_at"), output_field=DurationField())
    rows = Heartbeat.objects.annotate(age=age).order_by("name")
    workers = [
        WorkerStatus(
            one.name, one.kind, tuple(one.queues), one.first_seen_at, one.seen_at, one.age, one.stopped_at is not None
        )
        for one in rows
    ]
    return Liveness(
        workers=[one for one in workers if one.kind != DISPATCH],
        dispatch=next((one.age for one in workers if one.kind == DISPATCH), None),
        oldest_due=_oldest_due(),
    )


def missing_workers(workers: Collection[WorkerStatus], queues: Iterable[str] | None = None) -> list[MissingWorker]:
    """Return the queues that nobody serves, then the scheduler if it is missing.

    Without the scheduler nothing becomes due, and what nobody serves is not done: both are missing even if they never
    started. How many workers serve a queue does not matter: a machine that vanished is no reason for an alarm while
    another one does its work.
    """
    found: list[MissingWorker] = []
    for queue in queues_of_settings() if queues is None else queues:
        serving = [one for one in workers if queue in one.queues]
        found += _missing(_("worker of the queue %(queue)s") % {"queue": queue}, serving)
    return [*found, *_missing(BEAT, [one for one in workers if one.kind == BEAT])]


def lost_workers(workers: Collection[WorkerStatus]) -> list[MissingWorker]:
    """Return workers that ended without a shutdown, unless a new one of the same role has replaced them.

    Machines come back under new names.
    """
    workers = [one for one in workers if one.kind == WORKER]
    fresh = sorted((one for one in workers if one.is_alive), key=lambda one: one.first_seen_at)
    found: list[MissingWorker] = []
    for lost in sorted((one for one in workers if one.is_lost), key=lambda one: one.seen_at):
        successor = next((one for one in fresh if one.role == lost.role and one.first_seen_at > lost.seen_at), None)
        if successor is None:
            found.append(MissingWorker(lost.role, lost.age))
        else:
            fresh.remove(successor)
    return found


def missing_dispatch(age: timedelta | None) -> list[MissingWorker]:
    """Return the round trip if it is missing: then no task gets from the scheduler to a worker."""
    return [] if age is not None and is_recent(age) else [MissingWorker(DISPATCH, age)]


def is_recent(age: timedelta) -> bool:
    """Return whether that is recent. What happened in the future did so before the clock was set back."""
    return -CLOCK_TOLERANCE <= age <= TIMEOUT


def queues_of_settings() -> list[str]:
    """Return the queues that must be served."""
    return [queue.name for queue in settings.CELERY_TASK_QUEUES]


def _oldest_due() -> dict[str, timedelta]:
    ages, now = dict.fromkeys(queues_of_settings(), timedelta()), timezone.now()
    tables: list[JobQuerySet[Job]] = [JobQuerySet(provider.jobs) for provider in providers()]
    first, *others = [jobs.due().order_by().values_list("priority").annotate(Min("next_due_at")) for jobs in tables]
    for priority, oldest in first.union(*others, all=True):
        queue = Job.Priority(priority).queue
        ages[queue] = max(ages[queue], now - oldest)
    return ages


def _missing(who: str, candidates: Collection[WorkerStatus]) -> list[MissingWorker]:
    """One, unless a candidate is recent; a shutdown gives the successor as much time as a crash."""
    if not candidates:
        return [MissingWorker(who)]
    if any(is_recent(one.age) for one in candidates):
        return []
    return [MissingWorker(who, max(min(one.age for one in candidates), timedelta()))]
