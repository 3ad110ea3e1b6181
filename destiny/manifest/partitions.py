"""The part of the table of definitions that belongs to one edition.

It is a table of its own until all of it is loaded and checked, so that nobody reads half of an edition; then it is
attached. To drop it takes milliseconds, however many definitions it has.
"""

import logging
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction
from psycopg import sql

from destiny.manifest.models import Definition, Edition

logger = logging.getLogger(__name__)

PARENT = Definition._meta.db_table
# To load and to index can take longer than other statements of a worker.
STATEMENT_TIMEOUT = "15min"
# Whoever wants to drop a partition makes readers wait behind it, so it waits no longer than this for earlier ones.
LOCK_TIMEOUT = "500ms"
TABLES = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace"


@contextmanager
def long_statements() -> Iterator[None]:
    """Open a transaction whose statements can take long."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [STATEMENT_TIMEOUT])
        yield


def name_of(edition: Edition) -> str:
    """Return the name of the edition's table."""
    return f"{PARENT}_{edition.pk}"


def create(edition: Edition) -> None:
    """Create the edition's table, empty and apart; one that is left over from an earlier attempt is dropped."""
    _execute("DROP TABLE IF EXISTS {}", name_of(edition))
    _execute("CREATE TABLE {} (LIKE {} INCLUDING DEFAULTS)", name_of(edition), PARENT)


def exists(edition: Edition) -> bool:
    """Return whether the edition has a table, attached or not."""
    return name_of(edition) in _all_names()


def is_attached(edition: Edition) -> bool:
    """Return whether the edition's table is part of the table of all definitions."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relispartition FROM pg_class WHERE oid = to_regclass(%s)", [name_of(edition)])
        return bool(cursor.fetchone() == (True,))


def attach(edition: Edition) -> None:
    """Add the edition's table, with its indexes, to the table of all definitions. Readers of others go on."""
    with long_statements():
        _execute(f"ALTER TABLE {{}} ATTACH PARTITION {{}} FOR VALUES IN ({edition.pk})", PARENT, name_of(edition))
        _execute("ANALYZE {}", name_of(edition))


def drop_all_but(editions: Collection[Edition]) -> None:
    """Drop the tables of other editions, also those that were never attached.

    One that is being read for longer, such as by a backup, is left to the next time.
    """
    for name in _all_names() - {name_of(one) for one in editions}:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT set_config('lock_timeout', %s, true)", [LOCK_TIMEOUT])
                _execute("DROP TABLE IF EXISTS {}", name)
        except OperationalError as error:
            logger.info("%s is in use and stays for now: %s", name, type(error.__cause__).__name__)


def _all_names() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        names = {name for (name,) in cursor.fetchall()}
    return {name for name in names if name.startswith(f"{PARENT}_") and name.removeprefix(f"{PARENT}_").isdecimal()}


def _execute(query: str, *names: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(query).format(*map(sql.Identifier, names)))
