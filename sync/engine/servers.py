"""Check that PostgreSQL and Redis take writes: a server that only answers is of no use."""

import time

from django.core.cache import cache
from django.db import DatabaseError, connection, transaction
from redis.exceptions import OutOfMemoryError, ReadOnlyError, RedisError, ResponseError

# A result that does not fit into its memory takes 2 MB of PostgreSQL's disk, and leaves nothing behind.
SPILL = """
WITH rows AS MATERIALIZED (SELECT repeat(md5(n::text), 1024) AS wide FROM generate_series(1, 64) AS n)
SELECT count(wide) FROM rows
"""
# Seconds for which an answer of PostgreSQL's disk counts.
FRESH = 5.0
CODES: dict[type[RedisError], str] = {OutOfMemoryError: "OOM", ReadOnlyError: "READONLY"}

_disk_was_fine_at = float("-inf")


def database_problem() -> str:
    """Return why PostgreSQL does not take connections or writes, such as "DiskFull"; an empty text if it does."""
    global _disk_was_fine_at
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('transaction_read_only')")
            if cursor.fetchone()[0] == "on":
                return "read-only"
        if time.monotonic() - _disk_was_fine_at < FRESH:
            return ""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL work_mem = '64kB'")
            cursor.execute(SPILL)
    except DatabaseError as error:
        return type(error.__cause__ or error).__name__
    _disk_was_fine_at = time.monotonic()
    return ""


def redis_problem() -> str:
    """Return why Redis does not answer or takes no writes, such as "OOM"; an empty text if it does."""
    try:
        cache.set("readyz", 1, timeout=60)
    except RedisError as error:
        return reason_of(error)
    return ""


def reason_of(error: RedisError) -> str:
    """Return the code of Redis's answer, or the class of the error; never its text, which can quote anything."""
    if type(error) is ResponseError:
        code = str(error).partition(" ")[0]
        return code if code.isupper() and code.isalpha() else type(error).__name__
    return CODES.get(type(error), type(error).__name__)
