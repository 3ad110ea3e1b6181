"""The state of PostgreSQL, and the findings about it."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db import DatabaseError, connection
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from operations.health.finding import Finding, error, warning
from sync.engine.database_pool import Connections, count_connections
from sync.engine.servers import database_problem

# The oldest version that Django 5.2 supports.
OLDEST_VERSION = 14
NEARLY_FULL = 0.9
# Seconds by which the clocks of this machine and of PostgreSQL can differ.
MOST_CLOCK_OFFSET = 5.0

READ = """
SELECT current_setting('server_version_num')::int, current_setting('max_connections')::int,
    current_setting('superuser_reserved_connections')::int, current_setting('server_encoding'),
    pg_database_size(current_database()),
    extract(epoch FROM clock_timestamp())::float8,
    (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),
    xact_commit, xact_rollback, deadlocks
FROM pg_stat_database WHERE datname = current_database()
"""


@dataclass(frozen=True, slots=True)
class PostgreSQL:
    """The server of the site's database; sizes in bytes. `clock_offset` is how many seconds its clock is ahead.

    `pools` are the connections that our processes can open, `refuses` is why it takes no writes, such as "DiskFull".
    """

    version: int
    max_connections: int
    reserved_connections: int
    encoding: str
    size: int
    clock_offset: float
    connections: int
    commits: int
    rollbacks: int
    deadlocks: int
    pools: Connections | None = None
    refuses: str = ""

    @property
    def connections_left(self) -> int:
        return self.max_connections - self.reserved_connections - self.connections


def read_postgresql() -> PostgreSQL | None:
    """Ask the server, in a few statements; None if it does not answer."""
    try:
        connection.ensure_connection()
        asked = time.time()
        with connection.cursor() as cursor:
            cursor.execute(READ)
            row = cursor.fetchone()
        answered, pools = time.time(), count_connections()
    except DatabaseError:
        return None
    version, most, reserved, encoding, size, clock, *counts = row
    used, commits, rollbacks, deadlocks = counts
    # The server looked at its clock between question and answer.
    offset = clock - (asked + answered) / 2
    return PostgreSQL(
        *(version // 10_000, most, reserved, encoding, size, offset),
        *(used, commits, rollbacks, deadlocks, pools, database_problem()),
    )


def postgresql_findings(server: PostgreSQL | None, size_limit: int | None = None) -> Iterator[Finding]:
    """Yield what is wrong; `size_limit` is how large the database can become, 0 for any size."""
    if server is None:
        yield error(
            "database-down",
            _("PostgreSQL does not answer."),
            _("Start PostgreSQL; check the address, user and password in DATABASE_URL and the server's log."),
        )
        return
    if server.refuses:
        yield error(
            "database-refuses",
            _("PostgreSQL takes no writes (%(problem)s).") % {"problem": server.refuses},
            _("DiskFull: free space on its disk. Read-only: point DATABASE_URL to the primary server."),
        )
    if server.connections_left < (1 - NEARLY_FULL) * server.max_connections:
        yield warning(
            "database-connections",
            _("%(used)d of PostgreSQL's %(most)d connections are in use.")
            % {"used": server.connections, "most": server.max_connections},
            _("Raise max_connections in postgresql.conf, or run fewer processes and threads."),
        )
    yield from _pool_findings(server)
    yield from _size_findings(server, settings.DATABASE_SIZE_LIMIT if size_limit is None else size_limit)
    yield from _clock_findings(server)


def _pool_findings(server: PostgreSQL) -> Iterator[Finding]:
    """Yield whether PostgreSQL allows enough connections for the pools of all processes."""
    counted = server.pools
    if counted is not None and counted.missing > 0:
        yield warning(
            "database-pools",
            _("%(processes)d processes can open %(wanted)d connections to PostgreSQL, and it allows %(allowed)d.")
            % {"processes": len(counted.pools), "wanted": counted.wanted, "allowed": counted.allowed},
            _("Raise max_connections in postgresql.conf, or lower DB_POOL_WEB and DB_POOL_WORKER."),
        )


def version_findings(server: PostgreSQL) -> Iterator[Finding]:
    """Yield what was chosen wrongly when the server was set up."""
    if server.version < OLDEST_VERSION:
        yield error(
            "database-version",
            _("PostgreSQL %(version)d is too old.") % {"version": server.version},
            _("Upgrade to PostgreSQL %(oldest)d or later.") % {"oldest": OLDEST_VERSION},
        )
    if server.encoding != "UTF8":
        yield error(
            "database-encoding",
            _("The database's encoding is %(encoding)s: it can't store all names.") % {"encoding": server.encoding},
            _("Create a database with ENCODING 'UTF8' and restore the data into it."),
        )


def _size_findings(server: PostgreSQL, limit: int) -> Iterator[Finding]:
    if limit and server.size > NEARLY_FULL * limit:
        yield warning(
            "database-size",
            _("The database has %(size)s of at most %(limit)s.")
            % {"size": filesizeformat(server.size), "limit": filesizeformat(limit)},
            _("Get more space for it, then raise DATABASE_SIZE_LIMIT_GB."),
        )


def _clock_findings(server: PostgreSQL) -> Iterator[Finding]:
    if abs(server.clock_offset) > MOST_CLOCK_OFFSET:
        yield warning(
            "clock-database",
            _("The clocks of this machine and of PostgreSQL differ by %(seconds)d seconds.")
            % {"seconds": abs(server.clock_offset)},
            _("Let both machines set their clocks by NTP, for example with systemd-timesyncd or chrony."),
        )
