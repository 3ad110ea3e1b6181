"""The machine is lost: a backup brings everything back, and the sync goes on from there."""

import hashlib
from pathlib import Path

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection

from operations.backup.dump import TABLES
from sync.models import BlizzardJob
from tests.drills.conftest import Install
from tests.drills.installation import Installation
from tests.drills.servers import DrillServers, connection_settings

# What the restore itself writes: all jobs become due, and requests that only Redis knew are noted.
CHANGED_BY_RESTORE = {"sync_blizzardjob", "sync_bungiejob", "sync_requestlogentry"}


def test_backup_wipe_restore_and_the_sync_goes_on(
    install: Install, drill_servers: DrillServers, tmp_path_factory: pytest.TempPathFactory
) -> None:
    site = install()
    site.wait_until(lambda: site.requests > 200)
    during_work = backup(tmp_path_factory.mktemp("during"))
    site.stop()
    before = digests()
    at_rest = backup(tmp_path_factory.mktemp("at-rest"))

    for number, file in enumerate((during_work, at_rest)):
        wiped = drill_servers.empty(f"restored_{number}")
        use_database(site, wiped)
        call_command("restore", str(file))
    assert different(before, digests()) <= CHANGED_BY_RESTORE
    rosters = BlizzardJob.objects.filter(kind="roster")
    assert {job.state for job in rosters} == {BlizzardJob.State.DUE}

    site.start("interactive", "worker", "beat")
    site.wait_until(site.is_done)
    site.assert_matches_battlenet()
    site.assert_within_limits()


def backup(folder: Path) -> Path:
    call_command("backup", "--to", str(folder))
    (file,) = folder.iterdir()
    print(f"{file.stat().st_size:,} bytes")
    return file


def digests() -> dict[str, str]:
    """Return a hash of all rows of each table."""
    with psycopg.connect(**connection.get_connection_params()) as own:
        tables = [table for _, table in own.execute(TABLES).fetchall()]
        found = {}
        for table in tables:
            rows = own.execute(f'SELECT t::text FROM "{table}" t ORDER BY 1').fetchall()
            found[table] = hashlib.sha256(repr(rows).encode()).hexdigest()
    return found


def different(before: dict[str, str], after: dict[str, str]) -> set[str]:
    return {table for table in {*before, *after} if before.get(table) != after.get(table)}


def use_database(site: Installation, url: str) -> None:
    """Let the processes of the site that start from now on, and this one, use another database."""
    connection.close()
    connection.settings_dict.update(connection_settings(url))
    site.use({"DATABASE_URL": url})
