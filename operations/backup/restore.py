"""Restore a backup into an empty database, and make sure that nothing is missing."""

import shutil
import subprocess
import tempfile
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import psycopg
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader

from operations.backup.archive import CHUNK, DUMP, Manifest, check_sha256, read_manifest
from operations.backup.dump import Connection, own_connection, row_counts
from operations.backup.errors import BackupError
from operations.backup.programs import client_environment, find_program, server_major

# What pg_restore writes at the beginning, and servers before the version do not know.
NEWER_SETTINGS = {b"SET transaction_timeout = 0;\n": 17}
PREAMBLE = 40  # lines
RELATIONS = """
SELECT count(*) FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE nspname NOT IN ('pg_catalog', 'information_schema') AND nspname NOT LIKE 'pg\\_%'
"""


def restore(file: Path, *, tell: Callable[[str], None]) -> None:
    """Restore the backup into the site's database, which must be empty, and migrate it. Raises BackupError."""
    manifest = read_manifest(file)
    _require_known_migrations(manifest)
    check_sha256(file, manifest)
    tell(f"{file.name}: of {manifest.created_at}, version {manifest.version}, checksum correct.")
    try:
        _require_empty_database()
        _load(file, manifest)
        _check_rows(manifest)
    except (DatabaseError, psycopg.Error) as error:
        raise BackupError(f"PostgreSQL did not finish: {' '.join(str(error).split())}") from error
    tell(f"{sum(manifest.rows.values()):,} rows in {len(manifest.rows)} tables, as many as the manifest says.")
    call_command("migrate", interactive=False, verbosity=0)
    tell("Migrations are up to date.")


@contextmanager
def replaced_database() -> Iterator[str]:
    """Let the site's database be a new one within the block, and yield the name that the present one then gets.

    They are exchanged when the block is done; if it fails, the new one is dropped and the present one stays. Raises
    BackupError if somebody is connected to the present one.
    """
    name = str(connection.settings_dict["NAME"])
    new, old = f"{name}_restored", f"{name}_until_{datetime.now(UTC):%Y%m%d_%H%M%S}"
    _disconnect()
    with own_connection(dbname="postgres") as server:
        _require_unused(server, name)
        _execute(server, "CREATE DATABASE {}", new)
        connection.settings_dict["NAME"] = new
        try:
            yield old
            _disconnect()
            _require_unused(server, name)
            _execute(server, "ALTER DATABASE {} RENAME TO {}", name, old)
        except BaseException:
            _disconnect()
            _execute(server, "DROP DATABASE {}", new)
            raise
        finally:
            connection.settings_dict["NAME"] = name
        _execute(server, "ALTER DATABASE {} RENAME TO {}", new, name)


def _require_known_migrations(manifest: Manifest) -> None:
    ours = MigrationLoader(None).disk_migrations
    known = {key for migration in ours.values() for key in migration.replaces} | set(ours)
    unknown = [name for name in manifest.migrations if tuple(name.split(".", 1)) not in known]
    if unknown:
        raise BackupError(
            f"The backup is of a newer version of Guildsite ({manifest.version}): this one does not know the "
            f"migrations {', '.join(unknown)}. Update Guildsite first."
        )


def _require_empty_database() -> None:
    with own_connection() as own:
        if _value(own, RELATIONS):
            name = connection.settings_dict["NAME"]
            raise BackupError(
                f"The database {name} is not empty. Restore into a new one (DATABASE_URL), or use --replace, which "
                "keeps the present one under another name."
            )


def _check_rows(manifest: Manifest) -> None:
    with own_connection() as own:
        rows = row_counts(own)
    wrong = [name for name in {*rows, *manifest.rows} if rows.get(name) != manifest.rows.get(name)]
    if wrong:
        told = ", ".join(f"{name} {rows.get(name)} instead of {manifest.rows.get(name)}" for name in sorted(wrong))
        raise BackupError(f"The restored database is not complete: {told}.")


# --- PostgreSQL's programs --------------------------------------------------------------------------------------------


def _load(file: Path, manifest: Manifest) -> None:
    """Let pg_restore write SQL and psql run it in one transaction: all or nothing."""
    major = server_major()
    newest = max(major, manifest.pg_dump)
    to_sql = [str(find_program("pg_restore", newest).path), "--file=-", "--no-owner", "--no-privileges"]
    run_sql = [
        str(find_program("psql", newest).path),
        "--no-psqlrc",
        "--quiet",
        "--no-password",
        "--single-transaction",
    ]
    run_sql += ["--set=ON_ERROR_STOP=1", "--output=/dev/null"]
    pipe = subprocess.PIPE
    with (
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(to_sql, stdin=pipe, stdout=pipe, stderr=errors) as reader,
        subprocess.Popen(run_sql, stdin=pipe, stderr=errors, env=client_environment()) as writer,
    ):
        feeder = threading.Thread(target=_feed, args=(file, reader.stdin))
        feeder.start()
        with suppress(BrokenPipeError), writer.stdin:  # type: ignore[union-attr]
            _copy_sql(reader.stdout, writer.stdin, major)  # type: ignore[arg-type]
        reader.stdout.close()  # type: ignore[union-attr]
        feeder.join()
        statuses = (reader.wait(), writer.wait())
        errors.seek(0)
        told = " ".join(errors.read().decode(errors="replace").split())
    if any(statuses):
        raise BackupError(f"The backup could not be restored, and the database is as it was: {told}")


def _feed(file: Path, target: IO[bytes]) -> None:
    with suppress(BrokenPipeError), zipfile.ZipFile(file) as archive, archive.open(DUMP) as dump, target:
        shutil.copyfileobj(dump, target, CHUNK)


def _copy_sql(source: IO[bytes], target: IO[bytes], major: int) -> None:
    for _ in range(PREAMBLE):
        line = source.readline()
        if NEWER_SETTINGS.get(line, 0) <= major:
            target.write(line)
    shutil.copyfileobj(source, target, CHUNK)


def _disconnect() -> None:
    connection.close()
    # Nothing without a connection pool.
    connection.close_pool()  # type: ignore[attr-defined, unused-ignore]


def _require_unused(server: Connection, name: str) -> None:
    # Background processes of PostgreSQL have no user.
    users = _value(server, "SELECT count(usesysid) FROM pg_stat_activity WHERE datname = %s", name)
    if users:
        raise BackupError(f"{users} connections use the database {name}. Stop the site first.")


def _execute(server: Connection, statement: str, *names: str) -> None:
    server.execute(psycopg.sql.SQL(statement).format(*map(psycopg.sql.Identifier, names)))  # type: ignore[arg-type, unused-ignore]


def _value(own: Connection, query: str, *values: object) -> int:
    return int(own.execute(query, values or None).fetchone()[0])  # type: ignore[arg-type, index, unused-ignore]
