"""`manage.py rotate_keys` is killed, and runs twice at a time."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection

from accounts.models import User
from tests.accounts.test_key_rotation import NEW_KEY, readable, store, use_keys
from tests.battlenet import CHECKOUT
from tests.stack import database_url, wait_until

PEOPLE = 30


@pytest.fixture
def old_key(settings: Any) -> str:
    return str(settings.TOKEN_KEYS[0])


class Rotations:
    """Runs of `manage.py rotate_keys` in their own processes, on tokens that the earlier key encrypted."""

    def __init__(self, old_key: str) -> None:
        self._keys = {"CRYPTOGRAPHY_KEY": NEW_KEY, "CRYPTOGRAPHY_KEY_FALLBACKS": old_key}
        self.processes: list[subprocess.Popen[str]] = []

    def start(self) -> subprocess.Popen[str]:
        command = [sys.executable, "manage.py", "rotate_keys", "--batch", "5"]
        environment = os.environ | self._keys | {"DATABASE_URL": database_url()}
        process = subprocess.Popen(command, cwd=CHECKOUT, env=environment, stdout=subprocess.PIPE, text=True)
        self.processes.append(process)
        return process

    def rotated(self, process: subprocess.Popen[str]) -> int:
        """Wait for the end of a run, and return how many tokens it encrypted again."""
        output, _ = process.communicate(timeout=60)
        assert process.returncode == 0
        return int(output.split()[0])

    def waiting(self) -> int:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            return int(cursor.fetchone()[0])


@pytest.fixture
def rotations(old_key: str) -> Iterator[Rotations]:
    runs = Rotations(old_key)
    yield runs
    for process in runs.processes:
        process.kill()
        process.communicate()


@pytest.fixture
def tokens(transactional_db: None, people: Callable[[str], User]) -> dict[str, str | None]:
    """Thirty players with a token."""
    for number in range(PEOPLE):
        store(people(f"Player{number}"), f"EU{number}")
    return readable()


def locked_row(number: int) -> psycopg.Connection:
    """Lock a row like a sign-in that is about to replace it; closing the connection ends the lock."""
    own = psycopg.connect(database_url())
    row = "SELECT id FROM accounts_battlenettoken ORDER BY id OFFSET %s LIMIT 1"
    own.execute(f"SELECT FROM accounts_battlenettoken WHERE id = ({row}) FOR UPDATE", [number])
    return own


def test_a_killed_rotation_loses_nothing_and_the_next_one_does_the_rest(
    tokens: dict[str, str | None], rotations: Rotations, settings: Any, old_key: str
) -> None:
    with locked_row(12):
        killed = rotations.start()
        wait_until(rotations.waiting)
        killed.kill()
        killed.wait(10)
    use_keys(settings, NEW_KEY)
    done = [token for token in readable().values() if token]
    assert len(done) == 10, "two batches of five were committed"
    use_keys(settings, NEW_KEY, old_key)
    assert readable() == tokens
    assert rotations.rotated(rotations.start()) == 2 * (PEOPLE - len(done))
    use_keys(settings, NEW_KEY)
    assert readable() == tokens


def test_two_rotations_at_once_encrypt_each_token_once(
    tokens: dict[str, str | None], rotations: Rotations, settings: Any
) -> None:
    with locked_row(0):
        both = [rotations.start(), rotations.start()]
        wait_until(lambda: rotations.waiting() == 2)
    assert sum(map(rotations.rotated, both)) == 2 * PEOPLE
    use_keys(settings, NEW_KEY)
    assert readable() == tokens
