"""Signs of life of workers and of the scheduler: rows in PostgreSQL, so that a wiped Redis raises no false alarm.

A sign is given by the loop that does the work and not by a thread beside it: a worker that hangs is as dead as one that
was killed. Nobody waits for the writing of it, and none of it goes through Django's connections.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from celery import Celery, bootsteps
from celery.signals import worker_shutdown

from sync.engine.request_log import own_connection

logger = logging.getLogger(__name__)

# Seconds between two signs of life.
INTERVAL = 15.0

# The table of `sync.models.Heartbeat`.
SIGN = """
INSERT INTO sync_heartbeat (name, kind, queues, first_seen_at, seen_at) VALUES (%s, %s, %s, now(), now())
ON CONFLICT (name) DO UPDATE SET kind = excluded.kind, queues = excluded.queues, seen_at = now(), stopped_at = NULL
"""
FAREWELL = "UPDATE sync_heartbeat SET seen_at = now(), stopped_at = now() WHERE name = %s"
# Machines come and go under new names.
PRUNE = "DELETE FROM sync_heartbeat WHERE seen_at < now() - interval '7 days'"


class Pulse:
    """The signs of life of one process; `name` is what it does and where, such as "worker@machine"."""

    def __init__(self, name: str, kind: str, queues: Sequence[str] = ()) -> None:
        self._row = (name, kind, list(queues))
        self._last: float | None = None
        self._writing: threading.Thread | None = None
        self._writes = threading.Lock()
        self._over = False

    def beat(self) -> None:
        """Give a sign of life, unless the last one is young; returns at once."""
        now = time.monotonic()
        is_first = self._last is None
        if self._last is not None and now - self._last < INTERVAL:
            return
        if self._writing is not None and self._writing.is_alive():
            return
        self._last = now
        self._writing = threading.Thread(target=self._sign, args=(is_first,), daemon=True)
        self._writing.start()

    def end(self) -> None:
        """Say goodbye: who ends on purpose is not missed."""
        with self._writes:
            self._over = True
            _write((FAREWELL, (self._row[0],)))

    def _sign(self, is_first: bool) -> None:
        with self._writes:
            if not self._over:
                _write((SIGN, self._row), *([(PRUNE, ())] if is_first else []))


class WorkerPulse(bootsteps.StartStopStep):  # type: ignore[misc, unused-ignore]
    """A part of the worker that signs from its loop, and begins anew when it found Redis again."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, consumer: Any, **kwargs: Any) -> None:
        super().__init__(consumer, **kwargs)
        self._timer: Any = None
        self._pulse: Pulse | None = None

    def start(self, consumer: Any) -> None:
        """Sign now, and again and again."""
        if self._pulse is None:
            self._pulse = Pulse(consumer.hostname, "worker", sorted(consumer.app.amqp.queues.consume_from))
            worker_shutdown.connect(_ending(self._pulse), weak=False)
        self._pulse.beat()
        # More often than needed: the pulse itself lets the time pass, and a late call does not skip a sign.
        self._timer = consumer.timer.call_repeatedly(INTERVAL / 3, self._pulse.beat)

    def stop(self, consumer: Any) -> None:
        """The loop ends, perhaps only until Redis is back."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def watch_workers(app: Celery) -> None:
    """Have the workers of this application give signs of life."""
    app.steps["consumer"].add(WorkerPulse)


def _ending(pulse: Pulse) -> Callable[..., None]:
    def end(**kwargs: Any) -> None:
        pulse.end()

    return end


def _write(*statements: tuple[str, tuple[Any, ...]]) -> None:
    try:
        with own_connection() as own:
            for sql, values in statements:
                own.execute(sql, values)  # type: ignore[arg-type, unused-ignore]
    except ConnectionError as error:
        # Whoever asks for the signs will see that there are none.
        logger.warning("No sign of life could be given: %s", error)
