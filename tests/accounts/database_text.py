"""The database as text, to search it for personal data."""

import re
from collections.abc import Iterator
from typing import Any

from django.db import connection


def database_as_text() -> dict[str, str]:
    """Return the rows of each table as text."""
    with connection.cursor() as cursor:
        texts = {}
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT string_agg(t::text, chr(10)) FROM "{table}" t')
            texts[table] = cursor.fetchone()[0] or ""
    return texts


def tables_with(value: object) -> list[str]:
    """Return the tables that contain the value as a whole word."""
    word = re.compile(rf"(?<![\w.-]){re.escape(str(value))}(?![\w-])", re.IGNORECASE)
    return [table for table, text in database_as_text().items() if word.search(text)]


def find_values(values: "set[str]") -> dict[str, list[str]]:
    """Return the values that are found in the database, with their tables."""
    texts = database_as_text()
    found = {}
    for value in values:
        word = re.compile(rf"(?<![\w.-]){re.escape(value)}(?![\w-])", re.IGNORECASE)
        if tables := [table for table, text in texts.items() if word.search(text)]:
            found[value] = tables
    return found


def values_to_erase(export: Any) -> set[str]:
    """Return the values of an export that must be gone after deleting the account.

    Data of characters that Blizzard publishes stays with the rosters, and so do the guilds' own notes.
    """
    return {str(value) for value in _personal(export) if value not in (None, "", True, False)}


def _personal(export: Any) -> Iterator[Any]:
    person = export["person"]
    yield from (person["id"], person["battlenet_id"], person["battletag"], person["battletag"].partition("#")[0])
    for session in export["sessions"]:
        yield from (session["public_id"], session["network"])
    for character in export["characters"]:
        link = character["link"]
        yield from (link["wow_account_id"], link["mounts_hash"], link["toys_hash"])
    for grant in export["grants"]:
        yield grant["reason"]
    for event in export["security_log"]:
        yield event["address"]
