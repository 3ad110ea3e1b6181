"""Definitions in PostgreSQL: loaded beside those that pages read, checked, and then read by all pages at once."""

from collections.abc import Iterator
from typing import Any

from django.db import DataError, IntegrityError, connection
from psycopg import sql

from destiny.manifest import partitions
from destiny.manifest.models import Edition
from destiny.manifest.words import search_vector
from sync.bungie.content_file import ContentDatabase, ContentError
from sync.bungie.definitions import Definition, parse_definition
from sync.engine.claims import Claim

COLUMNS = ("edition_id", "language", "table", "key", "hash", "name", "words", "definition")
ITEMS, BUCKETS = "DestinyInventoryItemDefinition", "DestinyInventoryBucketDefinition"
# Bungie's other tables come and go; without one of these, pages would have nothing to show.
REQUIRED = (
    ITEMS,
    BUCKETS,
    "DestinyClassDefinition",
    "DestinyRaceDefinition",
    "DestinySandboxPerkDefinition",
    "DestinyStatDefinition",
    "DestinyVendorDefinition",
)
# Of so many items, so many must be in a bucket that exists.
SAMPLE = 1000
SMALLEST_FOUND_SHARE = 0.95
REFERENCES = """
SELECT count(*), count(*) FILTER (WHERE key IN (
    SELECT key FROM {partition} WHERE language = %(language)s AND "table" = %(buckets)s
))
FROM (
    SELECT definition #>> '{{inventory,bucketTypeHash}}' AS key FROM {partition}
    WHERE language = %(language)s AND "table" = %(items)s ORDER BY key LIMIT %(sample)s
) AS item
WHERE key <> '0'
"""
COUNTS = 'SELECT "table", count(*) FROM {partition} WHERE language = %(language)s GROUP BY 1'


def has(edition: Edition, language: str) -> bool:
    """Return whether the language's definitions are loaded."""
    return language in edition.counts and partitions.exists(edition)


def load(edition: Edition, language: str, database: ContentDatabase, claim: Claim) -> None:
    """Load and check a language's definitions; no page reads them yet. Raises ContentError, and then keeps nothing."""
    _require_tables(database)
    expected = {table: database.count(table) for table in database.tables}
    with partitions.long_statements():
        if not partitions.exists(edition):
            partitions.create(edition)
            edition.counts = {}
        try:
            _copy(edition, language, database)
        except DataError as error:
            raise ContentError(f"PostgreSQL can't store a definition ({type(error.__cause__).__name__})") from error
        _check_counts(edition, language, expected)
        _check_references(edition, language)
        edition.counts[language] = expected
        edition.save(update_fields=["counts"])
        # At the end, because it keeps the lease from being renewed.
        claim.ensure_held()


def make_readable(edition: Edition) -> None:
    """Index the loaded definitions and add them to the table that pages read. Raises ContentError."""
    try:
        if not partitions.is_attached(edition):
            partitions.attach(edition)
    except IntegrityError as error:
        raise ContentError("two definitions have the same key") from error


def _require_tables(database: ContentDatabase) -> None:
    if missing := sorted(set(REQUIRED) - set(database.tables)):
        raise ContentError(f"tables are missing: {', '.join(missing)}")
    if empty := [table for table in REQUIRED if database.count(table) == 0]:
        raise ContentError(f"tables are empty: {', '.join(empty)}")


def _copy(edition: Edition, language: str, database: ContentDatabase) -> None:
    copy = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(partitions.name_of(edition)), sql.SQL(", ").join(map(sql.Identifier, COLUMNS))
    )
    with connection.cursor() as cursor, cursor.copy(copy) as target:
        for table, one in _definitions(database):
            words = search_vector(one.name)
            target.write_row((edition.pk, language, table, one.key, one.hash, one.name, words, one.json))


def _definitions(database: ContentDatabase) -> Iterator[tuple[str, Definition]]:
    for table in database.tables:
        for key, body in database.rows(table):
            yield table, parse_definition(table, key, body)


def _check_counts(edition: Edition, language: str, expected: dict[str, int]) -> None:
    found = dict(_rows(COUNTS, edition, language))
    if wrong := sorted(table for table in expected if found.get(table, 0) != expected[table]):
        raise ContentError(f"not all definitions arrived: {', '.join(wrong)}")


def _check_references(edition: Edition, language: str) -> None:
    ((count, found),) = _rows(REFERENCES, edition, language)
    if found < SMALLEST_FOUND_SHARE * count:
        raise ContentError(f"of {count} items, {count - found} are in buckets that don't exist")


def _rows(query: str, edition: Edition, language: str) -> list[tuple[Any, Any]]:
    partition = sql.Identifier(partitions.name_of(edition))
    values: dict[str, str | int] = {"language": language, "items": ITEMS, "buckets": BUCKETS, "sample": SAMPLE}
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(query).format(partition=partition), values)
        return list(cursor.fetchall())
