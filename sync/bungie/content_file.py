"""Content files of Bungie's manifest: a ZIP with one member, which is an SQLite database of definitions.

Everything is streamed: neither the ZIP nor the database is ever in memory as a whole.
"""

import re
import sqlite3
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO
from urllib.parse import quote

# The largest known database has 155 MB (2024).
LARGEST_DATABASE = 4 * 2**30
# The largest known definitions, of vendors, have a few MB.
LARGEST_DEFINITION = 64 * 2**20
CHUNK = 2**20
SQLITE_HEADER = b"SQLite format 3\0"
# Of hashes, which SQLite has as signed numbers; and of texts, which statistics are keyed by.
KEY_COLUMNS = ("id", "key")
TABLE = re.compile(r"Destiny\w{1,60}Definition", re.ASCII)


class ContentError(Exception):
    """A content file that can't be used; the message says why in one line, without its content."""


def unpack(archive: IO[bytes], target: Path, *, largest: int = LARGEST_DATABASE) -> None:
    """Write the database in the ZIP to the path. Raises ContentError, also when it has more than `largest` bytes."""
    try:
        with zipfile.ZipFile(archive) as opened:
            (member,) = _members(opened, largest)
            with opened.open(member) as source, target.open("wb") as file:
                _copy(source, file, largest)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, struct.error) as error:
        raise ContentError(f"not a complete ZIP file ({_words(error)})") from error


def _members(archive: zipfile.ZipFile, largest: int) -> list[zipfile.ZipInfo]:
    members = archive.infolist()
    if len(members) != 1:
        raise ContentError(f"the ZIP has {len(members)} members instead of one")
    if members[0].file_size > largest:
        raise ContentError(f"the database would have {members[0].file_size:,} bytes, more than {largest:,}")
    return members


def _copy(source: IO[bytes], target: IO[bytes], largest: int) -> None:
    """Copy the member, whose checksum is verified at its end. Its declared size need not be true."""
    written = 0
    while chunk := source.read(CHUNK):
        if written == 0 and not chunk.startswith(SQLITE_HEADER):
            raise ContentError("what is in the ZIP is not an SQLite database")
        written += len(chunk)
        if written > largest:
            raise ContentError(f"the database has more than {largest:,} bytes")
        target.write(chunk)
    if written == 0:
        raise ContentError("what is in the ZIP is empty")


class ContentDatabase:
    """The tables of definitions in an SQLite database that somebody else made."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._keys = dict(self._tables())

    @property
    def tables(self) -> list[str]:
        """The names of the tables, such as DestinyInventoryItemDefinition."""
        return sorted(self._keys)

    def count(self, table: str) -> int:
        """Return the number of rows."""
        (count,) = self._connection.execute(f"SELECT count(*) FROM {_quoted(table)}").fetchone()  # noqa: S608
        return int(count)

    def rows(self, table: str) -> Iterator[tuple[int | str, bytes]]:
        """Yield the key of each definition as the file has it, a signed number or a text, and its JSON."""
        key = self._keys[table]
        for found, json in self._connection.execute(f"SELECT {key}, json FROM {_quoted(table)}"):  # noqa: S608
            yield (found.decode() if isinstance(found, bytes) else found), json

    def _tables(self) -> Iterator[tuple[str, str]]:
        """Yield tables with their key column. Views and virtual tables, which could run code, are no tables."""
        kinds = self._connection.execute("SELECT name, type FROM pragma_table_list WHERE schema = 'main'")
        for name in (name.decode() for name, kind in kinds.fetchall() if kind == b"table"):
            columns = [
                one.decode() for (one,) in self._connection.execute("SELECT name FROM pragma_table_info(?)", [name])
            ]
            key = next((one for one in KEY_COLUMNS if one in columns), None)
            if TABLE.fullmatch(name) and key is not None and "json" in columns:
                yield name, key


@contextmanager
def open_database(path: Path) -> Iterator[ContentDatabase]:
    """Open an unpacked database after SQLite has checked its structure. Raises ContentError, also while it is read."""
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro&immutable=1", uri=True)) as connection:
            connection.text_factory = bytes
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LARGEST_DEFINITION)
            for pragma in ("trusted_schema = OFF", "cell_size_check = ON", "query_only = ON"):
                connection.execute(f"PRAGMA {pragma}")
            (found,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
            if found != b"ok":
                raise ContentError("the database is damaged")
            yield ContentDatabase(connection)
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise ContentError(f"the database can't be read ({_words(error)})") from error


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _words(error: Exception) -> str:
    return " ".join(str(error).split())[:100] or type(error).__name__
