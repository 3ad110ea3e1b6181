"""Officers can filter the admin's lists by what their filters offer, and by nothing else."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.exceptions import DisallowedModelAdminLookup, DisallowedModelAdminToField
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import ForeignKey, Model
from django.http import HttpRequest, QueryDict
from django.test import Client
from django.urls import reverse

from accounts.models import User
from characters.models import Character
from guilds.models import Guild, OfficerNote, TimelineEvent, TodoItem
from guildsite.admin.officers import OfficersAdmin
from permissions.models import Grant
from sync.models import BlizzardJob
from tests.access.test_admin_access import GUILDS_ROWS, SITES_ROWS, address
from tests.access.two_guilds import TwoGuilds
from tests.html import text_of

pytestmark = pytest.mark.django_db
# The lookups that the filters of each list offer, written by hand.
DECLARED: dict[str, set[str]] = {
    "guild": {
        *("region__exact", "faction__exact", "visibility__exact"),
        *("region__isnull", "faction__isnull", "visibility__isnull", "deleted_at__isempty"),
    },
    "todoitem": {"state__exact", "state__isnull", "kind__exact", "kind__isnull"},
    "timelineevent": {
        *("kind__exact", "kind__isnull"),
        *("happened_at__year", "happened_at__month", "happened_at__day"),
    },
    "grant": {"expires_at__gte", "expires_at__lt"},
    "officernote": {"created_at__gte", "created_at__lt"},
    "blizzardjob": {
        *("kind__exact", "kind__isnull", "state__exact", "state__isnull", "error_kind", "error_kind__isnull"),
        *("http_status", "http_status__isnull"),
        *("attempted_at__year", "attempted_at__month", "attempted_at__day"),
    },
}
OF_GUILD = {"guild__id__exact", "guild__isnull"}
WITHOUT_GUILD = {"guild", "blizzardjob"}
LOOKUPS = ("", "__exact", "__gt", "__startswith")


@pytest.fixture
def master(two_guilds: TwoGuilds) -> Client:
    return two_guilds.browsers["guild master"]


def lookups(model: type[Model]) -> Iterator[str]:
    """Return lookups on all columns and relations of a model, in both directions, and on those of related models."""
    for one in model._meta.get_fields(include_hidden=True):
        names = (one.name, one.attname) if isinstance(one, ForeignKey) else (one.name,)
        yield from (f"{name}{lookup}" for name in names for lookup in LOOKUPS)
        if one.is_relation and isinstance(one.related_model, type):
            yield from (f"{one.name}__{behind.name}" for behind in one.related_model._meta.get_fields())


def declared(model: type[Model]) -> set[str]:
    name = str(model._meta.model_name)
    return DECLARED[name] | (set() if name in WITHOUT_GUILD else OF_GUILD)


def forbidden(model: type[Model]) -> list[str]:
    # Django adds these two for `date_hierarchy`.
    hierarchy = admin.site._registry[model].date_hierarchy
    offered = declared(model) | {f"{hierarchy}__gte", f"{hierarchy}__lt"}
    return sorted({*lookups(model), *(f"{one}__isnull" for one in lookups(model))} - offered)


def is_refused(browser: Client, model: type[Model], query: dict[str, Any]) -> bool:
    response = browser.get(address(model, "changelist"), query)
    return response.status_code == 400 or response.headers.get("Location", "").endswith("?e=1")


def answers(model: type[Model], request: HttpRequest, lookup: str) -> bool:
    """Return whether the list accepts the lookup. Rendering a page for each of them would take minutes."""
    request.GET = QueryDict(f"{lookup}=1")
    try:
        admin.site._registry[model].get_changelist_instance(request)
    except (DisallowedModelAdminLookup, IncorrectLookupParameters):
        return False
    return True


def test_every_list_of_guilds_rows_is_limited() -> None:
    for model, model_admin in admin.site._registry.items():
        assert isinstance(model_admin, OfficersAdmin) is (model in GUILDS_ROWS)
        assert (model in SITES_ROWS) is (model not in GUILDS_ROWS)
    assert {str(model._meta.model_name) for model in GUILDS_ROWS} == set(DECLARED)


@pytest.mark.parametrize("model", GUILDS_ROWS, ids=lambda model: model._meta.model_name)
def test_lookups_that_no_filter_offers_are_refused(master: Client, model: type[Model]) -> None:
    asked = forbidden(model)
    assert len(asked) > 100
    request = master.get(address(model, "changelist")).wsgi_request
    assert [lookup for lookup in asked if answers(model, request, lookup)] == []
    assert all(is_refused(master, model, {lookup: "1"}) for lookup in asked[::50])


@pytest.mark.parametrize("model", GUILDS_ROWS, ids=lambda model: model._meta.model_name)
def test_lookups_that_a_filter_offers_work(two_guilds: TwoGuilds, master: Client, model: type[Model]) -> None:
    for lookup in declared(model):
        name, _, kind = lookup.rpartition("__")
        query = {lookup: "1"}
        if kind in ("gte", "lt"):
            query = {lookup: "2026-01-01 00:00:00+00:00"}
        elif kind in ("year", "month", "day"):
            query = {f"{name}__{part}": "2026" if part == "year" else "1" for part in ("year", "month", "day")}
        elif name == "guild__id":
            query = {lookup: str(two_guilds.guild.pk)}
        assert master.get(address(model, "changelist"), query).status_code == 200, query


def test_a_wow_account_id_cannot_be_guessed_digit_by_digit(two_guilds: TwoGuilds, master: Client) -> None:
    """The number of lines of a filtered list would tell whether a guess is right."""
    Character.objects.filter(name="Stranger").update(wow_account_id=4_711_000)
    for lookup in ("wow_account_id", "wow_account_id__gt", "wow_account_id__startswith", "mounts_hash__startswith"):
        for model in (BlizzardJob, TodoItem, TimelineEvent):
            assert is_refused(master, model, {f"character__{lookup}": "4711000"})
    assert master.get(address(Character, "changelist"), {"wow_account_id": "4711000"}).status_code == 403
    assert is_refused(master, Guild, {"officer_notes__text__startswith": "S"})
    assert is_refused(master, Guild, {"officer_notes__isnull": "0"})
    assert is_refused(master, TodoItem, {"character__officer_notes__isnull": "0"})


def test_filters_do_not_find_rows_of_another_guild(two_guilds: TwoGuilds, master: Client) -> None:
    for model in GUILDS_ROWS:
        if declared(model) >= OF_GUILD:
            page = master.get(address(model, "changelist"), {"guild__id__exact": str(two_guilds.other.pk)})
            assert page.status_code == 200
            assert {row.guild for row in page.context["cl"].result_list} <= {two_guilds.guild}, model


@pytest.mark.parametrize("who", ["guild master", "site admin"])
def test_nobody_can_filter_by_a_regular_expression(two_guilds: TwoGuilds, who: str) -> None:
    models = [*GUILDS_ROWS, *(SITES_ROWS if who == "site admin" else [])]
    for model in models:
        for lookup in ("pk__regex", "pk__iregex", "created_at__date__regex"):
            response = two_guilds.browsers[who].get(address(model, "changelist"), {lookup: "(a+)+$"})
            assert response.status_code == 400, f"{model} {lookup}"


def test_search_words_are_taken_literally(two_guilds: TwoGuilds, master: Client) -> None:
    """Search words are no patterns, neither for LIKE nor for regular expressions."""
    for words, count in (("Strang", 1), ("Str_nger", 0), ("%", 0), ("St.*r", 0), ("^Stranger$", 0)):
        page = master.get(address(OfficerNote, "changelist"), {"q": words})
        assert page.context["cl"].result_count == count, words
    for words, count in (("Night", 1), ("N_ght", 0), ("%", 0), ("N.*t", 0)):
        place = {"app_label": "guilds", "model_name": "todoitem", "field_name": "guild", "term": words}
        found = master.get(reverse("admin:autocomplete"), place)
        assert len(found.json()["results"]) == count, words


def test_officers_cannot_sort_players_by_battletag(two_guilds: TwoGuilds, master: Client) -> None:
    asked = 0
    for model in GUILDS_ROWS:
        columns = master.get(address(model, "changelist")).context["cl"].list_display
        people = {one.name for one in model._meta.fields if one.related_model is User}.intersection(columns)
        for column in people:
            page = master.get(address(model, "changelist"), {"o": columns.index(column)})
            assert page.status_code == 200
            assert column not in page.context["cl"].queryset.query.order_by, f"{model} {column}"
            asked += 1
    assert asked > 5
    staff = two_guilds.browsers["site admin"].get(address(Grant, "changelist"))
    by_player = staff.context["cl"].list_display.index("user")
    staff = two_guilds.browsers["site admin"].get(address(Grant, "changelist"), {"o": by_player})
    assert "user" in staff.context["cl"].queryset.query.order_by


def test_a_popup_reveals_no_column_but_the_id(two_guilds: TwoGuilds, master: Client) -> None:
    """`_to_field` names the column whose value a popup returns to the form that opened it."""
    for model in GUILDS_ROWS:
        request = master.get(address(model, "changelist")).wsgi_request
        for one in model._meta.concrete_fields:
            request.GET = QueryDict(f"_popup=1&_to_field={one.name}")
            if one.primary_key:
                assert admin.site._registry[model].get_changelist_instance(request).to_field == one.name
            else:
                with pytest.raises(DisallowedModelAdminToField):
                    admin.site._registry[model].get_changelist_instance(request)


def test_an_officer_sees_no_hidden_column_on_a_jobs_page(two_guilds: TwoGuilds, master: Client) -> None:
    """A site admin sees who waits for a job; an officer does not, and can't open the character itself."""
    job = two_guilds.rows[two_guilds.guild]["entry"]
    job.awaited_by.add(User.objects.create_user(4_712, "Waiting#4712"))
    page = master.get(address(BlizzardJob, "change", job.pk))
    assert page.status_code == 200
    assert "Awaited by" not in text_of(page)
    assert "Awaited by" in text_of(two_guilds.browsers["site admin"].get(address(BlizzardJob, "change", job.pk)))
    character = two_guilds.rows[two_guilds.guild]["character"]
    assert master.get(address(Character, "change", character.pk)).status_code == 403
