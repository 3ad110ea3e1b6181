"""How many requests may have been sent, in PostgreSQL: what the throttle knows after Redis lost everything."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection

# Seconds to reach PostgreSQL.
CONNECT_TIMEOUT = 5

# The table of `sync.models.RequestTally`.
COUNT = """
INSERT INTO sync_requesttally AS known (period, requests, counted_at) VALUES (%s, %s, now())
ON CONFLICT (period) DO UPDATE SET requests = excluded.requests, counted_at = now()
WHERE known.requests < excluded.requests
"""
SETTLE = "UPDATE sync_requesttally SET requests = %s WHERE period = %s"
PRUNE = "DELETE FROM sync_requesttally WHERE counted_at < now() - interval '2 hours'"
SENT = """
SELECT extract(epoch FROM now() - counted_at)::float8 AS age, requests FROM sync_requesttally
WHERE counted_at > now() - make_interval(secs => %s) ORDER BY age
"""


class PostgresTally:
    """Satisfies `sync.engine.rate_limiter.Tally`.

    Its connection is its own and lasts for one call, a few times a minute: what was counted stays counted whatever
    becomes of the caller's transaction, and no thread is left with a connection that nobody closes.
    """

    def count(self, period: int, requests: int, *, settled: tuple[int, int] | None) -> None:
        """Note that up to so many requests may be sent in the period."""
        with own_connection() as own:
            own.execute(COUNT, (period, requests))
            if settled is not None:
                own.execute(SETTLE, (settled[1], settled[0]))
                own.execute(PRUNE)

    def sent(self, seconds: float) -> list[tuple[float, int]]:
        """How many seconds ago each period was last written to, by PostgreSQL's clock, and its requests."""
        with own_connection() as own:
            return [(max(age, 0.0), requests) for age, requests in own.execute(SENT, (seconds,))]


@contextmanager
def own_connection() -> Iterator["psycopg.Connection[tuple[Any, ...]]"]:
    """A new connection to the site's database, on which every statement counts at once."""
    wanted = {"connect_timeout": CONNECT_TIMEOUT} | connection.get_connection_params() | {"autocommit": True}
    try:
        with psycopg.connect(**wanted) as own:
            yield own
    except psycopg.Error as error:
        raise ConnectionError(f"PostgreSQL does not answer: {type(error).__name__}") from error
