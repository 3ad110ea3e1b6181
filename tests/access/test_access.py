"""Every address and method, for everybody: expected against observed. The table is written to docs/access.md."""

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
from tests.access.people import COLUMNS, House, build_house, kept, kept_after
from tests.access.rows import ROWS, Row, arguments
from tests.battlenet import Sandbox

DONE = 302
TABLE = Path(__file__).parents[2] / "docs" / "access.md"
INTRODUCTION = """\
Every address outside the admin, as the URL configuration has it, with the answer that everybody got when `tests/access`
wrote this table. The test fails where an answer is not the expected one, and where an address has no line.

302 to a visitor leads to the sign-in. Every POST is sent with data that is good for somebody with the right, and the
test sees that a refusal changes nothing. HEAD answers as GET; PUT, PATCH, DELETE and OPTIONS are 405 everywhere."""
LINES = [(name, row) for name, rows in ROWS.items() for row in rows]
pytestmark = pytest.mark.django_db


@pytest.fixture
def house(sandbox: Sandbox, settings: Any) -> House:
    settings.SIGN_IN_RATE = "10000/m"
    return build_house()


def test_every_address_has_its_line() -> None:
    assert sorted(ROWS) == sorted(addresses.names())
    for name, rows in ROWS.items():
        assert {"GET", "POST"} == {row.method for row in rows}, name


def test_everybody_gets_what_is_expected_and_the_table_says_so(house: House) -> None:
    seen = {(name, id(row)): observe(house, name, row) for name, row in LINES}
    wrong = [
        f"{row.method} {name} ({row.note}), {column.title}: expected {row.expected(column)}, observed {got}"
        for name, row in LINES
        for column, got in zip(COLUMNS, seen[name, id(row)], strict=True)
        if got != row.expected(column)
    ]
    assert wrong == []
    text = "\n".join(document(seen)) + "\n"
    if os.environ.get("WRITE_TABLES"):
        TABLE.write_text(text)
    assert TABLE.read_text() == text, "docs/access.md is old: run the test with WRITE_TABLES=1"


def observe(house: House, name: str, row: Row) -> list[int]:
    """What each column gets, each from the same state. A refusal changes nothing, nor does looking."""
    values = arguments(house.guild, house.things[house.guild], owned=row.owned)
    address = reverse(name, kwargs=known_of(name, values))
    with transaction.atomic():
        Guild.objects.filter(pk=house.guild.pk).update(**row.guild)
        before = kept()
        got = [_ask(house.browsers[column.title], address, row, row.data(house), before) for column in COLUMNS]
        transaction.set_rollback(True)
    for column, (_, after) in zip(COLUMNS, got, strict=True):
        if after is not None and (row.expected(column) != DONE or not column.is_signed_in):
            assert after == before, f"{row.method} {address} by {column.title} changed something"
        elif after is not None and column.title == "guild master" and row.changes:
            assert after != before, f"{row.method} {address} by {column.title} changed nothing"
    return [status for status, _ in got]


def _ask(browser: Client, address: str, row: Row, data: Mapping[str, Any], before: str) -> tuple[int, str | None]:
    """The answer's status and, after a POST, what there is then. Nothing of it stays."""
    if row.method == "GET":
        status: int = browser.get(address).status_code
        return status, None
    cookies = SimpleCookie(browser.cookies.output(header="", sep=";"))
    with transaction.atomic():
        status, after = kept_after(lambda: int(browser.post(address, data).status_code), before)
        transaction.set_rollback(True)
    browser.cookies = cookies
    return status, after


@pytest.mark.parametrize("who", ["guild master", "outsider", "not signed in"])
def test_looking_changes_nothing_and_a_head_is_answered_as_a_get(house: House, who: str) -> None:
    browser, before = house.browsers[who], kept()
    for name, rows in ROWS.items():
        address = reverse(name, kwargs=known_of(name, arguments(house.guild, house.things[house.guild])))
        assert browser.get(address).status_code == browser.head(address).status_code, (rows, address)
    assert kept() == before


def test_no_other_method_does_anything(house: House) -> None:
    master = house.browsers["guild master"]
    before = kept()
    for name in ROWS:
        address = reverse(name, kwargs=known_of(name, arguments(house.guild, house.things[house.guild])))
        for method in ("put", "patch", "delete", "options"):
            assert getattr(master, method)(address).status_code == 405, f"{method} {address}"
    assert kept() == before


def test_ids_of_another_guild_lead_nowhere(house: House) -> None:
    """The guild's own address, with something of another guild in it: for somebody with every right, in earnest."""
    mine = arguments(house.guild, house.things[house.guild])
    theirs = arguments(house.other, house.things[house.other])
    before = kept()
    for name, row in LINES:
        known = known_of(name, mine)
        foreign = {key: theirs[key] for key in known if key.endswith("_id")}
        if not foreign or row.guild:
            continue
        address = reverse(name, kwargs={**known, **foreign})
        for who in ("guild master", "site admin"):
            browser = house.browsers[who]
            answer = browser.get(address) if row.method == "GET" else browser.post(address, row.data(house))
            leads_back = row.method == "GET" and answer.status_code == 302
            assert answer.status_code in (404, 405) or leads_back, (
                f"{row.method} {address} for {who}: {answer.status_code}"
            )
    assert kept() == before


def known_of(name: str, values: dict[str, Any]) -> dict[str, Any]:
    """Those of the values that the address has a place for."""
    for part in reversed(name.split(":")):
        found = _places(part, name)
        return {key: value for key, value in values.items() if key in found}
    raise AssertionError(name)


def _places(part: str, name: str) -> set[str]:
    resolver = get_resolver()
    if ":" in name:
        resolver = resolver.namespace_dict[name.split(":")[0]][1]
    return {key for possibility in resolver.reverse_dict.getlist(part) for _, keys in possibility[0] for key in keys}


def document(seen: dict[tuple[str, int], list[int]]) -> Iterator[str]:
    """The table in Markdown: a line for each address and method, a column for each kind of person."""
    yield "# Who may do what"
    yield ""
    yield from INTRODUCTION.splitlines()
    yield ""
    for number, column in enumerate(COLUMNS, 1):
        yield f"{number}. {column.title}"
    yield ""
    yield f"| | {' | '.join(str(number) for number in range(1, len(COLUMNS) + 1))} |"
    yield f"|---{'|--:' * len(COLUMNS)}|"
    for name, row in LINES:
        note = f" ({row.note})" if row.note else ""
        yield f"| {row.method} `{_route(name)}`{note} | {' | '.join(str(one) for one in seen[name, id(row)])} |"


def _route(name: str) -> str:
    names = ("character_id", "note_id", "set_id", "grant_id", "session_id", "export_id")
    values = {key: f"<{key.removesuffix('_id')}>" for key in names} | {"address": "<region>/<realm>/<slug>"}
    known = known_of(name, values)
    resolver = get_resolver()
    if ":" in name:
        prefix, resolver = resolver.namespace_dict[name.split(":")[0]]
    else:
        prefix = ""
    pattern: str = resolver.reverse_dict.getlist(name.split(":")[-1])[0][0][0][0]
    return f"/{prefix}{pattern % known}"
