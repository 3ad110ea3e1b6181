"""Timestamps are read from PostgreSQL by our own loader, with the same results as Django's."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DataError, connection
from psycopg.pq import Format

from guildsite.timestamps import TimestampLoader

pytestmark = pytest.mark.django_db


def read(text: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::timestamptz", [text])
        (value,) = cursor.fetchone()
    return value


def test_connections_use_the_loader() -> None:
    connection.ensure_connection()
    adapters = connection.connection.adapters
    assert adapters.get_loader(adapters.types["timestamptz"].oid, Format.TEXT) is TimestampLoader


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-22 00:45:29.594123+00", datetime(2026, 11, 22, 0, 45, 29, 594123, UTC)),
        ("2026-11-22 00:45:29.5+00", datetime(2026, 11, 22, 0, 45, 29, 500000, UTC)),
        ("2026-11-22 02:45:29+02", datetime(2026, 11, 22, 0, 45, 29, tzinfo=UTC)),
        ("0001-01-02 00:00:00+00", datetime(1, 1, 2, tzinfo=UTC)),
        ("9999-12-31 23:59:59.999999+00", datetime.max.replace(tzinfo=UTC)),
    ],
)
def test_a_timestamp_is_read_in_utc(text: str, expected: datetime) -> None:
    assert read(text) == expected
    assert read(text).utcoffset() == timedelta(0)


@pytest.mark.parametrize("text", ["infinity", "10000-01-01 00:00:00+00", "0044-03-15 12:00:00+00 BC"])
def test_a_time_that_python_does_not_know_is_an_error_and_not_another_time(text: str) -> None:
    with pytest.raises(DataError):
        read(text)
