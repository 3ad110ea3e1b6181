"""A content file as large as the real one, for benchmarks: `python -m sandbox.bungie.huge FILE --megabytes 200`."""

import argparse
import sqlite3
import zipfile
from pathlib import Path

from sandbox.bungie.content import Edition
from sandbox.bungie.content_files import create_table, signed
from sandbox.bungie.world.definitions import ITEM, hash_of, table_name
from sandbox.bungie.world.text import encode


def write_huge(path: Path, seed: int, megabytes: int, language: str = "en") -> Path:
    """Write a SQLite file of about this size below the path's name and an archive of it at the path.

    It has the tables of a normal edition, and copies of its items under other hashes until it is large enough.
    """
    database = path.with_suffix(".sqlite")
    database.unlink(missing_ok=True)
    definitions, tables = Edition(seed, 0).definitions, Edition(seed, 0).tables
    connection = sqlite3.connect(database)
    try:
        connection.execute("PRAGMA journal_mode = OFF")
        for table in tables:
            name = table_name(table)
            create_table(connection, name)
            rows = (
                (signed(number), encode(row, language)) for number, row in definitions.tables.get(table, {}).items()
            )
            connection.executemany(f"INSERT INTO {name} VALUES (?, ?)", rows)  # noqa: S608 (our own names)
        _copy_items(connection, megabytes * 1_000_000)
        connection.commit()
    finally:
        connection.close()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.write(database, path.name)
    return path


def _copy_items(connection: sqlite3.Connection, size: int) -> None:
    """Insert copies of items, whose hash is the only difference, until the file has the size."""
    name = table_name(ITEM)
    originals = connection.execute(f"SELECT id, json FROM {name}").fetchall()  # noqa: S608 (our own name)
    page, copy = connection.execute("PRAGMA page_size").fetchone()[0], 0
    while page * connection.execute("PRAGMA page_count").fetchone()[0] < size:
        copy += 1
        rows = []
        for number, text in originals:
            old, new = number & 0xFFFFFFFF, hash_of("copy", copy, number)
            rows.append((signed(new), text.replace(f'"hash":{old},', f'"hash":{new},')))
        connection.executemany(f"INSERT OR IGNORE INTO {name} VALUES (?, ?)", rows)  # noqa: S608 (our own name)


def main() -> None:
    """Write a file and tell how large it is."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.bungie.huge", description=__doc__)
    parser.add_argument("file", type=Path, help="the archive to write; the SQLite file is written beside it")
    parser.add_argument("--megabytes", type=int, default=200, help="size of the SQLite file (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the world (%(default)s)")
    options = parser.parse_args()
    path = write_huge(options.file, options.seed, options.megabytes)
    print(f"{path}: {path.stat().st_size:,} bytes, {path.with_suffix('.sqlite').stat().st_size:,} unzipped")


if __name__ == "__main__":
    main()
