"""The connection pool of a process, and whether PostgreSQL has enough connections for all pools.

Threads share the connections of their process, and hold one only while they talk to PostgreSQL (`sync.engine.http`
gives it back before it waits). So a refused connection makes a process slower, and ends nothing.
"""

import logging
import os
import re
import socket
import threading
from dataclasses import dataclass

from django.conf import settings
from django.db import DatabaseError, connection, connections

logger = logging.getLogger(__name__)

# Seconds that a thread waits for a connection, by kind of process, and after which an unused one is closed.
TIMEOUTS = {"web": 5.0, "worker": 15.0, "beat": 15.0}
LONGEST_IDLE = 60.0
# How a process names itself to PostgreSQL: its kind, the size of its pool, its machine and process.
NAME = re.compile(r"guildsite (web|worker|beat)/(\d+) ")

# For each name: the limits of the server, of our role and of the database, and how many connections it has.
COUNT = """
SELECT current_setting('max_connections')::int
  - current_setting('superuser_reserved_connections')::int
  - coalesce(current_setting('reserved_connections', true), '0')::int,
  (SELECT rolconnlimit FROM pg_roles WHERE rolname = current_user),
  (SELECT datconnlimit FROM pg_database WHERE datname = current_database()),
  coalesce(application_name, ''), count(*)
FROM pg_stat_activity WHERE backend_type = 'client backend' GROUP BY application_name
"""


def use_pool(kind: str, size: int) -> None:
    """Let this process open at most `size` connections to PostgreSQL; called before its first one."""
    connections.close_all()
    default = connections.settings["default"]
    default["CONN_MAX_AGE"] = 0
    default["OPTIONS"] |= {
        "pool": {"min_size": 1, "max_size": size, "timeout": TIMEOUTS[kind], "max_idle": LONGEST_IDLE},
        "application_name": f"guildsite {kind}/{size} {socket.gethostname()[:30]}:{os.getpid()}",
    }


@dataclass(frozen=True, slots=True)
class Connections:
    """The number of connections that PostgreSQL allows us, the running pools, and the connections of others."""

    allowed: int
    pools: tuple[int, ...]
    others: int

    @property
    def wanted(self) -> int:
        return sum(self.pools)

    @property
    def missing(self) -> int:
        """Return how many more PostgreSQL would have to allow; zero or less if there are enough."""
        return self.wanted + self.others - self.allowed


def count_connections() -> Connections:
    """Return the connections of the moment, in one statement. Raises DatabaseError."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT)
        # There is a row at least for this connection.
        rows = cursor.fetchall()
    limits = [one for one in rows[0][:3] if one >= 0]
    # A pooler's connections have the name of whoever used them last.
    named = not settings.DB_TRANSACTION_POOLING
    names = [(NAME.match(name) if named else None, count) for *_, name, count in rows]
    return Connections(
        allowed=min(limits),
        pools=tuple(int(known[2]) for known, _ in names if known),
        others=sum(count for known, count in names if not known),
    )


def warn_in_background() -> None:
    """Log at the start of a process that the connections do not suffice, without waiting for PostgreSQL."""
    threading.Thread(target=_warn, name="connections", daemon=True).start()


def _warn() -> None:
    try:
        counted = count_connections()
        if counted.missing > 0:
            logger.warning(
                "%d processes can open %d connections to PostgreSQL and other programs have %d, but it allows %d:"
                " raise its max_connections, or lower DB_POOL_WEB and DB_POOL_WORKER.",
                *(len(counted.pools), counted.wanted, counted.others, counted.allowed),
            )
    except DatabaseError as error:
        logger.warning("PostgreSQL's connections could not be counted: %s", type(error.__cause__ or error).__name__)
    finally:
        connection.close()
