"""The log: short lines, one for each refused request, and bounded tracebacks."""

import json
import logging
import re
from typing import Any

import pytest
from django.test import Client

from guilds.models import Guild, Visibility
from guildsite.logs import JsonLines, ShortLines
from guildsite.request_ids import working_for
from tests.generated.sender import written_log

SECRET = "Kq3-tYw8_VbN2mXz7LrP0cHs5DfG9jAeUoI4TnE1WxQ"
pytestmark = pytest.mark.django_db


def written(name: str, message: str, *args: Any) -> str:
    record = logging.LogRecord(name, logging.WARNING, __file__, 1, message, args, None)
    return ShortLines("%(levelname)s %(name)s: %(message)s").format(record)


def test_a_refused_request_is_one_line(client: Client) -> None:
    with written_log() as log:
        client.get("/nowhere/?secret=hunter2")
    assert re.search(r"WARNING django.request: 404 GET /nowhere/ \d+ ms: Not Found\n$", log.getvalue())
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
    assert re.search(r"500 GET / \d+ ms: Internal Server Error", lines[0])
    assert lines[-1].startswith("ValueError: yyy")
    assert len(lines) <= 62
    assert max(len(line.encode()) for line in lines) <= 1000
    assert "hunter2" not in log.getvalue()


def test_gunicorns_lines_contain_no_query_string() -> None:
    line = written("gunicorn.error", "Invalid request from ip=127.0.0.1: 'GET /callback/?code=hunter2 HTTP/9.9'")
    assert line == "WARNING gunicorn.error: Invalid request from ip=127.0.0.1: 'GET /callback/?... HTTP/9.9'"


def test_unencodable_text_is_escaped() -> None:
    assert written("sync", "name %s", "\ud800") == "WARNING sync: name \\ud800"


def test_a_page_is_one_line_that_names_its_route_and_no_guild(client: Client, guild: Guild) -> None:
    Guild.objects.update(visibility=Visibility.EVERYBODY)
    with written_log() as log:
        assert client.get(f"{guild.get_absolute_url()}?q=hunter2").status_code == 200
    (line,) = log.getvalue().splitlines()
    assert re.search(r"INFO django.request: 200 GET /guilds/<\S+/ \d+ ms: OK$", line)
    assert "night-watch" not in line


@pytest.mark.parametrize("path", ["/healthz", "/static/css/base.css"])
def test_probes_and_static_files_are_not_logged(client: Client, path: str) -> None:
    with written_log() as log:
        client.get(path).close()
    assert log.getvalue() == ""


def test_the_id_of_a_request_is_in_its_line_and_its_response(client: Client) -> None:
    with written_log() as log:
        response = client.get("/", headers={"X-Request-ID": "from-the-proxy.1"})
        own = client.get("/").headers["X-Request-ID"]
    assert response.headers["X-Request-ID"] == "from-the-proxy.1"
    assert [line.split()[2] for line in log.getvalue().splitlines()] == ["from-the-proxy.1", own]
    assert re.fullmatch("[0-9a-f]{32}", own)


@pytest.mark.parametrize("given", ["short", "x" * 65, "id with spaces", "id\x1b[31mred", "<script>alert(1)</script>"])
def test_an_id_that_is_not_well_formed_is_replaced(client: Client, given: str) -> None:
    assert re.fullmatch("[0-9a-f]{32}", client.get("/", headers={"X-Request-ID": given}).headers["X-Request-ID"])


def as_json(record: logging.LogRecord) -> dict[str, Any]:
    (line,) = JsonLines().format(record).splitlines()
    document: dict[str, Any] = json.loads(line)
    return document


def test_json_lines_have_fields_for_programs(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO"):
        client.get("/nowhere/")
    with working_for("12345678"):
        document = as_json(caplog.records[-1])
    assert document["request_id"] == "12345678"
    assert (document["level"], document["status"], document["logger"]) == ("WARNING", 404, "django.request")
    assert re.fullmatch(r"404 GET /nowhere/ \d+ ms: Not Found", document["message"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", document["time"])


def test_an_exception_is_in_the_same_json_line() -> None:
    try:
        raise ValueError("y" * 5000)
    except ValueError as error:
        record = logging.LogRecord("sync", logging.ERROR, __file__, 1, "It failed", (), (ValueError, error, None))
    document = as_json(record)
    assert document["exception"].startswith("ValueError: yyy")
    assert len(document["exception"]) <= 1000


@pytest.mark.parametrize(
    "path",
    [
        f"/guilds/feeds/{SECRET}",
        f"/guilds/feeds/{SECRET}/?q=%00",
        f"/api/v1/exports/gse_{SECRET}/roster.csv?q=%00",
        f"/api/v1/exports/gse_{SECRET}/nothing.csv",
        f"/api/v1/exports/gse_{SECRET}",
        f"/gsp_{SECRET}/",
    ],
)
def test_no_line_contains_the_token_of_a_private_address(client: Client, path: str) -> None:
    """Also where no route is known, so that the line has the path itself."""
    with written_log() as log:
        client.get(path)
        client.post(path, headers={"authorization": f"Bearer gsp_{SECRET}"})
    assert len(log.getvalue().splitlines()) == 2
    assert SECRET not in log.getvalue()
    line = written("gunicorn.error", f"Invalid request from ip=127.0.0.1: 'GET {path} HTTP/9.9'")
    assert SECRET not in line


@pytest.mark.parametrize("formatter", [ShortLines("%(message)s"), JsonLines()])
def test_what_a_library_quotes_is_redacted(formatter: logging.Formatter, settings: Any) -> None:
    text = (
        f"key {settings.SECRET_KEY}, Authorization: Bearer EUabcdefgh12345\n"
        "DETAIL:  Failing row contains (7, Only for officers: plays badly)."
    )
    line = formatter.format(logging.LogRecord("sync", logging.ERROR, __file__, 1, "%s", (text,), None))
    assert [one for one in (settings.SECRET_KEY, "EUabcdefgh12345", "plays badly") if one in line] == []
    assert "DETAIL: ..." in line
