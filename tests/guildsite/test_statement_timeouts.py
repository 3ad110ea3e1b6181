"""The answer to a request whose statement takes too long."""

import io
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from tests.generated.sender import written_log
from tests.guildsite.test_policy import assert_protected
from tests.html import text_of


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
