"""Every address of the admin, requested by every viewer, with rows of their guild and of another one."""

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

from guilds.models import Guild, Membership, OfficerNote, TimelineEvent, TodoItem
from guilds.rights import OFFICERS_RIGHTS
from permissions.models import Grant
from sync.models import BlizzardJob
from tests.access import addresses
from tests.access.changes import contents, contents_after
from tests.access.two_guilds import TwoGuilds
from tests.access.viewers import VIEWERS, Viewer

TABLE = Path(__file__).parents[2] / "docs" / "access-admin.md"
pytestmark = pytest.mark.django_db
MANAGE, RANKS, READ, WRITE = "guilds.manage_roster", "guilds.manage_ranks", "guilds.read_notes", "guilds.write_notes"
OFFICERS = [column for column in VIEWERS if column.is_officer]


@dataclass(frozen=True)
class Access:
    """Which rights a model's rows need, written by hand, and the action that the test tries on them."""

    # The name of the row in TwoGuilds.rows.
    row: str
    view: tuple[str, ...]
    delete: tuple[str, ...] | None = None
    # An action of the list, and the rights that it needs, all of them (None: site admins only).
    action: str = ""
    acts: tuple[str, ...] | None = None


GUILDS_ROWS: dict[type[Model], Access] = {
    Guild: Access("guild", OFFICERS_RIGHTS),
    TodoItem: Access("todo_item", (MANAGE,), action="remove_from_list", acts=(MANAGE,)),
    TimelineEvent: Access("event", (RANKS,)),
    Grant: Access("grant", (RANKS,), action="end", acts=(RANKS,)),
    OfficerNote: Access("note", (READ,), delete=(READ, WRITE), action="delete_selected", acts=(READ, WRITE)),
    BlizzardJob: Access("entry", ("guilds.refresh",), action="sync_again", acts=None),
}
# Of guilds, but for site admins: officers have the roster and the ranks page.
SITES_ROWS_OF_GUILDS = {Membership}
SITES_ROWS = [model for model in admin.site._registry if model not in GUILDS_ROWS]


def address(model: type[Model], page: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


@dataclass
class Line:
    """One address and method, with the statuses that each viewer should get and got."""

    title: str
    expected: list[int]
    observed: list[int] = field(default_factory=list)


def in_admin(who: Viewer, status: int) -> int:
    """Return `status` for officers of any guild and site admins: visitors must sign in, and everybody else gets 403."""
    if not who.is_signed_in:
        return 302
    return status if who.is_officer or who.is_officer_elsewhere or who.is_site_admin else 403


def lists(who: Viewer, access: Access) -> int:
    return in_admin(who, 200 if who.may(*access.view) or who.is_officer_elsewhere else 403)


def row(who: Viewer, access: Access, status: int, right: tuple[str, ...] | None, *, foreign: bool) -> int:
    """Return the status for a page about one row: 404 without the right to view it, 403 without the other right."""
    sees = who.may(*access.view) if not foreign else who.is_site_admin or who.is_officer_elsewhere
    if foreign and who.is_officer_elsewhere:
        may = right is not None
    else:
        may = right is not None and all(who.may(one) for one in right)
    return in_admin(who, (status if may else 403) if sees else 404)


def lines_of(
    two_guilds: TwoGuilds, model: type[Model], *, foreign: bool
) -> Iterator[tuple[Line, str, str, dict[str, Any]]]:
    """Return the addresses of one model: the line, the method, the address and the form data."""
    access = GUILDS_ROWS[model]
    guild = two_guilds.other if foreign else two_guilds.guild
    thing: Any = two_guilds.rows[guild][access.row]
    name = f"{model._meta.app_label}/{model._meta.model_name}/"

    def line(words: str, expected: list[int]) -> Line:
        return Line(f"{words.replace('NAME', name)}", expected)

    if not foreign:
        listed = address(model, "changelist")
        yield line("GET NAME", [lists(who, access) for who in VIEWERS]), "GET", listed, {}
        refused = [in_admin(who, 403) for who in VIEWERS]
        yield line("GET NAME add/", refused), "GET", address(model, "add"), {}
    for page in ("change", "history"):
        expected = [row(who, access, 200, (), foreign=foreign) for who in VIEWERS]
        yield line(f"GET NAME id/{page}/", expected), "GET", address(model, page, thing.pk), {}
    refused = [row(who, access, 302, None, foreign=foreign) for who in VIEWERS]
    yield line("POST NAME id/change/", refused), "POST", address(model, "change", thing.pk), {}
    for method, status in (("GET", 200), ("POST", 302)):
        expected = [row(who, access, status, access.delete, foreign=foreign) for who in VIEWERS]
        yield line(f"{method} NAME id/delete/", expected), method, address(model, "delete", thing.pk), {"post": "yes"}


def test_every_model_belongs_to_guilds_or_to_the_site() -> None:
    for model in set(SITES_ROWS) - SITES_ROWS_OF_GUILDS:
        keys = [one for one in model._meta.get_fields() if isinstance(one, ForeignKey)]
        # Memberships of Destiny have nothing to do with guilds.
        names = {one.name for one in keys if one.related_model._meta.app_label != "destiny"}
        assert names.isdisjoint({"guild", "character", "membership"}), (
            f"{model} belongs to a guild: add it to GUILDS_ROWS"
        )


def test_officers_can_do_in_the_admin_what_their_rights_allow_in_their_guild(two_guilds: TwoGuilds) -> None:
    lines, was = [], contents()
    for foreign in (False, True):
        for model in GUILDS_ROWS:
            for line, method, where, data in lines_of(two_guilds, model, foreign=foreign):
                line.title += " (another guild's row)" if foreign else ""
                line.observed = [_ask(two_guilds.browsers[who.title], method, where, data, who, was) for who in VIEWERS]
                lines.append(line)
    wrong = [
        f"{line.title}, {who.title}: expected {expected}, observed {observed}"
        for line in lines
        for who, expected, observed in zip(VIEWERS, line.expected, line.observed, strict=True)
        if expected != observed
    ]
    assert wrong == []
    text = "\n".join(document(lines)) + "\n"
    if os.environ.get("WRITE_TABLES"):
        TABLE.write_text(text)
    assert TABLE.read_text() == text, "docs/access-admin.md is outdated: run the test with WRITE_TABLES=1"


def _ask(browser: Client, method: str, where: str, data: Mapping[str, Any], who: Viewer, was: str) -> int:
    """Return the status, and assert that only what succeeds changes something. Everything is rolled back."""
    if method == "GET":
        return int(browser.get(where).status_code)
    with transaction.atomic():
        status, after = contents_after(lambda: int(browser.post(where, data).status_code), was)
        changed = after != was
        transaction.set_rollback(True)
    assert changed is (status == 302 and who.is_signed_in), f"{where} by {who.title}: {status}"
    return status


@pytest.mark.parametrize("who", OFFICERS, ids=lambda who: who.title)
def test_lists_searches_and_filters_show_no_other_guilds_rows_and_no_battletags(
    two_guilds: TwoGuilds, who: Viewer
) -> None:
    browser = two_guilds.browsers[who.title]
    foreign = {str(two_guilds.rows[two_guilds.other][access.row].pk) for access in GUILDS_ROWS.values()}
    for model, access in GUILDS_ROWS.items():
        if not who.may(*access.view):
            continue
        own = two_guilds.rows[two_guilds.guild][access.row].pk
        for query in ("", "?q=Stranger", "?q=Other", "?q=4711", "?_facets=True", f"?id__exact={own}"):
            text = browser.get(address(model, "changelist") + query).content.decode()
            assert not [one for one in foreign if one in text], f"{model} {query}"
            assert ">Other<" not in text
            assert "#4711" not in text
        detail = browser.get(address(model, "change", own)).content.decode()
        assert "#4711" not in detail
        assert "Holderother" not in detail


@pytest.mark.parametrize("who", OFFICERS, ids=lambda who: who.title)
def test_autocomplete_offers_no_other_guilds_rows_and_no_players(two_guilds: TwoGuilds, who: Viewer) -> None:
    browser, others = two_guilds.browsers[who.title], two_guilds.rows[two_guilds.other]
    foreign = {str(others[access.row].pk) for access in GUILDS_ROWS.values()}
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
def test_an_action_works_on_rows_of_the_own_guild_only(
    two_guilds: TwoGuilds, model: type[Model], select_all: str
) -> None:
    access = GUILDS_ROWS[model]
    own, foreign = two_guilds.rows[two_guilds.guild][access.row], two_guilds.rows[two_guilds.other][access.row]
    for who in VIEWERS:
        browser, before = two_guilds.browsers[who.title], _state(foreign)
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
    """Return the row's columns, or nothing if it is deleted."""
    return list(type(thing)._default_manager.filter(pk=thing.pk).values())


def test_the_sites_own_models_are_for_site_admins_only(two_guilds: TwoGuilds) -> None:
    for model in SITES_ROWS:
        some = model._default_manager.first()
        pages = [address(model, "changelist"), address(model, "add")]
        pages += [address(model, page, some.pk) for page in ("change", "history", "delete")] if some else []
        for page in pages:
            for who in VIEWERS:
                if who.title in ("not signed in", "outsider", "officer of another guild", "guild master"):
                    assert two_guilds.browsers[who.title].get(page).status_code == in_admin(who, 403), (
                        f"{page} {who.title}"
                    )
                    assert two_guilds.browsers[who.title].post(page).status_code == in_admin(who, 403), (
                        f"{page} {who.title}"
                    )
        assert two_guilds.browsers["site admin"].get(pages[0]).status_code == 200


def test_the_other_pages_of_the_admin(two_guilds: TwoGuilds) -> None:
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
    known |= {
        "status",
        "capacity",
        "sync_blizzardjob_retry_failed",
        "sync_bungiejob_retry_failed",
        "destiny_edition_fetch",
        "None",
    }
    models = {f"{model._meta.app_label}_{model._meta.model_name}" for model in admin.site._registry}
    pages = ("changelist", "add", "history", "delete", "change")
    known |= {f"{model}_{page}" for model in models for page in pages}
    assert set(addresses.admin_names()) == {f"admin:{name}" for name in known}
    for who in VIEWERS:
        browser = two_guilds.browsers[who.title]
        assert browser.get(reverse("admin:index")).status_code == in_admin(who, 200), who.title
        assert browser.get(reverse("admin:jsi18n")).status_code == in_admin(who, 200), who.title
        assert browser.get("/admin/nowhere/").status_code == in_admin(who, 404), who.title
        assert browser.get("/admin/guilds/").status_code == in_admin(who, 200), who.title
        assert browser.get(f"/admin/guilds/guild/{two_guilds.other.pk}/").status_code == in_admin(who, 302), who.title
        assert browser.get("/admin/r/1/1/").status_code == in_admin(who, 404), who.title
        for page in ("admin:status", "admin:capacity"):
            assert browser.get(reverse(page)).status_code == (200 if who.is_site_admin else in_admin(who, 403)), (
                who.title
            )
        again = browser.post(reverse("admin:sync_blizzardjob_retry_failed")).status_code
        assert again == (302 if who.is_site_admin else in_admin(who, 403)), who.title
        again = browser.post(reverse("admin:sync_bungiejob_retry_failed")).status_code
        assert again == (302 if who.is_site_admin else in_admin(who, 403)), who.title
        fetch = browser.post(reverse("admin:destiny_edition_fetch")).status_code
        assert fetch == (302 if who.is_site_admin else in_admin(who, 403)), who.title


def test_filters_on_hidden_columns_are_refused(two_guilds: TwoGuilds) -> None:
    """A list can't be filtered by columns of related models that it does not show."""
    for who in OFFICERS:
        for model, access in GUILDS_ROWS.items():
            if who.may(*access.view):
                for query in ("guild__officer_notes__text__startswith=S", "character__user__battletag__contains=4"):
                    answer = two_guilds.browsers[who.title].get(f"{address(model, 'changelist')}?{query}")
                    assert answer.status_code in (302, 400), f"{model} {query}"


def document(lines: list[Line]) -> Iterator[str]:
    """Return the table in Markdown."""
    yield "# Who can do what in the admin"
    yield ""
    yield from INTRODUCTION.splitlines()
    yield ""
    for number, column in enumerate(VIEWERS, 1):
        yield f"{number}. {column.title}"
    yield ""
    yield f"| | {' | '.join(str(number) for number in range(1, len(VIEWERS) + 1))} |"
    yield f"|---{'|--:' * len(VIEWERS)}|"
    for line in lines:
        yield f"| {line.title} | {' | '.join(str(one) for one in line.observed)} |"


INTRODUCTION = """\
Every address of the admin about rows of guilds, with the status that each viewer got when `tests/access` wrote this
table. The test fails when a status is not the expected one. Officers can open the admin for their own guild, and see
what their rights allow. A row that they can't see is 404, whether it belongs to another guild or needs another right.

Accounts, tokens, game data and schedules are for site admins only; the tests request all of those addresses, too. They
search and filter every list, ask every autocomplete, and send every action with ids of another guild's rows."""
