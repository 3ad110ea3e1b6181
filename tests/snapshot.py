"""Rows that are made once in a process, and copied into the database for each test that needs them."""

import copy
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from django.db import connection
from psycopg import sql

T = TypeVar("T")
# Some rows are only good for some time: a sign-in is recent for ten minutes.
SECONDS = 60
# What the view pg_stat_xact_user_tables says, without its costly look at all indexes.
ROWS_WRITTEN = """
    SELECT relname, pg_stat_get_xact_tuples_inserted(oid)
        + pg_stat_get_xact_tuples_updated(oid) + pg_stat_get_xact_tuples_deleted(oid)
    FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace
"""


class Snapshot(Generic[T]):
    """What `make` writes to an empty database, and what it returns."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._made_at = float("-inf")
        self._tables: dict[str, bytes] = {}

    def restore(self) -> T:
        """Write the rows, and return a copy of the objects that `make` returned with them."""
        if time.monotonic() - self._made_at > SECONDS:
            before = rows_written()
            self._objects = self._make()
            written = rows_written()
            self._tables = {table: _rows_of(table) for table in written if written[table] != before.get(table, 0)}
            self._made_at = time.monotonic()
        else:
            for table, rows in self._tables.items():
                _write_rows(table, rows)
        return copy.deepcopy(self._objects)


def rows_written() -> dict[str, int]:
    """Return how many rows this transaction has inserted, updated and deleted so far, by table."""
    with connection.cursor() as cursor:
        cursor.execute(ROWS_WRITTEN)
        return dict(cursor.fetchall())


def _rows_of(table: str) -> bytes:
    copy_out = sql.SQL("COPY {} TO STDOUT (FORMAT BINARY)").format(sql.Identifier(table))
    with connection.connection.cursor() as cursor, cursor.copy(copy_out) as rows:
        return b"".join(rows)


def _write_rows(table: str, rows: bytes) -> None:
    copy_in = sql.SQL("COPY {} FROM STDIN (FORMAT BINARY)").format(sql.Identifier(table))
    with connection.connection.cursor() as cursor, cursor.copy(copy_in) as target:
        target.write(rows)
