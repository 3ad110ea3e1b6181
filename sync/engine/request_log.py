"""The request log in PostgreSQL: how many requests may have been sent, in case Redis loses everything."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection, models
from django.utils.translation import gettext_lazy as _
from psycopg_pool import ConnectionPool

# Seconds to reach PostgreSQL.
CONNECT_TIMEOUT = 5

RECORD = """
INSERT INTO sync_requestlogentry AS known (provider, period, requests, recorded_at) VALUES (%s, %s, %s, now())
ON CONFLICT (provider, period) DO UPDATE SET requests = excluded.requests, recorded_at = now()
WHERE known.requests < excluded.requests
"""
SETTLE = "UPDATE sync_requestlogentry SET requests = %s WHERE provider = %s AND period = %s"
PRUNE = "DELETE FROM sync_requestlogentry WHERE provider = %s AND recorded_at < now() - make_interval(secs => %s)"
SENT = """
SELECT extract(epoch FROM now() - recorded_at)::float8 AS age, requests FROM sync_requestlogentry
WHERE provider = %s AND recorded_at > now() - make_interval(secs => %s) ORDER BY age
"""


class RequestLogEntry(models.Model):
    """The number of requests to a provider in about a minute: at any time at least as many as were sent.

    Written a block of requests ahead, and read when Redis lost everything.
    """

    provider = models.CharField(max_length=20)
    period = models.BigIntegerField(help_text=_("When it began, in microseconds of Redis's clock."))
    requests = models.PositiveIntegerField()
    recorded_at = models.DateTimeField(help_text=_("When it was last written to, by PostgreSQL's clock."))

    class Meta:
        verbose_name = _("request log entry")
        verbose_name_plural = _("request log")
        constraints = (models.UniqueConstraint(fields=("provider", "period"), name="request_log_period_once"),)

    def __str__(self) -> str:
        return f"{self.provider}: {self.requests} @ {self.recorded_at}"


class PostgresRequestLog:
    """The request log of one provider; satisfies `sync.engine.rate_limiter.RequestLog`.

    Each call uses a connection of its own, a few times a minute: what was recorded stays recorded when the caller's
    transaction is rolled back, and no thread is left with an open connection.
    """

    def __init__(self, provider: str, *, kept_for: float = 7200) -> None:
        """Rows are kept for `kept_for` seconds: as long as the rate limiter can ask for them."""
        self._provider = provider
        self._kept_for = kept_for

    def record(self, period: int, requests: int, *, settled: tuple[int, int] | None) -> None:
        with own_connection() as own:
            own.execute(RECORD, (self._provider, period, requests))
            if settled is not None:
                own.execute(SETTLE, (settled[1], self._provider, settled[0]))
                own.execute(PRUNE, (self._provider, self._kept_for))

    def sent(self, seconds: float) -> list[tuple[float, int]]:
        with own_connection() as own:
            return [(max(age, 0.0), requests) for age, requests in own.execute(SENT, (self._provider, seconds))]


def release_connection() -> None:
    """Give the thread's connection back to the pool, if there is one, since the thread is about to wait."""
    if connection.connection is not None and not connection.in_atomic_block and _pool():
        connection.close()


def _pool() -> "ConnectionPool | None":
    """Return the pool of this process; commands and tests have none."""
    return getattr(connection, "pool", None)


@contextmanager
def own_connection() -> Iterator["psycopg.Connection[tuple[Any, ...]]"]:
    """Lend a connection to the site's database in autocommit mode, apart from that of the caller's transaction."""
    try:
        if pool := _pool():
            pool.open()
            with pool.connection(timeout=CONNECT_TIMEOUT) as own:
                own.autocommit = True
                yield own
            return
        wanted = {"connect_timeout": CONNECT_TIMEOUT} | connection.get_connection_params() | {"autocommit": True}
        with psycopg.connect(**wanted) as own:
            yield own
    except psycopg.Error as error:
        raise ConnectionError(f"PostgreSQL does not answer: {type(error).__name__}") from error
