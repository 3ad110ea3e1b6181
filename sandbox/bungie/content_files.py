"""The content files: a ZIP with one SQLite file for each language, and JSON tables."""

import hashlib
import io
import sqlite3
import zipfile
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

from sandbox.bungie.world.definitions import Definitions, table_name
from sandbox.bungie.world.text import encode

_HISTORICAL = table_name("HistoricalStats")
# Fast, because a test waits for it.
_LEVEL = 1


def build(
    definitions: Definitions, tables: Sequence[str], language: str, kind: str, name: str, without: str = ""
) -> bytes:
    """Return a file: kind "sqlite", "aggregate", "asset" (an empty archive) or a table's full name."""
    wanted = [one for one in tables if table_name(one) != without]
    if kind == "asset":
        return zipped(name, b"")
    if kind == "sqlite":
        return zipped(name, _database(definitions, wanted, language))
    if kind == "aggregate":
        return "".join(_aggregate(definitions, wanted, language)).encode()
    return "".join(_table(definitions, one, language) for one in wanted if table_name(one) == kind).encode()


def zipped(name: str, content: bytes) -> bytes:
    """Return an archive with one member."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as file:
        file.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED, _LEVEL)
    return archive.getvalue()


def signed(number: int) -> int:
    """Return a hash as the SQLite files have it: as a signed number of 32 bits."""
    return number - 2**32 if number >= 2**31 else number


def create_table(connection: sqlite3.Connection, table: str, key: str = "id INTEGER") -> None:
    """Create an empty table."""
    connection.execute(f"CREATE TABLE {table}({key} PRIMARY KEY NOT NULL, json BLOB)")


def _database(definitions: Definitions, tables: Iterable[str], language: str) -> bytes:
    connection = sqlite3.connect(":memory:")
    try:
        for table in tables:
            name = table_name(table)
            create_table(connection, name)
            rows = (
                (signed(number), encode(row, language)) for number, row in definitions.tables.get(table, {}).items()
            )
            connection.executemany(f"INSERT INTO {name} VALUES (?, ?)", rows)  # noqa: S608 (our own names)
        create_table(connection, _HISTORICAL, "key TEXT")
        texts = ((name, encode(row, language)) for name, row in definitions.historical_stats.items())
        connection.executemany(f"INSERT INTO {_HISTORICAL} VALUES (?, ?)", texts)  # noqa: S608 (our own name)
        connection.commit()
        return connection.serialize()
    finally:
        connection.close()


def _table(definitions: Definitions, table: str, language: str) -> str:
    rows = definitions.tables.get(table, {})
    return "{" + ",".join(f'"{number}":{encode(row, language)}' for number, row in rows.items()) + "}"


def _aggregate(definitions: Definitions, tables: Sequence[str], language: str) -> Iterable[str]:
    for place, table in enumerate(tables):
        yield f'{"," if place else "{"}"{table_name(table)}":{_table(definitions, table, language)}'
    yield f',"{_HISTORICAL}":{encode(definitions.historical_stats, language)}' + "}"


@lru_cache(maxsize=1)
def fingerprint() -> str:
    """Return a digest of the code that makes the world: a file that earlier code made is not used."""
    digest = hashlib.sha256()
    for file in sorted(Path(__file__).parent.glob("world/*.py")):
        digest.update(file.read_bytes())
    digest.update(Path(__file__).read_bytes())
    return digest.hexdigest()[:12]
