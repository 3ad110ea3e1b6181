"""Faster reading of timestamps from PostgreSQL.

Django reads them with a loader of its own in Python, 20 times as slowly, and a page reads hundreds of them. Those of a
connection in UTC, such as ours, are in a format that `datetime` reads itself.
"""

from datetime import UTC, datetime
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.postgresql.psycopg_any import BaseTzLoader
from django.db.backends.signals import connection_created
from psycopg.pq import Format

TYPE = "timestamptz"


class TimestampLoader(BaseTzLoader):  # type: ignore[misc]
    """Loads a timestamp of a connection in UTC; infinity and years that Python does not know are left to psycopg."""

    timezone = UTC

    def load(self, data: Any) -> datetime:
        try:
            return datetime.fromisoformat(bytes(data).decode())
        except ValueError:
            return super().load(data)  # type: ignore[no-any-return, unused-ignore]


def use_timestamp_loader() -> None:
    """Use the loader on every connection that this process opens from now on."""
    connection_created.connect(_register, dispatch_uid="timestamps")


def _register(sender: type[BaseDatabaseWrapper], connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    adapters = connection.connection.adapters
    # Django compares the time zones, and takes its own loader for a connection that is not in UTC.
    if adapters.get_loader(adapters.types[TYPE].oid, Format.TEXT) is not TimestampLoader:
        adapters.register_loader(TYPE, TimestampLoader)
