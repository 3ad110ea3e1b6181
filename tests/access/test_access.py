"""Every address and method, requested by every viewer. WRITE_TABLES=1 writes the table docs/access.md."""

import os
from collections.abc import Iterator, Mapping
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import get_resolver, reverse

from guilds.models import Guild
from tests.access import addresses
from tests.access.changes import contents, contents_after
from tests.access.expectations import Row
from tests.access.rows import DELETABLE, ROWS, arguments
from tests.access.two_guilds import TwoGuilds
from tests.access.viewers import VIEWERS

REDIRECT = 302
TABLE = Path(__file__).parents[2] / "docs" / "access.md"
INTRODUCTION = """\
Every address outside the admin, from the URL configuration, with the status that each viewer got when `tests/access`
wrote this table. The test fails when a status is not the expected one, and when an address has no row.

A visitor's 302 is a redirect to the sign-in page. Addresses of the API are requested with the viewer's session; a token
gets the same, or less if it includes less. Every POST is sent with valid data, and the test checks that a refused one
changes nothing. HEAD gets the same status as GET; PUT, PATCH, DELETE and OPTIONS get 405 everywhere,
but for DELETE of the API's wish list."""
CASES = [(name, row) for name, rows in ROWS.items() for row in rows]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_limits(settings: Any) -> None:
    settings.SIGN_IN_RATE = settings.API_RATE = "10000/m"


def test_every_address_has_a_row() -> None:
    assert sorted(ROWS) == sorted(addresses.names())
    for name, rows in ROWS.items():
        assert {"GET", "POST"} == {row.method for row in rows}, name


@pytest.mark.smoke
def test_everybody_gets_the_expected_status_and_the_table_is_up_to_date(two_guilds: TwoGuilds) -> None:
    states: dict[str, str] = {}
    seen = {(name, id(row)): observe(two_guilds, name, row, states) for name, row in CASES}
    assert contents() == states[repr({})], "a row was asked about what an earlier one had left"
    wrong = [
        f"{row.method} {name} ({row.note}), {column.title}: expected {row.expected(column)}, observed {got}"
        for name, row in CASES
        for column, got in zip(VIEWERS, seen[name, id(row)], strict=True)
        if got != row.expected(column)
    ]
    assert wrong == []
    text = "\n".join(document(seen)) + "\n"
    if os.environ.get("WRITE_TABLES"):
        TABLE.write_text(text)
    assert TABLE.read_text() == text, "docs/access.md is outdated: run the test with WRITE_TABLES=1"


def observe(two_guilds: TwoGuilds, name: str, row: Row, states: dict[str, str]) -> list[int]:
    """Return the status that each viewer gets, from the same data. Neither refusals nor GETs change anything.

    `states` are the contents of the database before each row, by what the row changes in the guild.
    """
    values = arguments(two_guilds.guild, two_guilds.rows[two_guilds.guild], owned=row.owned)
    address = reverse(name, kwargs=known_of(name, values))
    with transaction.atomic():
        Guild.objects.filter(pk=two_guilds.guild.pk).update(**row.guild)
        if (state := repr(row.guild)) not in states:
            states[state] = contents()
        before = states[state]
        got = [
            _ask(two_guilds.browsers[column.title], address, row, row.data(two_guilds), before) for column in VIEWERS
        ]
        transaction.set_rollback(True)
    for column, (_, after) in zip(VIEWERS, got, strict=True):
        if after is not None and (row.expected(column) != REDIRECT or not column.is_signed_in):
            assert after == before, f"{row.method} {address} by {column.title} changed something"
        elif after is not None and column.title == "guild master" and row.changes:
            assert after != before, f"{row.method} {address} by {column.title} changed nothing"
    return [status for status, _ in got]


def _ask(browser: Client, address: str, row: Row, data: Mapping[str, Any], before: str) -> tuple[int, str | None]:
    """Return the status and, after a POST, the content of the database, then roll back."""
    if row.method == "GET":
        status: int = browser.get(address).status_code
        return status, None
    cookies = SimpleCookie(browser.cookies.output(header="", sep=";"))
    with transaction.atomic():
        status, after = contents_after(lambda: int(browser.post(address, data).status_code), before)
        transaction.set_rollback(True)
    browser.cookies = cookies
    return status, after


@pytest.mark.parametrize("who", ["guild master", "outsider", "not signed in"])
def test_a_get_changes_nothing_and_a_head_gets_the_same_status(two_guilds: TwoGuilds, who: str) -> None:
    browser, before = two_guilds.browsers[who], contents()
    for name, rows in ROWS.items():
        address = reverse(name, kwargs=known_of(name, arguments(two_guilds.guild, two_guilds.rows[two_guilds.guild])))
        assert browser.get(address).status_code == browser.head(address).status_code, (rows, address)
    assert contents() == before


def test_other_methods_are_not_allowed(two_guilds: TwoGuilds) -> None:
    master = two_guilds.browsers["guild master"]
    before = contents()
    for name in ROWS:
        address = reverse(name, kwargs=known_of(name, arguments(two_guilds.guild, two_guilds.rows[two_guilds.guild])))
        for method in ("put", "patch", "delete", "options"):
            expected = 404 if method == "delete" and name in DELETABLE else 405
            assert getattr(master, method)(address).status_code == expected, f"{method} {address}"
    assert contents() == before


def test_ids_of_another_guild_are_not_found(two_guilds: TwoGuilds) -> None:
    """Users with every right combine their guild's address with an id of another guild."""
    mine = arguments(two_guilds.guild, two_guilds.rows[two_guilds.guild])
    theirs = arguments(two_guilds.other, two_guilds.rows[two_guilds.other])
    before = contents()
    for name, row in CASES:
        known = known_of(name, mine)
        foreign = {key: theirs[key] for key in known if key.endswith("_id")}
        if not foreign or row.guild:
            continue
        address = reverse(name, kwargs={**known, **foreign})
        for who in ("guild master", "site admin"):
            browser = two_guilds.browsers[who]
            answer = browser.get(address) if row.method == "GET" else browser.post(address, row.data(two_guilds))
            is_redirect = row.method == "GET" and answer.status_code == 302
            assert answer.status_code in (404, 405) or is_redirect, (
                f"{row.method} {address} for {who}: {answer.status_code}"
            )
    assert contents() == before


def known_of(name: str, values: dict[str, Any]) -> dict[str, Any]:
    """Return the values that are parameters of the address."""
    for part in reversed(name.split(":")):
        found = _parameters(part, name)
        return {key: value for key, value in values.items() if key in found}
    raise AssertionError(name)


def _parameters(part: str, name: str) -> set[str]:
    resolver = get_resolver()
    if ":" in name:
        resolver = resolver.namespace_dict[name.split(":")[0]][1]
    return {key for possibility in resolver.reverse_dict.getlist(part) for _, keys in possibility[0] for key in keys}


def document(seen: dict[tuple[str, int], list[int]]) -> Iterator[str]:
    """Return the table in Markdown: a row for each address and method, a column for each viewer."""
    yield "# Who can do what"
    yield ""
    yield from INTRODUCTION.splitlines()
    yield ""
    for number, column in enumerate(VIEWERS, 1):
        yield f"{number}. {column.title}"
    yield ""
    yield f"| | {' | '.join(str(number) for number in range(1, len(VIEWERS) + 1))} |"
    yield f"|---{'|--:' * len(VIEWERS)}|"
    for name, row in CASES:
        note = f" ({row.note})" if row.note else ""
        yield f"| {row.method} `{_route(name)}`{note} | {' | '.join(str(one) for one in seen[name, id(row)])} |"


def _route(name: str) -> str:
    names = (
        "character",
        "note",
        "view",
        "former",
        "flag",
        "set",
        "grant",
        "session",
        "export",
        "rule",
        "leave",
        "item",
        "loadout",
        "plan",
        "guardian",
    )
    values = {f"{key}_id": f"<{key}>" for key in names} | {"address": "<region>/<realm>/<slug>"}
    values |= {name: f"<{name}>" for name in ("token", "table", "key", "region", "realm", "guild", "number", "vendor")}
    values["item"] = "<item>"
    values["token_id"] = "<token>"
    known = known_of(name, values)
    resolver = get_resolver()
    if ":" in name:
        prefix, resolver = resolver.namespace_dict[name.split(":")[0]]
    else:
        prefix = ""
    pattern: str = resolver.reverse_dict.getlist(name.split(":")[-1])[0][0][0][0]
    return f"/{prefix}{pattern % known}"
