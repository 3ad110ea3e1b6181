"""Rows that are made once in a process, and copied into the database for each test that needs them."""

import copy
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Generic, TypeVar

from django.db import connection, transaction
from django.utils import timezone
from psycopg import sql

T = TypeVar("T")
# What the view pg_stat_xact_user_tables says, without its costly look at all indexes.
ROWS_WRITTEN = """
    SELECT relname, pg_stat_get_xact_tuples_inserted(oid)
        + pg_stat_get_xact_tuples_updated(oid) + pg_stat_get_xact_tuples_deleted(oid)
    FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace
"""


# PostgreSQL's binary times count microseconds from here.
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
COPY_HEADER = 19


@dataclass(frozen=True)
class _Rows:
    """A table's rows in the format of a binary COPY, and where in it are times from the making or the future."""

    copied: bytes
    times: tuple[int, ...]

    def later(self, by: timedelta) -> bytes:
        """Return the rows as if they had been made that much later."""
        shifted, microseconds = bytearray(self.copied), by // timedelta(microseconds=1)
        for place in self.times:
            (at,) = struct.unpack_from(">q", shifted, place)
            struct.pack_into(">q", shifted, place, at + microseconds)
        return bytes(shifted)


class Snapshot(Generic[T]):
    """The rows that a function inserts, and the objects that it returns.

    Rows that are inserted again look as if they had just been made: their times move on, but for those that were past
    from the beginning. What is no column does not move, neither the objects nor the times in a session, so all is
    made again after `lifetime`. A test that commits gets its rows from the function itself.
    """

    def __init__(self, lifetime: timedelta = timedelta.max) -> None:
        self._lifetime = lifetime
        self._made_at: datetime | None = None
        self._tables: dict[str, _Rows] = {}

    def restore(self, make: Callable[[], T]) -> T:
        """Insert the rows, and return a copy of the objects that `make` returned with them."""
        if not connection.in_atomic_block:
            return make()
        now = timezone.now()
        if self._made_at is None or now - self._made_at > self._lifetime:
            self._objects = self._make(make)
        else:
            for table, rows in self._tables.items():
                _insert(table, rows.later(now - self._made_at))
        return copy.deepcopy(self._objects)

    def _make(self, make: Callable[[], T]) -> T:
        before, now = rows_written(), timezone.now()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint, now()")
            first, began = cursor.fetchone()  # PostgreSQL's defaults say when the transaction began.
        # The savepoint has a number of its own, from `first` on, by which its rows are recognized.
        with transaction.atomic():
            objects = make()
        written = rows_written()
        self._tables = {table: _rows_since(first, table, began) for table in written if written[table] != before[table]}
        self._made_at = now
        return objects


def rows_written() -> dict[str, int]:
    """Return how many rows this transaction has inserted, updated and deleted so far, by table."""
    with connection.cursor() as cursor:
        cursor.execute(ROWS_WRITTEN)
        return dict(cursor.fetchall())


def _rows_since(first: int, table: str, began: datetime) -> _Rows:
    rows = sql.SQL("COPY (SELECT {} FROM {} WHERE xmin::text::bigint >= {}) TO STDOUT (FORMAT BINARY)")
    query = rows.format(_names(table), sql.Identifier(table), first)
    with connection.connection.cursor() as cursor, cursor.copy(query) as source:
        copied = b"".join(source)
    return _Rows(copied, tuple(_times(copied, [kind for _, kind in _columns(table)], began)))


def _times(copied: bytes, kinds: list[str], began: datetime) -> Iterator[int]:
    """Return the places of all times that are not before this one."""
    earliest, place = (began - EPOCH) // timedelta(microseconds=1), COPY_HEADER
    while struct.unpack_from(">h", copied, place) != (-1,):  # the end
        place += 2
        for kind in kinds:
            (length,) = struct.unpack_from(">i", copied, place)  # -1: NULL
            place += 4
            if kind == "timestamptz" and length > 0 and struct.unpack_from(">q", copied, place)[0] >= earliest:
                yield place
            place += max(length, 0)


def _insert(table: str, rows: bytes) -> None:
    query = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(sql.Identifier(table), _names(table))
    with connection.connection.cursor() as cursor, cursor.copy(query) as target:
        target.write(rows)


def _names(table: str) -> sql.Composable:
    return sql.SQL(", ").join(sql.Identifier(name) for name, _ in _columns(table))


@cache
def _columns(table: str) -> list[tuple[str, str]]:
    """Return the columns of a table that are not generated, with their types."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attname, typname FROM pg_attribute JOIN pg_type ON pg_type.oid = atttypid"
            " WHERE attrelid = %s::regclass AND attnum > 0 AND attgenerated = '' AND NOT attisdropped ORDER BY attnum",
            [table],
        )
        return list(cursor.fetchall())
