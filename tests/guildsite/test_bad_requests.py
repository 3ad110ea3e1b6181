"""Requests that cannot be read or stored get a 400 page and one line in the log, never a 500."""

import io
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings as django_settings
from django.core.exceptions import ValidationError
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client

from guilds.edit_conflict import version_of
from guilds.models import Guild, OfficerNote
from guilds.settings.services import info_of
from guildsite.bad_requests import Handler
from tests.access.two_guilds import TwoGuilds
from tests.generated.sender import written_log
from tests.guildsite.test_policy import assert_protected
from tests.html import text_of

pytestmark = pytest.mark.django_db
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    with written_log() as text:
        yield text


def assert_refused(response: Any, log: io.StringIO, status: int = 400) -> str:
    """Assert that it is our page with all headers, and return the one line of the log."""
    assert response.status_code == status
    assert f'<p class="overline">{status}</p>' in response.content.decode()
    assert_protected(response)
    assert response.headers["Cache-Control"] == "private, no-store"
    (line,) = log.getvalue().splitlines()
    assert len(line.encode()) <= 1000
    assert f"{status} {response.wsgi_request.method} " in line
    return line


@pytest.mark.parametrize("charset", ["utf-16", "UTF-16LE", "utf-7", "latin-1", "unicode_escape", "rot13", "nonsense"])
def test_a_form_in_a_charset_other_than_utf_8(client: Client, log: io.StringIO, charset: str) -> None:
    response = client.generic("POST", "/accounts/logout/", b"a=1", f"{FORM}; charset={charset}")
    line = assert_refused(response, log)
    assert re.search(r"400 POST /accounts/logout/ \d+ ms: The charset of the content type is not UTF-8$", line)


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8"])
def test_a_form_with_an_explicit_utf_8(client: Client, charset: str) -> None:
    assert client.generic("POST", "/accounts/logout/", b"a=1", f"{FORM}; charset={charset}").status_code == 302


@pytest.mark.parametrize(
    "content_type", ["a/b; charset*=nowhere''x", "a/b; charset*=utf-8''a%00b", "a/b; x*=nowhere''y"]
)
def test_a_content_type_that_cannot_be_read(log: io.StringIO, content_type: str) -> None:
    assert status_of(Handler(), CONTENT_TYPE=content_type) == 400
    (line,) = log.getvalue().splitlines()
    assert re.search(r"400 GET / \d+ ms: The charset of the content type is not UTF-8$", line)


def status_of(site: WSGIHandler, **environ: Any) -> int:
    """Return the response that a WSGI server gets."""
    started: list[str] = []

    def start(status: str, *args: Any) -> Any:
        started.append(status)

    given = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "SERVER_NAME": "testserver", "SERVER_PORT": "80"}
    site({**given, "wsgi.input": io.BytesIO(), "wsgi.url_scheme": "http", **environ}, start)
    return int(started[0].split()[0])


@pytest.mark.parametrize(
    "address",
    [
        "/guilds/eu/%00/night-watch/",
        "/guilds/eu/tarren-mill/night-watch/roster/?q=a%00b",
        "/accounts/login/?%00=1",
        "/nowhere/%00",
        "/nowhere/%00/without/an/end",
    ],
)
def test_a_nul_in_an_address(client: Client, log: io.StringIO, address: str) -> None:
    assert_refused(client.get(address), log)


def test_a_nul_in_a_cookie(client: Client, log: io.StringIO) -> None:
    cookie = f'{django_settings.SESSION_COOKIE_NAME}="a\\000b"'
    assert_refused(client.get("/characters/", headers={"cookie": cookie}), log)


def test_a_nul_in_a_lookup_of_the_admin(two_guilds: TwoGuilds, log: io.StringIO) -> None:
    admin = two_guilds.browsers["site admin"]
    assert_refused(admin.get("/admin/guilds/guild/?id__exact=%00"), log)
    log.truncate(0)
    assert admin.get("/admin/guilds/guild/?id__exact=not-an-id").status_code == 302


@pytest.mark.parametrize("rows", ["guilds/officernote", "sync/blizzardjob", "django_celery_beat/periodictask"])
def test_an_admin_action_on_an_invalid_id(two_guilds: TwoGuilds, log: io.StringIO, rows: str) -> None:
    chosen = {"action": "delete_selected", "_selected_action": "no-id", "post": "yes", "select_across": "0"}
    assert_refused(two_guilds.browsers["site admin"].post(f"/admin/{rows}/", chosen), log)


def test_a_nul_in_a_form_saves_nothing(two_guilds: TwoGuilds, log: io.StringIO) -> None:
    member = two_guilds.rows[two_guilds.guild]["membership"]
    address = f"/guilds/eu/tarren-mill/night-watch/members/{member.character_id}/notes/"
    before = OfficerNote.objects.count()
    assert_refused(two_guilds.browsers["guild master"].post(address, {"text": "a\0b"}), log)
    assert OfficerNote.objects.count() == before


def test_a_lone_surrogate_in_a_query_string(client: Client, log: io.StringIO) -> None:
    """Charsets other than UTF-8 can encode one; in UTF-8 it becomes a replacement character."""
    address = "/accounts/login/?next="
    assert_refused(client.get(f"{address}%5Cud800", CONTENT_TYPE="text/plain; charset=unicode_escape"), log)
    assert client.get(f"{address}%ED%A0%80").status_code == 200


LABELS = pytest.mark.parametrize("label", ["\\u0000", "\\ud800"])


@LABELS
def test_json_that_cannot_be_stored_is_no_list_of_links(two_guilds: TwoGuilds, label: str) -> None:
    two_guilds.guild.links = json.loads(f'[{{"label": "{label}", "url": "https://guild.example"}}]')
    with pytest.raises(ValidationError, match="A list of up to 5"):
        two_guilds.guild.clean_fields()


@LABELS
def test_the_admin_takes_no_links(two_guilds: TwoGuilds, label: str) -> None:
    guild = two_guilds.guild
    form = {
        "description": "",
        "recruiting": "",
        "visibility": "MEMBERS",
        "links": f'[{{"label": "{label}", "url": "https://guild.example"}}]',
        "version": version_of(info_of(guild)),
    }
    response = two_guilds.browsers["site admin"].post(f"/admin/guilds/guild/{guild.pk}/change/", form)
    assert response.status_code == 403
    assert Guild.objects.get(pk=guild.pk).links == guild.links


# The bytes of what JSON writes as \u0000 and \ud800; Django reads the latter as replacement characters.
@pytest.mark.parametrize("field", ["label", "url"])
@pytest.mark.parametrize(("sent", "status"), [("%00", 400), ("%ED%A0%80", 200)])
def test_the_settings_page_takes_no_link_that_cannot_be_stored(
    two_guilds: TwoGuilds, field: str, sent: str, status: int
) -> None:
    guild, master = two_guilds.guild, two_guilds.browsers["guild master"]
    form = {"visibility": "MEMBERS", "version": version_of(info_of(guild))}
    link = {"label_0": "Look", "url_0": "https://guild.example/"}
    link[f"{field}_0"] += "HERE"
    response = master.post(
        "/guilds/eu/tarren-mill/night-watch/settings/", urlencode(form | link).replace("HERE", sent), FORM
    )
    assert response.status_code == status
    expected = "Bad request" if status == 400 else "Some characters could not be read. Enter them again."
    assert expected in text_of(response)
    assert Guild.objects.get(pk=guild.pk).links == guild.links


def test_a_body_that_is_too_large(client: Client, log: io.StringIO) -> None:
    body = b"a" * (django_settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
    assert_refused(client.generic("POST", "/accounts/logout/", body, FORM), log, 413)


def test_more_fields_than_any_form_has(client: Client, log: io.StringIO) -> None:
    body = "&".join(f"x{number}=1" for number in range(2000))
    assert_refused(client.generic("POST", "/accounts/logout/", body, FORM), log)
    log.truncate(0)
    log.seek(0)
    assert_refused(client.get(f"/accounts/login/?{body}"), log)


def test_a_truncated_body(client: Client, log: io.StringIO) -> None:
    class Broken(io.BytesIO):
        def read(self, *args: Any) -> bytes:
            raise OSError("connection reset")

    environ = {"REQUEST_METHOD": "POST", "PATH_INFO": "/accounts/logout/", "CONTENT_TYPE": FORM, "CONTENT_LENGTH": "9"}
    assert_refused(client.request(**environ, **{"wsgi.input": Broken()}), log)


def test_a_host_that_is_not_ours(client: Client, log: io.StringIO) -> None:
    assert_refused(client.get("/accounts/login/", headers={"host": "evil.example"}), log)


def test_query_strings_are_not_logged(client: Client, log: io.StringIO) -> None:
    client.get("/accounts/battlenet/login/callback/?code=hunter2&state=hunter2")
    client.get("/nowhere/?token=hunter2%00")
    assert log.getvalue()
    assert "hunter2" not in log.getvalue()
