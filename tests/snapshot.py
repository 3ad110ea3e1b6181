"""Rows that are made once in a process, and copied into the database for each test that needs them."""

import copy
import time
from collections.abc import Callable
from functools import cache
from typing import Generic, TypeVar

from django.db import connection, transaction
from psycopg import sql

T = TypeVar("T")
# What the view pg_stat_xact_user_tables says, without its costly look at all indexes.
ROWS_WRITTEN = """
    SELECT relname, pg_stat_get_xact_tuples_inserted(oid)
        + pg_stat_get_xact_tuples_updated(oid) + pg_stat_get_xact_tuples_deleted(oid)
    FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace
"""


class Snapshot(Generic[T]):
    """The rows that a function inserts, and the objects that it returns.

    They are made again after `seconds`, because what is true of a row just inserted is not true for long: a sign-in
    is recent for ten minutes. A test that commits gets its rows from the function itself.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._made_at: float | None = None
        self._tables: dict[str, bytes] = {}

    def restore(self, make: Callable[[], T]) -> T:
        """Insert the rows, and return a copy of the objects that `make` returned with them."""
        if not connection.in_atomic_block:
            return make()
        if self._made_at is None or time.monotonic() - self._made_at > self._seconds:
            self._objects = self._make(make)
        else:
            for table, rows in self._tables.items():
                _insert(table, rows)
        return copy.deepcopy(self._objects)

    def _make(self, make: Callable[[], T]) -> T:
        before = rows_written()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
            (first,) = cursor.fetchone()
        # The savepoint has a number of its own, from `first` on, by which its rows are recognized.
        with transaction.atomic():
            objects = make()
        written = rows_written()
        self._tables = {table: _rows_since(first, table) for table in written if written[table] != before[table]}
        self._made_at = time.monotonic()
        return objects


def rows_written() -> dict[str, int]:
    """Return how many rows this transaction has inserted, updated and deleted so far, by table."""
    with connection.cursor() as cursor:
        cursor.execute(ROWS_WRITTEN)
        return dict(cursor.fetchall())


def _rows_since(first: int, table: str) -> bytes:
    rows = sql.SQL("COPY (SELECT {} FROM {} WHERE xmin::text::bigint >= {}) TO STDOUT (FORMAT BINARY)")
    query = rows.format(_columns(table), sql.Identifier(table), first)
    with connection.connection.cursor() as cursor, cursor.copy(query) as source:
        return b"".join(source)


def _insert(table: str, rows: bytes) -> None:
    query = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(sql.Identifier(table), _columns(table))
    with connection.connection.cursor() as cursor, cursor.copy(query) as target:
        target.write(rows)


@cache
def _columns(table: str) -> sql.Composable:
    """Return the columns of a table that are not generated."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attname FROM pg_attribute"
            " WHERE attrelid = %s::regclass AND attnum > 0 AND attgenerated = '' AND NOT attisdropped",
            [table],
        )
        return sql.SQL(", ").join(sql.Identifier(name) for (name,) in cursor.fetchall())
