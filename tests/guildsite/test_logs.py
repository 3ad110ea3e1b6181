"""The log: short lines, one for each refused request, and bounded tracebacks."""

import logging
from typing import Any

import pytest
from django.test import Client

from guildsite.logs import ShortLines
from tests.generated.sender import written_log

pytestmark = pytest.mark.django_db


def written(name: str, message: str, *args: Any) -> str:
    record = logging.LogRecord(name, logging.WARNING, __file__, 1, message, args, None)
    return ShortLines("%(levelname)s %(name)s: %(message)s").format(record)


def test_a_refused_request_is_one_line(client: Client) -> None:
    with written_log() as log:
        client.get("/nowhere/?secret=hunter2")
    assert log.getvalue().endswith("WARNING django.request: 404 GET /nowhere/: Not Found\n")
    assert len(log.getvalue().splitlines()) == 1


def test_a_long_url_with_line_breaks_is_one_short_line(client: Client) -> None:
    with written_log() as log:
        client.get("/nowhere/%0a2026 ERROR invented/%1b[31m" + "%f0%9f%8c%b3" * 2000)
    (line,) = log.getvalue().splitlines()
    assert "\x1b" not in line
    assert len(line.encode()) < 500


def test_a_server_error_logs_a_bounded_traceback(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def raise_error(depth: int) -> int:
        if depth == 0:
            raise RuntimeError("x" * 5000)
        return raise_error(depth - 1) + 1

    def fail(*args: Any, **kwargs: Any) -> None:
        try:
            raise_error(30)
        except RuntimeError as error:
            raise ValueError("y" * 5000) from error

    monkeypatch.setattr("accounts.views.render", fail)
    client.raise_request_exception = False
    with written_log() as log:
        client.get("/?token=hunter2")
    lines = log.getvalue().splitlines()
    assert "500 GET /: Internal Server Error" in lines[0]
    assert lines[-1].startswith("ValueError: yyy")
    assert len(lines) <= 62
    assert max(len(line.encode()) for line in lines) <= 1000
    assert "hunter2" not in log.getvalue()


def test_gunicorns_lines_contain_no_query_string() -> None:
    line = written("gunicorn.error", "Invalid request from ip=127.0.0.1: 'GET /callback/?code=hunter2 HTTP/9.9'")
    assert line == "WARNING gunicorn.error: Invalid request from ip=127.0.0.1: 'GET /callback/?... HTTP/9.9'"


def test_unencodable_text_is_escaped() -> None:
    assert written("sync", "name %s", "\ud800") == "WARNING sync: name \\ud800"
