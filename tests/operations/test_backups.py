"""Backups: what they contain, when they are refused, which are kept, and who is told."""

import hashlib
import json
import os
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from accounts.models import BattlenetToken, User
from accounts.services import store_token
from guilds.models import Guild
from operations.backup import programs
from operations.backup.dump import own_connection
from operations.backup.history import read_status
from operations.backup.resume import count_recent_requests, mark_everything_due
from sync.engine.rate_limiter import Lane
from sync.models import BlizzardJob
from sync.wow.provider import blizzard
from tests.battlenet import Sandbox
from tests.factories import character, make_job
from tests.stack import database_url, run_python

State = BlizzardJob.State


def backup(folder: Path) -> Path:
    out = StringIO()
    call_command("backup", "--to", str(folder), stdout=out)
    return Path(out.getvalue().strip())


def as_sql(dump: bytes) -> bytes:
    program = programs.find_program("pg_restore", programs.server_major()).path
    return subprocess.run([program, "--file=-"], input=dump, capture_output=True, check=True).stdout


@pytest.fixture
def alice(transactional_db: None, people: Callable[[str], User]) -> User:
    """A player with a token."""
    user = people("Alice")
    expires_at = timezone.now() + timedelta(hours=1)
    store_token(user=user, access_token="EUalice", refresh_token=None, expires_at=expires_at, scopes=["openid"])
    return user


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Put a script in place of pg_dump, the first on the PATH, that says it is of this version."""

    def put(version: int, script: str) -> Path:
        program = tmp_path / "bin" / "pg_dump"
        program.parent.mkdir()
        told = f"pg_dump (PostgreSQL) {version}.0"
        program.write_text(f'#!/bin/sh\nif [ "$1" = --version ]; then echo "{told}"; exit; fi\n{script}\n')
        program.chmod(0o755)
        monkeypatch.setenv("PATH", str(program.parent), prepend=os.pathsep)
        return program

    return put


StandIn = Callable[..., Path]


# --- the file ---------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("alice")
def test_a_backup_is_one_private_file_whose_manifest_is_true(tmp_path: Path) -> None:
    file = backup(tmp_path / "new folder")
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert list(file.parent.iterdir()) == [file]
    with zipfile.ZipFile(file) as archive:
        manifest, dump = json.loads(archive.read("manifest.json")), archive.read("database.dump")
    assert manifest["sha256"] == hashlib.sha256(dump).hexdigest()
    assert manifest["rows"]["public.accounts_user"] == 1
    assert manifest["rows"]["public.django_migrations"] == len(manifest["migrations"])
    assert {tuple(one.split(".", 1)) for one in manifest["migrations"]} == set(
        MigrationRecorder(connection).applied_migrations()
    )
    assert b"PGDMP" in dump[:5]
    sql = as_sql(dump)
    assert b"EUalice" not in sql
    assert b"EUalice".hex().encode() not in sql


def test_rows_written_during_a_backup_are_neither_counted_nor_dumped(
    alice: User, tmp_path: Path, stand_in: StandIn
) -> None:
    real = programs.find_program("pg_dump", programs.server_major())
    add = "INSERT INTO auth_group (name) VALUES ('written meanwhile')"
    stand_in(real.major, f'psql -qc "{add}" && exec {real.path} "$@"')
    with zipfile.ZipFile(backup(tmp_path)) as archive:
        rows = json.loads(archive.read("manifest.json"))["rows"]
        sql = as_sql(archive.read("database.dump"))
    assert Group.objects.get().name == "written meanwhile"
    assert rows["public.auth_group"] == 0
    assert b"written meanwhile" not in sql
    assert alice.battletag.encode() in sql


def test_only_one_backup_runs_at_a_time(alice: User, tmp_path: Path) -> None:
    with own_connection() as other, other.transaction():
        other.execute("SELECT pg_advisory_xact_lock(hashtext('guildsite.backup'))")
        with pytest.raises(CommandError, match="Another backup is running"):
            backup(tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert backup(tmp_path).exists()


def test_a_client_older_than_the_server_is_refused(
    alice: User, tmp_path: Path, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = stand_in(9, "exit 1")
    assert programs.find_program("pg_dump", 9).path == old
    assert backup(tmp_path).exists(), "a fitting one further back is used"
    monkeypatch.setenv("PATH", str(old.parent))
    monkeypatch.setattr(programs, "PACKAGED", ())
    major = programs.server_major()
    reason = f"PostgreSQL {major} needs pg_dump {major} or newer, and pg_dump 9 is too old"
    with pytest.raises(CommandError, match=reason):
        backup(tmp_path)
    assert f"install postgresql-client-{major}" in read_status().error


def test_the_password_is_on_no_command_line(
    alice: User, tmp_path: Path, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in(programs.server_major(), f'echo "$@" > {tmp_path}/arguments; env > {tmp_path}/environment')
    monkeypatch.setenv("SECRET_KEY", "not-for-other-programs")
    backup(tmp_path)
    environment = (tmp_path / "environment").read_text()
    password = connection.settings_dict["PASSWORD"]
    assert f"PGPASSWORD={password}\n" in environment
    assert password not in (tmp_path / "arguments").read_text()
    assert "not-for-other-programs" not in environment


def test_a_failed_backup_leaves_no_file_and_is_told(alice: User, tmp_path: Path, stand_in: StandIn) -> None:
    stand_in(programs.server_major(), "echo half; echo 'the disk is on fire' >&2; exit 1")
    with pytest.raises(CommandError, match="pg_dump failed: the disk is on fire"):
        backup(tmp_path / "backups")
    assert list((tmp_path / "backups").iterdir()) == []
    assert "the disk is on fire" in read_status().error


def test_what_a_killed_backup_left_is_deleted_by_the_next(alice: User, tmp_path: Path) -> None:
    (tmp_path / ".guildsite-20261121T033000Z.zip.part").write_text("half")
    file = backup(tmp_path)
    assert list(tmp_path.iterdir()) == [file]


def test_a_backup_before_the_first_migration_of_its_own_table_succeeds(alice: User, tmp_path: Path) -> None:
    """`manage.py backup` of a new version runs before its migrations."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE operations_backuprun RENAME TO not_yet")
        try:
            assert backup(tmp_path).exists()
        finally:
            cursor.execute("ALTER TABLE not_yet RENAME TO operations_backuprun")


# --- restore ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def empty_database(transactional_db: None) -> Iterator[str]:
    """The URL of a new database beside the one of the tests."""
    name = f"{connection.settings_dict['NAME']}_restore"
    with own_connection(dbname="postgres") as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}"')
        server.execute(f'CREATE DATABASE "{name}"')
        yield database_url().rpartition("/")[0] + f"/{name}"
        for database, *_ in server.execute("SELECT datname FROM pg_database").fetchall():
            if database.startswith(name):
                server.execute(f'DROP DATABASE "{database}"')


def rewritten(file: Path, **changes: Any) -> Path:
    """The backup with another manifest."""
    with zipfile.ZipFile(file) as archive:
        manifest, dump = json.loads(archive.read("manifest.json")), archive.read("database.dump")
    other = file.with_name("other.zip")
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("database.dump", dump)
        archive.writestr("manifest.json", json.dumps(manifest | changes))
    return other


def tables(url: str) -> int:
    with psycopg.connect(url) as own:
        return int(own.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()[0])  # type: ignore[index]


@contextmanager
def connected_to(url: str) -> Iterator[None]:
    """Let the site of this process use another database on the same server."""
    name = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = url.rpartition("/")[2]
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = name


def restore(*arguments: str) -> str:
    """Restore into the site's database, and return what the command says."""
    out = StringIO()
    call_command("restore", *arguments, stdout=out)
    return out.getvalue()


def test_a_backup_comes_back_into_an_empty_database_and_only_there(
    alice: User, tmp_path: Path, empty_database: str
) -> None:
    file = backup(tmp_path)
    with pytest.raises(CommandError, match="is not empty"):
        restore(str(file))
    restored = run_python("manage.py", "restore", str(file), DATABASE_URL=empty_database)
    assert restored.returncode == 0, restored.stderr
    assert "as many as the manifest says" in restored.stdout
    assert "jobs are due" in restored.stdout
    with psycopg.connect(empty_database) as own:
        ((battletag, token),) = own.execute(
            "SELECT battletag, access_token FROM accounts_user u JOIN accounts_battlenettoken t ON t.user_id = u.id"
        ).fetchall()
    assert battletag == alice.battletag
    assert token == BattlenetToken.objects.get().__dict__["access_token"], "still encrypted"

    # The same once more, for an installation whose database is there but wrong.
    with connected_to(empty_database):
        with psycopg.connect(empty_database) as own:
            own.execute("UPDATE accounts_user SET battletag = 'Mallory#1'")
            with pytest.raises(CommandError, match="1 connections use the database"):
                restore("--replace", str(file))
        said = restore("--replace", str(file))
    kept = said.rpartition("is kept as ")[2].split(".")[0]
    with psycopg.connect(empty_database) as own:
        assert own.execute("SELECT battletag FROM accounts_user").fetchall() == [(alice.battletag,)]
    with psycopg.connect(empty_database.rpartition("/")[0] + f"/{kept}") as own:
        assert own.execute("SELECT battletag FROM accounts_user").fetchall() == [("Mallory#1",)]


def test_what_cannot_be_restored_is_refused_and_nothing_is_written(
    alice: User, tmp_path: Path, empty_database: str
) -> None:
    file = backup(tmp_path)
    with zipfile.ZipFile(file) as archive:
        rows, migrations = (json.loads(archive.read("manifest.json"))[name] for name in ("rows", "migrations"))
    cut = tmp_path / "cut.zip"
    cut.write_bytes(file.read_bytes()[:-1000])

    def assert_refused(broken: Path, *reasons: str) -> None:
        with connected_to(empty_database), pytest.raises(CommandError) as refused:
            restore(str(broken))
        assert [reason for reason in reasons if reason not in str(refused.value)] == [], refused.value

    assert_refused(cut, "is not a complete backup")
    assert_refused(rewritten(file, sha256="0" * 64), "its SHA-256 is not the one of its manifest")
    newer = rewritten(file, migrations=[*migrations, "guilds.9999_later"])
    assert_refused(newer, "of a newer version of Guildsite", "guilds.9999_later. Update Guildsite first.")
    assert tables(empty_database) == 0
    incomplete = rewritten(file, rows=rows | {"public.accounts_user": 2})
    assert_refused(incomplete, "public.accounts_user 1 instead of 2")


@pytest.mark.django_db
def test_after_a_restore_everything_is_due_also_what_a_lost_worker_had_in_hand(guild: Guild) -> None:
    roster = make_job(guild, state=State.RUNNING)
    make_job(character("Ylva"), state=State.FAILED)
    make_job(character("Sigrun"))
    assert mark_everything_due() == 4
    due = BlizzardJob.objects.filter(state=State.DUE).values_list("kind", flat=True)
    assert sorted(due) == ["icons", "profile", "profile", "roster"], "the icons' job exists from its first schedule on"
    assert not BlizzardJob.objects.exclude(state=State.DUE).exists()
    roster.refresh_from_db()
    assert not roster.rerun_requested


def test_what_redis_has_counted_is_in_the_restored_request_log(sandbox: Sandbox) -> None:
    for _ in range(3):
        blizzard().rate_limiter(Lane.INTERACTIVE).acquire(5)
    with own_connection() as own:
        own.execute("DELETE FROM sync_requestlogentry")
    assert count_recent_requests()
    with own_connection() as own:
        assert own.execute("SELECT sum(requests) FROM sync_requestlogentry").fetchone() == (3,)
