"""Beat's scheduler: schedules from the database, and one scheduler at work however many run.

A lease in Redis decides which one works; the others are standbys, and one of them takes over when the lease was given
back or has expired. The scheduler can't work without Redis anyway, and Redis's clock is the same for all machines.
"""

import logging
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import redis
from django.conf import settings
from django.utils import timezone
from django_celery_beat.schedulers import DatabaseScheduler
from redis.backoff import NoBackoff
from redis.exceptions import LockError, RedisError
from redis.lock import Lock
from redis.retry import Retry

from sync.engine.liveness import BEAT, CLOCK_TOLERANCE, HeartbeatWriter

logger = logging.getLogger(__name__)

LEASE = "guildsite:scheduler"
# Seconds until a lease expires that is not renewed, as it is in each tick, and between a standby's attempts. A tick
# comes after five seconds at most.
LEASE_SECONDS = 15.0
STANDBY_INTERVAL = 2.0
# Seconds that one command can take.
REDIS_TIMEOUT = 3.0


class Scheduler(DatabaseScheduler):  # type: ignore[misc, unused-ignore]
    """The scheduler of one process, which writes heartbeats, and works while it has the lease."""

    # A successor repeats what ran after the last time that this one wrote its schedules to the database.
    sync_every = 15

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._writer = HeartbeatWriter(f"{BEAT}@{socket.gethostname()}", BEAT)
        self._lease = SchedulerLease(on_taken=self._read_again)

    def tick(self, *args: Any, **kwargs: Any) -> Any:
        """Send what is due if this is the scheduler at work; return the seconds until the next tick, five at most."""
        self._writer.beat()
        if not self._lease.hold():
            return STANDBY_INTERVAL
        self._forget_the_future()
        return super().tick(*args, **kwargs)

    def enabled_models_qs(self) -> Any:
        """Return all schedules that are on, also those whose hour is long past: what was missed is made up for.

        The package leaves out those of another hour than about now, and a weekly task could wait for another week.
        """
        return self.Model.objects.enabled()

    def _read_again(self) -> None:
        """Forget what is known about the schedules: another scheduler has run them since."""
        self._dirty.clear()
        self._initial_read, self._heap = True, None

    def _forget_the_future(self) -> None:
        """Let schedules that ran in the future count as run now: the clock was set back, and they would wait for it."""
        now = timezone.now()
        wrong = [entry for entry in (self._schedule or {}).values() if entry.last_run_at > now + CLOCK_TOLERANCE]
        if not wrong:
            return
        logger.warning("The clock was set back: %d schedules had run in the future.", len(wrong))
        for entry in wrong:
            entry.last_run_at = entry.model.last_run_at = now
        self.Model.objects.filter(pk__in=[entry.model.pk for entry in wrong]).update(last_run_at=now)
        # The times at which they are due next are from before, too.
        self._heap = None

    def close(self) -> None:
        super().close()
        self._lease.release()
        self._writer.stop()


class SchedulerLease:
    """The lease of the scheduler at work. `on_taken` is called when this process takes it, not when it is renewed."""

    def __init__(self, on_taken: Callable[[], None]) -> None:
        self._on_taken = on_taken
        # None before the first attempt.
        self._is_held: bool | None = None
        wait = {"socket_timeout": REDIS_TIMEOUT, "socket_connect_timeout": REDIS_TIMEOUT}
        connection = redis.Redis.from_url(settings.REDIS_URL, retry=Retry(NoBackoff(), 0), **wait)
        self._lock = Lock(connection, LEASE, timeout=LEASE_SECONDS)

    def hold(self) -> bool:
        """Renew the lease, or take it if nobody has it; return whether this process has it now."""
        before, self._is_held = self._is_held, False
        try:
            self._is_held = self._renew() or self._take()
            if before is not False and not self._is_held:
                logger.info("Another scheduler is at work; this one waits as a standby.")
        except RedisError as error:
            if before is not False:
                logger.warning("The scheduler waits for Redis: %s", type(error).__name__)
        return self._is_held

    def release(self) -> None:
        """Give the lease back, so that a standby takes over at once; otherwise it expires."""
        if self._is_held:
            self._is_held = False
            with suppress(RedisError):
                self._lock.release()

    def _renew(self) -> bool:
        # After an answer of Redis that did not arrive, the lease can still be ours.
        try:
            return bool(self._lock.reacquire())
        except LockError:
            return False

    def _take(self) -> bool:
        if not self._lock.acquire(blocking=False):
            return False
        logger.info("This scheduler is at work now.")
        self._on_taken()
        return True
