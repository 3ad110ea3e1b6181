"""Back up the database with pg_dump, from the snapshot in which its rows are counted."""

import hashlib
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import psycopg
from django.conf import settings
from django.db import DatabaseError, connection
from psycopg import IsolationLevel, sql

from operations.backup.archive import CHUNK, DUMP, FORMAT, Manifest, draft_of, write_manifest
from operations.backup.errors import BackupError
from operations.backup.programs import Program, client_environment, find_program, server_major

NAME = "guildsite-%Y%m%dT%H%M%SZ.zip"
PATTERN = "guildsite-*.zip"
# Milliseconds that pg_dump waits for a lock on a table, such as that of a migration.
LOCK_TIMEOUT = 60_000
LOCK = "SELECT pg_try_advisory_xact_lock(hashtext('guildsite.backup'))"
TABLES = """
SELECT nspname, relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE relkind = 'r' AND nspname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2
"""
MIGRATIONS = "SELECT app || '.' || name FROM django_migrations ORDER BY id"

Connection = psycopg.Connection[Any]


def back_up(folder: Path) -> Path:
    """Write a backup into the folder, which is created if it is missing, and return its path. Raises BackupError."""
    try:
        major = server_major()
        program = find_program("pg_dump", major)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _snapshot() as view:
            return _write(folder, view, program, major)
    except (DatabaseError, psycopg.Error) as error:
        raise BackupError(f"PostgreSQL did not finish the backup: {' '.join(str(error).split())}") from error
    except OSError as error:
        raise BackupError(f"The backup cannot be written: {error}") from error


def row_counts(view: Connection) -> dict[str, int]:
    """Return the number of rows of each table."""
    counts = {}
    for schema, table in view.execute(TABLES).fetchall():
        count = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(schema, table))
        counts[f"{schema}.{table}"] = _value(view, count)
    return counts


@contextmanager
def own_connection(**parameters: Any) -> Iterator[Connection]:
    """Open a connection to the site's database without the timeouts of the site's processes."""
    wanted = connection.get_connection_params() | {"autocommit": True} | parameters
    with psycopg.connect(**wanted) as own:
        own.execute("SELECT set_config('statement_timeout', '0', false)")
        yield own


@contextmanager
def _snapshot() -> Iterator[Connection]:
    """Open a transaction that sees one state of the database. Only one process at a time can have it."""
    with own_connection() as own:
        own.isolation_level, own.read_only = IsolationLevel.REPEATABLE_READ, True
        with own.transaction():
            own.execute("SELECT set_config('idle_in_transaction_session_timeout', '0', true)")
            if not _value(own, LOCK):
                raise BackupError("Another backup is running. Wait until it is done.")
            yield own


def _write(folder: Path, view: Connection, program: Program, major: int) -> Path:
    for left_over in folder.glob(f".{PATTERN}.part"):
        # Of a process that was killed: this one has the lock.
        left_over.unlink()
    now = datetime.now(UTC)
    migrations = [name for (name,) in view.execute(MIGRATIONS).fetchall()]
    rows = row_counts(view)
    path = folder / now.strftime(NAME)
    with draft_of(path) as file, zipfile.ZipFile(file, "w") as archive:
        with archive.open(DUMP, "w", force_zip64=True) as entry:
            sha256 = _dump(program, str(_value(view, "SELECT pg_export_snapshot()")), entry)
        write_manifest(
            archive,
            Manifest(
                format=FORMAT,
                created_at=now.isoformat(timespec="seconds"),
                version=settings.VERSION,
                postgresql=major,
                pg_dump=program.major,
                migrations=migrations,
                rows=rows,
                sha256=sha256,
            ),
        )
    return path


def _dump(program: Program, snapshot: str, target: IO[bytes]) -> str:
    """Copy pg_dump's output to the file; returns its SHA-256."""
    command = [str(program.path), "--format=custom", "--no-owner", "--no-privileges", "--no-password"]
    command += [f"--lock-wait-timeout={LOCK_TIMEOUT}", f"--snapshot={snapshot}"]
    digest = hashlib.sha256()
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(command, env=client_environment(), stdout=subprocess.PIPE, stderr=errors)
        try:
            while chunk := process.stdout.read(CHUNK):  # type: ignore[union-attr]
                digest.update(chunk)
                target.write(chunk)
        except BaseException:
            process.kill()
            raise
        finally:
            process.stdout.close()  # type: ignore[union-attr]
            process.wait()
        if process.returncode:
            errors.seek(0)
            raise BackupError(f"pg_dump failed: {' '.join(errors.read().decode(errors='replace').split())}")
    return digest.hexdigest()


def _value(view: Connection, query: "str | sql.Composed") -> Any:
    return view.execute(query).fetchone()[0]  # type: ignore[arg-type, index, unused-ignore]
