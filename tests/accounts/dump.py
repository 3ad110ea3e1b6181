"""The whole database as text, and what must not be in it."""

import re
from collections.abc import Iterator
from typing import Any

from django.db import connection


def database_as_text() -> dict[str, str]:
    """Every row of every table, as `pg_dump` would write its values."""
    with connection.cursor() as cursor:
        texts = {}
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT string_agg(t::text, chr(10)) FROM "{table}" t')
            texts[table] = cursor.fetchone()[0] or ""
    return texts


def tables_with(value: object) -> list[str]:
    """The tables in which the value stands, as a word of its own."""
    word = re.compile(rf"(?<![\w.-]){re.escape(str(value))}(?![\w-])", re.IGNORECASE)
    return [table for table, text in database_as_text().items() if word.search(text)]


def found_of(values: "set[str]") -> dict[str, list[str]]:
    """Those of the values that stand anywhere in the database, with the tables."""
    texts = database_as_text()
    found = {}
    for value in values:
        word = re.compile(rf"(?<![\w.-]){re.escape(value)}(?![\w-])", re.IGNORECASE)
        if tables := [table for table, text in texts.items() if word.search(text)]:
            found[value] = tables
    return found


def must_go(export: Any) -> set[str]:
    """The values of an export that nothing may hold after the account was deleted.

    Names, levels and the like of characters are Blizzard's, and stay with rosters; so does what guilds wrote down.
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
