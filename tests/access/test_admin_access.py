"""Every address of the admin, for everybody, with rows of the own guild and with those of another."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin
from django.db import transaction
from django.db.models import ForeignKey, Model
from django.test import Client
from django.urls import reverse

from characters.models import Character
from guilds.edit_conflict import version_of
from guilds.models import Guild, Membership, OfficerNote, PlannedChange, TimelineEvent
from guilds.rights import OFFICERS_RIGHTS
from guilds.settings.services import info_of
from permissions.models import FLAG_OF, Grant, PermissionSet, Rank
from permissions.services import state_of
from sync.models import BlizzardJob
from tests.access import addresses
from tests.access.people import COLUMNS, House, Somebody, build_house, kept, kept_after
from tests.battlenet import Sandbox

TABLE = Path(__file__).parents[2] / "docs" / "access-admin.md"
pytestmark = pytest.mark.django_db
MANAGE, RANKS, READ, WRITE = "guilds.manage_roster", "guilds.manage_ranks", "guilds.read_notes", "guilds.write_notes"
OFFICERS = [column for column in COLUMNS if column.is_officer]


@dataclass(frozen=True)
class Access:
    """What a guild's rows of one kind are open to, said by hand; and what somebody would do to them."""

    # The row's name among the things of the house.
    thing: str
    view: tuple[str, ...]
    change: str | None = None
    delete: tuple[str, ...] | None = None
    # An action of the list, and the rights that it takes together; None: site admins only.
    action: str = ""
    acts: tuple[str, ...] | None = None
    # Site admins may look at the question whether to delete, but rows that hang on it forbid it.
    site_may_ask_to_delete: bool = False


GUILDS_ROWS: dict[type[Model], Access] = {
    Guild: Access("guild", OFFICERS_RIGHTS, change="guilds.edit_info", site_may_ask_to_delete=True),
    Membership: Access("membership", (MANAGE,)),
    Character: Access("character", (MANAGE,)),
    PlannedChange: Access("planned", (MANAGE,), action="take_off", acts=(MANAGE,)),
    TimelineEvent: Access("event", (RANKS,)),
    PermissionSet: Access("set", (RANKS,), change=RANKS),
    Rank: Access("rank", (RANKS,), change=RANKS),
    Grant: Access("grant", (RANKS,), action="end", acts=(RANKS,)),
    OfficerNote: Access("note", (READ,), delete=(READ, WRITE), action="delete_selected", acts=(READ, WRITE)),
    BlizzardJob: Access("entry", ("guilds.refresh",), action="sync_again", acts=None),
}
SITES_ROWS = [model for model in admin.site._registry if model not in GUILDS_ROWS]


@pytest.fixture
def house(sandbox: Sandbox) -> House:
    return build_house()


def address(model: type[Model], page: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def typed(house: House, model: type[Model], row: Any) -> dict[str, Any]:
    """A change that somebody with the right could make."""
    if model is Guild:
        return {
            "description": "N",
            "recruiting": "",
            "links": "[]",
            "visibility": "MEMBERS",
            "version": version_of(info_of(row)),
        }
    if model is Rank:
        return {"rank_name": "New", "permission_set": row.permission_set_id, "seen": state_of(row.guild)}
    if model is PermissionSet:
        flags = {flag: "on" for right, flag in FLAG_OF.items() if right == RANKS}
        return {"name": "Renamed", **flags, "seen": state_of(row.guild)}
    return {}


@dataclass
class Line:
    """One address and method, and what everybody got."""

    words: str
    expected: list[int]
    observed: list[int] = field(default_factory=list)


def door(who: Somebody, status: int) -> int:
    """Visitors are sent to the sign-in; whoever is no officer anywhere is refused at the door."""
    if not who.is_signed_in:
        return 302
    return status if who.is_officer or who.is_officer_elsewhere or who.is_site_admin else 403


def lists(who: Somebody, access: Access) -> int:
    return door(who, 200 if who.may(*access.view) or who.is_officer_elsewhere else 403)


def row(who: Somebody, access: Access, status: int, right: tuple[str, ...] | None, *, foreign: bool) -> int:
    """A row that one may not see is not there; what one may not do with a row that one sees is refused."""
    sees = who.may(*access.view) if not foreign else who.is_site_admin or who.is_officer_elsewhere
    if foreign and who.is_officer_elsewhere:
        may = right is not None
    else:
        may = right is not None and all(who.may(one) for one in right)
    return door(who, (status if may else 403) if sees else 404)


def lines_of(house: House, model: type[Model], *, foreign: bool) -> Iterator[tuple[Line, str, str, dict[str, Any]]]:
    """The addresses of one kind of row: the line, the method, the address, what is sent."""
    access = GUILDS_ROWS[model]
    guild = house.other if foreign else house.guild
    thing: Any = house.things[guild][access.thing]
    name = f"{model._meta.app_label}/{model._meta.model_name}/"
    change = None if access.change is None else (access.change,)

    def line(words: str, expected: list[int]) -> Line:
        return Line(f"{words.replace('NAME', name)}", expected)

    if not foreign:
        listed = address(model, "changelist")
        yield line("GET NAME", [lists(who, access) for who in COLUMNS]), "GET", listed, {}
        refused = [door(who, 403) for who in COLUMNS]
        yield line("GET NAME add/", refused), "GET", address(model, "add"), {}
    for page in ("change", "history"):
        expected = [row(who, access, 200, (), foreign=foreign) for who in COLUMNS]
        yield line(f"GET NAME id/{page}/", expected), "GET", address(model, page, thing.pk), {}
    expected = [row(who, access, 302, change, foreign=foreign) for who in COLUMNS]
    where = address(model, "change", thing.pk)
    yield line("POST NAME id/change/", expected), "POST", where, typed(house, model, thing)
    for method, status in (("GET", 200), ("POST", 302)):
        expected = [_deletes(who, access, status, foreign=foreign) for who in COLUMNS]
        yield line(f"{method} NAME id/delete/", expected), method, address(model, "delete", thing.pk), {"post": "yes"}


def _deletes(who: Somebody, access: Access, status: int, *, foreign: bool) -> int:
    if who.is_site_admin and access.site_may_ask_to_delete:
        return 200
    return row(who, access, status, access.delete, foreign=foreign)


def test_every_kind_of_row_is_either_a_guilds_or_the_sites() -> None:
    for model in SITES_ROWS:
        names = {one.name for one in model._meta.get_fields() if isinstance(one, ForeignKey)}
        assert names.isdisjoint({"guild", "character", "membership"}), f"{model} belongs to a guild: give it a line"


def test_officers_see_their_guilds_rows_as_far_as_their_rights_go(house: House) -> None:
    lines, was = [], kept()
    for foreign in (False, True):
        for model in GUILDS_ROWS:
            for line, method, where, data in lines_of(house, model, foreign=foreign):
                line.words += " (another guild's row)" if foreign else ""
                line.observed = [_ask(house.browsers[who.title], method, where, data, who, was) for who in COLUMNS]
                lines.append(line)
    wrong = [
        f"{line.words}, {who.title}: expected {expected}, observed {observed}"
        for line in lines
        for who, expected, observed in zip(COLUMNS, line.expected, line.observed, strict=True)
        if expected != observed
    ]
    assert wrong == []
    text = "\n".join(document(lines)) + "\n"
    if os.environ.get("WRITE_TABLES"):
        TABLE.write_text(text)
    assert TABLE.read_text() == text, "docs/access-admin.md is old: run the test with WRITE_TABLES=1"


def _ask(browser: Client, method: str, where: str, data: Mapping[str, Any], who: Somebody, was: str) -> int:
    """The answer's status. Nothing of it stays, and what is refused has changed nothing."""
    if method == "GET":
        return int(browser.get(where).status_code)
    with transaction.atomic():
        status, after = kept_after(lambda: int(browser.post(where, data).status_code), was)
        changed = after != was
        transaction.set_rollback(True)
    assert changed is (status == 302 and who.is_signed_in), f"{where} by {who.title}: {status}"
    return status


@pytest.mark.parametrize("who", OFFICERS, ids=lambda who: who.title)
def test_no_list_search_or_filter_shows_another_guilds_row_or_a_battletag(house: House, who: Somebody) -> None:
    browser = house.browsers[who.title]
    foreign = {str(house.things[house.other][access.thing].pk) for access in GUILDS_ROWS.values()}
    for model, access in GUILDS_ROWS.items():
        if not who.may(*access.view):
            continue
        own = house.things[house.guild][access.thing].pk
        for query in ("", "?q=Stranger", "?q=Other", "?q=4711", "?_facets=True", f"?id__exact={own}"):
            text = browser.get(address(model, "changelist") + query).content.decode()
            assert not [one for one in foreign if one in text], f"{model} {query}"
            assert ">Other<" not in text
            assert "#4711" not in text
        detail = browser.get(address(model, "change", own)).content.decode()
        assert "#4711" not in detail
        assert "Holderother" not in detail


@pytest.mark.parametrize("who", OFFICERS, ids=lambda who: who.title)
def test_no_autocomplete_offers_another_guilds_row_or_a_person(house: House, who: Somebody) -> None:
    browser, others = house.browsers[who.title], house.things[house.other]
    foreign = {str(others[access.thing].pk) for access in GUILDS_ROWS.values()}
    asked = 0
    for model in admin.site._registry:
        for key in model._meta.get_fields():
            if isinstance(key, ForeignKey):
                names = {"app_label": model._meta.app_label, "model_name": str(model._meta.model_name)}
                query = {**names, "field_name": key.name, "term": ""}
                answer = browser.get(reverse("admin:autocomplete"), query)
                assert answer.status_code in (200, 403, 404)
                found = {one["id"] for one in answer.json()["results"]} if answer.status_code == 200 else set()
                assert found.isdisjoint(foreign), f"{model} {key.name}"
                assert key.related_model not in SITES_ROWS or not found, f"{model} {key.name}"
                asked += bool(found)
    assert asked


@pytest.mark.parametrize("model", [model for model, access in GUILDS_ROWS.items() if access.action])
@pytest.mark.parametrize("select_all", ["0", "1"])
def test_an_action_reaches_the_own_guilds_rows_and_no_others(house: House, model: type[Model], select_all: str) -> None:
    access = GUILDS_ROWS[model]
    own, foreign = house.things[house.guild][access.thing], house.things[house.other][access.thing]
    for who in COLUMNS:
        browser, before = house.browsers[who.title], _state(foreign)
        data = {"_selected_action": [own.pk, foreign.pk], "select_across": select_all, "post": "yes"}
        with transaction.atomic():
            was = _state(own)
            status = browser.post(address(model, "changelist"), {**data, "action": access.action}).status_code
            done, reached = _state(own) != was, _state(foreign) != before
            transaction.set_rollback(True)
        may = access.acts is not None and all(who.may(one) for one in access.acts)
        may_elsewhere = access.acts is not None and who.is_officer_elsewhere
        assert done is (who.is_site_admin or may), f"{who.title}: {status}"
        assert reached is (who.is_site_admin or may_elsewhere), f"{who.title}: {status}"


def _state(thing: Model) -> Any:
    """The row as the database has it; nothing when it is gone."""
    return list(type(thing)._default_manager.filter(pk=thing.pk).values())


def test_what_belongs_to_the_site_is_for_site_admins_only(house: House) -> None:
    for model in SITES_ROWS:
        some = model._default_manager.first()
        pages = [address(model, "changelist"), address(model, "add")]
        pages += [address(model, page, some.pk) for page in ("change", "history", "delete")] if some else []
        for page in pages:
            for who in COLUMNS:
                if who.title in ("not signed in", "outsider", "officer of another guild", "guild master"):
                    assert house.browsers[who.title].get(page).status_code == door(who, 403), f"{page} {who.title}"
                    assert house.browsers[who.title].post(page).status_code == door(who, 403), f"{page} {who.title}"
        assert house.browsers["site admin"].get(pages[0]).status_code == 200


def test_the_rest_of_the_admin(house: House) -> None:
    known = {
        "index",
        "login",
        "logout",
        "autocomplete",
        "jsi18n",
        "password_change",
        "password_change_done",
        "app_list",
    }
    known |= {"status", "plan", "sync_blizzardjob_retry_failed", "None"}
    models = {f"{model._meta.app_label}_{model._meta.model_name}" for model in admin.site._registry}
    pages = ("changelist", "add", "history", "delete", "change")
    known |= {f"{model}_{page}" for model in models for page in pages}
    assert set(addresses.admin_names()) == {f"admin:{name}" for name in known}
    for who in COLUMNS:
        browser = house.browsers[who.title]
        assert browser.get(reverse("admin:index")).status_code == door(who, 200), who.title
        assert browser.get(reverse("admin:jsi18n")).status_code == door(who, 200), who.title
        assert browser.get("/admin/nowhere/").status_code == door(who, 404), who.title
        assert browser.get("/admin/guilds/").status_code == door(who, 200), who.title
        assert browser.get(f"/admin/guilds/guild/{house.other.pk}/").status_code == door(who, 302), who.title
        assert browser.get("/admin/r/1/1/").status_code == door(who, 404), who.title
        for page in ("admin:status", "admin:plan"):
            assert browser.get(reverse(page)).status_code == (200 if who.is_site_admin else door(who, 403)), who.title
        again = browser.post(reverse("admin:sync_blizzardjob_retry_failed")).status_code
        assert again == (302 if who.is_site_admin else door(who, 403)), who.title


def test_a_guessed_filter_does_not_read_what_the_list_hides(house: House) -> None:
    """Django filters by any column that a list names, and by nothing behind it."""
    for who in OFFICERS:
        for model, access in GUILDS_ROWS.items():
            if who.may(*access.view):
                for query in ("guild__officer_notes__text__startswith=S", "character__user__battletag__contains=4"):
                    answer = house.browsers[who.title].get(f"{address(model, 'changelist')}?{query}")
                    assert answer.status_code in (302, 400), f"{model} {query}"


def document(lines: list[Line]) -> Iterator[str]:
    """The table in Markdown."""
    yield "# Who may do what in the admin"
    yield ""
    yield from INTRODUCTION.splitlines()
    yield ""
    for number, column in enumerate(COLUMNS, 1):
        yield f"{number}. {column.title}"
    yield ""
    yield f"| | {' | '.join(str(number) for number in range(1, len(COLUMNS) + 1))} |"
    yield f"|---{'|--:' * len(COLUMNS)}|"
    for line in lines:
        yield f"| {line.words} | {' | '.join(str(one) for one in line.observed)} |"


INTRODUCTION = """\
Every address of the admin that holds rows of guilds, with the answer that everybody got when `tests/access` wrote this
table; the test fails where an answer is not the expected one. Officers come in for their own guild, and see of it what
their rights allow. A row that one may not see is not there (404), whether it is another guild's or needs another right.

Accounts, tokens, game data and schedules are for site admins only: the same test asks for all of those addresses too.
It searches and filters every list, asks every autocomplete, and sends every action with ids of another guild's rows."""
