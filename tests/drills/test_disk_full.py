"""Drill: the disk of PostgreSQL and Redis is full, and somebody frees space."""

import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

from tests.drills.conftest import installation_on
from tests.drills.servers import DrillServers

SIZE = "220m"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, which takes root to mount."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=700", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("A file system cannot be mounted here: it takes root.")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


def fill(disk: Path) -> Path:
    """Leave no space, and return the file that takes it."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    return filler


def is_not_ready_for_the_database(answer: tuple[int, Any]) -> bool:
    """Return whether this answer of /readyz is a 503 that names a problem of the database."""
    status, said = answer
    return status == 503 and any(one.startswith("database: ") for one in said["problems"])


def test_readyz_tells_of_a_full_disk_and_work_goes_on_when_there_is_space(
    small_disk: Path, django_db_blocker: DjangoDbBlocker, settings: Any, tmp_path: Path
) -> None:
    servers, logs = DrillServers(small_disk), tmp_path / "logs"
    logs.mkdir()
    try:
        servers.start()
        with installation_on(servers, django_db_blocker, settings, logs) as site:
            site.start_web()
            site.wait_until(lambda: site.requests >= 200 and site.readyz()[0] == 200)
            filler = fill(small_disk)
            # PostgreSQL frees a few megabytes now and then, in which the next probe would succeed.
            site.wait_until(lambda: is_not_ready_for_the_database(site.readyz()))
            filler.unlink()
            # A PostgreSQL that cannot write its log ends; whoever supervises it starts it again.
            servers.start_again()
            site.wait_until(site.is_done)
            site.wait_until(lambda: site.readyz()[0] == 200)
            site.assert_alive()
            site.assert_matches_battlenet()
            connection.close()
    finally:
        servers.stop()
