"""Rules for templates and style sheets."""

import re
from pathlib import Path

import pytest
from django.template.loader import get_template
from django.test import Client, RequestFactory
from pytest_django.asserts import assertContains

from accounts import sign_in_errors
from guildsite.error_pages import bad_request, server_error

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted(str(file.relative_to(ROOT / "templates")) for file in (ROOT / "templates").rglob("*.html"))
STYLES = sorted((ROOT / "static" / "css").glob("*.css"))


@pytest.mark.parametrize("name", TEMPLATES)
def test_it_parses(name: str) -> None:
    get_template(name)


@pytest.mark.parametrize("name", TEMPLATES)
def test_it_has_no_inline_style_or_script(name: str) -> None:
    source = (ROOT / "templates" / name).read_text()
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=|hx-on|javascript:|<script(?! src=)", source)


@pytest.mark.parametrize("name", TEMPLATES)
def test_all_its_static_files_are_hashed(name: str) -> None:
    assert "/static/" not in (ROOT / "templates" / name).read_text()


@pytest.mark.parametrize("file", STYLES, ids=lambda file: file.name)
def test_style_sheets_stay_small(file: Path) -> None:
    assert len(file.read_text().splitlines()) < 400


@pytest.mark.parametrize("address", ["/", "/accounts/login/", "/accounts/battlenet/login/", "/no-such-page/"])
def test_pages_for_visitors_have_one_heading_and_a_skip_link(client: Client, db: None, address: str) -> None:
    page = client.get(address).content.decode()
    assert page.count("<h1") == 1
    assert '<html lang="en">' in page
    assert 'href="#content"' in page
    assert '<main id="content"' in page


def test_the_sign_in_pages_keep_the_next_url(client: Client, db: None) -> None:
    for address in ("/accounts/login/", "/accounts/battlenet/login/"):
        page = client.get(address, {"next": "/guilds/"})
        assertContains(page, '<input type="hidden" name="next" value="/guilds/">', html=True)
        assertContains(page, 'action="/accounts/battlenet/login/"')


@pytest.mark.parametrize("error", [sign_in_errors.DENIED, sign_in_errors.TOO_MANY])
def test_a_failed_sign_in_says_what_happened_and_what_to_do(
    rf: RequestFactory, db: None, error: sign_in_errors.SignInError
) -> None:
    page = sign_in_errors.error_page(rf.get("/"), error)
    about = error.about("Battle.net")
    for words in (about.title, about.what_happened, about.what_to_do):
        assertContains(page, str(words), status_code=error.status, html=False)
    assert (b'action="/accounts/battlenet/login/"' in page.content) is error.retry


def test_the_server_error_page_needs_no_context(rf: RequestFactory) -> None:
    page = server_error(rf.get("/"))
    assert b"Server error" in page.content


def test_a_bad_request_gets_an_error_page(rf: RequestFactory, db: None) -> None:
    page = bad_request(rf.get("/"), ValueError("broken"))
    assert b"Bad request" in page.content


LAYERS = ("accounts", "api", "characters", "guilds", "permissions", "sync", "operations")
# The sentences of the timeline about permissions, and the banner about an expiring link.
ALLOWED = {("guilds", "rights")}


@pytest.mark.parametrize("app", LAYERS)
def test_a_page_loads_no_tags_of_a_higher_layer(app: str) -> None:
    """import-linter doesn't read templates."""
    libraries = {file.stem: file.parts[-3] for file in ROOT.glob("*/templatetags/*.py")}
    for file in (ROOT / "templates" / app).rglob("*.html"):
        for library in " ".join(re.findall(r"{% load (.*?) %}", file.read_text())).split():
            owner = libraries.get(library, LAYERS[0])
            assert LAYERS.index(owner) <= LAYERS.index(app) or (app, library) in ALLOWED, (file.name, library)
