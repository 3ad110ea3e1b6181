"""The roster as CSV and JSON, and saved views."""

import csv
import io
import json
from typing import Any

import pytest
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains

from guilds.models import OfficerNote, RosterView
from tests.factories import ROSTER, member
from tests.personas import Personas

VIEWS = f"{ROSTER}views/"


def csv_of(client: Client, query: str = "") -> list[dict[str, str]]:
    content = client.get(f"{ROSTER}csv/{query}").content.decode()
    assert content.startswith("\ufeff"), "Excel reads accents only with it"
    return list(csv.DictReader(io.StringIO(content.removeprefix("\ufeff"))))


def json_of(client: Client, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(client.get(f"{ROSTER}json/{query}").content)
    return found


def test_the_file_has_the_columns_filters_and_order_that_are_shown(personas: Personas) -> None:
    member(personas.guild, "Quinlózan", rank=7, equipped_item_level=640)
    member(personas.guild, "Zoé", rank=7, equipped_item_level=650)
    officer, query = personas.browser("Olga"), "?rank=7&column=item-level&column=rank&sort=-item-level"
    assert csv_of(officer, query) == [
        {"Name": "Zoé", "Rank": "Rank 7", "Item level": "650"},
        {"Name": "Quinlózan", "Rank": "Rank 7", "Item level": "640"},
    ]
    assert json_of(officer, query)[0] == {"name": "Zoé", "rank": "Rank 7", "item-level": 650}


def test_members_export_no_players_but_themselves(personas: Personas) -> None:
    member(personas.guild, "Olgalt", user=personas["Olga"])
    member(personas.guild, "Rolfalt", user=personas["Rolf"])
    query = "?column=player&column=alts"
    assert {row["Player"] for row in csv_of(personas.browser("Rolf"), query)} == {"", "Rolf", "Rolf (Rolfne)"}
    assert {row["alts"] for row in json_of(personas.browser("Rolf"), query)} == {None, "", "Rolfalt"}
    assert "Olga (Olgane)" in {row["Player"] for row in csv_of(personas.browser("Olga"), query)}


def test_notes_are_exported_by_those_who_can_read_them(personas: Personas) -> None:
    OfficerNote.objects.create(guild=personas.guild, about_person=personas["Rolf"], text='=HYPERLINK("x")')
    query = "?column=notes&q=rolfne"
    assert csv_of(personas.browser("Olga"), query)[0]["Notes"] == '\'=HYPERLINK("x")', "no formula"
    assert "Notes" not in csv_of(personas.browser("Rolf"), query)[0]
    assert "notes" not in json_of(personas.browser("Rolf"), query)[0]


@pytest.mark.parametrize(("who", "status"), [("Nils", 404), ("", 302)])
def test_only_members_export(personas: Personas, who: str, status: int) -> None:
    assert personas.browser(who).get(f"{ROSTER}csv/").status_code == status


def save(client: Client, name: str, query: str, **data: str) -> None:
    assert client.post(VIEWS, {"name": name, "query": query, **data}).status_code == 302


def test_a_raider_saves_a_view_for_himself(personas: Personas) -> None:
    rolf = personas.browser("Rolf")
    assertContains(rolf.get(f"{VIEWS}?role=TANK&level=max&page=2"), 'value="role=TANK&amp;level=max"')
    save(rolf, "Tanks", "role=TANK&level=max&nonsense=1", is_shared="on")
    assert RosterView.objects.get().query == "role=TANK&level=max"
    assertContains(rolf.get(VIEWS), f'href="{ROSTER}?role=TANK&amp;level=max"')
    assertNotContains(personas.browser("Olga").get(VIEWS), "Tanks")
    save(rolf, "Tanks", "role=TANK")
    assert RosterView.objects.get().query == "role=TANK", "the same name replaces it"


def test_officers_share_views_and_remove_shared_ones(personas: Personas) -> None:
    save(personas.browser("Olga"), "Away", "away=30", is_shared="on")
    view = RosterView.objects.get()
    rolf = personas.browser("Rolf")
    assertContains(rolf.get(VIEWS), "Away")
    assert rolf.post(f"{VIEWS}{view.pk}/delete/").status_code == 403
    personas.browser("Mara").post(f"{VIEWS}{view.pk}/delete/")
    assert not RosterView.objects.exists()


def test_nobody_deletes_the_view_of_another_player(personas: Personas) -> None:
    save(personas.browser("Rolf"), "Tanks", "role=TANK")
    view = RosterView.objects.get()
    assert personas.browser("Olga").post(f"{VIEWS}{view.pk}/delete/").status_code == 404
    personas.browser("Rolf").post(f"{VIEWS}{view.pk}/delete/")
    assert not RosterView.objects.exists()
