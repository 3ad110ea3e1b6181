"""Statement timeouts of web and Celery processes."""

import io
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from tests.generated.sender import written_log
from tests.guildsite.test_environment import start
from tests.guildsite.test_policy import assert_protected
from tests.html import text_of

SHOW = """
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("SHOW statement_timeout")
    print(cursor.fetchone()[0])
"""
WEB = "import guildsite.wsgi"
WORKER = "from guildsite import celery_app; from celery.signals import worker_init; worker_init.send(sender=None)"
BEAT = "from guildsite import celery_app; from celery.signals import beat_init; beat_init.send(sender=None)"
COMMAND = "import django; django.setup()"


@pytest.mark.parametrize(
    ("process", "environment", "limit"),
    [
        (WEB, {}, "5s"),
        (WEB, {"DB_STATEMENT_TIMEOUT_WEB": "7"}, "7s"),
        (f"{COMMAND}; {WORKER}", {}, "1min"),
        (f"{COMMAND}; {BEAT}", {"DB_STATEMENT_TIMEOUT_WORKER": "90"}, "90s"),
        (COMMAND, {}, "0"),
        (WEB, {"DB_TRANSACTION_POOLING": "true"}, "0"),
    ],
    ids=[
        *("web", "web, as the settings say", "worker", "beat, as the settings say", "management command"),
        "web whose connections others use, too",
    ],
)
def test_each_kind_of_process_has_its_timeout(process: str, environment: dict[str, str], limit: str) -> None:
    ended = start("-c", f"{process}\n{SHOW}", **environment)
    assert ended.stdout.strip() == limit, ended.stderr


@pytest.mark.django_db
def test_a_timeout_is_a_503(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(*args: Any, **kwargs: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(30)")

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 20")
    monkeypatch.setattr("accounts.views.render", slow)
    with written_log() as log:
        response = client.get("/?token=hunter2")
    assert response.status_code == 503
    assert "This took too long" in text_of(response)
    assert_protected(response)
    assert_one_line(log)


def assert_one_line(log: io.StringIO) -> None:
    (line,) = log.getvalue().splitlines()
    assert re.search(r"503 GET / \d+ ms: Statement timeout$", line)
