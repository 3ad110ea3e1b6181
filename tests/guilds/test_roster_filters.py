"""The roster's filters, search, players and columns, as officers use them."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import User
from characters.models import Role
from guilds.models import Guild, OfficerNote, Visibility
from tests.factories import ROSTER, add_members, member, realm
from tests.personas import Personas

NOW = timezone.now()


@pytest.fixture
def officer(personas: Personas) -> Client:
    """Olga's browser."""
    return personas.browser("Olga")


def names_on(client: Client, query: str = "") -> list[str]:
    page = client.get(ROSTER + query)
    assert page.status_code == 200
    return re.findall(r'<(?:a|span) class="name"[^>]*>([^<]+)</', page.content.decode())


def count_of(client: Client, option: str, query: str = "") -> int:
    """Return the number of results beside an option."""
    found = re.search(rf'id="count-{option}"[^>]*>(\d+)<', client.get(ROSTER + query).content.decode())
    assert found, f"{option} is not offered"
    return int(found[1])


def seen(days: int) -> dict[str, Any]:
    return {"last_login_at": NOW - timedelta(days=days)}


def test_a_player_is_one_line_with_the_best_and_latest_of_all_characters(personas: Personas, officer: Client) -> None:
    member(personas.guild, "Rolfalt", user=personas["Rolf"], rank=7, equipped_item_level=700, **seen(1))
    page = officer.get(ROSTER + "?rows=players&q=rolfalt").content.decode()
    assert re.findall(r'class="name"[^>]*>([^<]+)<', page) == ["Rolfne"]
    row = page.partition("<tbody>")[2]
    assert ">700<" in row
    assert "1 day ago" in row
    assert ">Rolfalt<" in row


def test_a_noted_alt_belongs_to_the_player_of_its_main(personas: Personas, officer: Client) -> None:
    main = personas.guild.memberships.get(character__name="Rolfne")
    member(personas.guild, "Secretalt").noted_alts.set([])
    personas.guild.memberships.filter(character__name="Secretalt").update(noted_main=main)
    assert "Secretalt" not in names_on(officer, "?rows=players")
    assertContains(officer.get(ROSTER + "?rows=players&q=secretalt"), ">Secretalt</a>")
    assert names_on(officer, "?link=alt") == ["Secretalt"]
    assertContains(officer.get(ROSTER + "?q=secretalt"), "alt of Rolfne")


def test_tanks_and_healers_at_max_level(personas: Personas, officer: Client) -> None:
    member(personas.guild, "Tanya", role=Role.TANK)
    member(personas.guild, "Hilda", role=Role.HEALER)
    member(personas.guild, "Younghealer", role=Role.HEALER, level=30)
    assert names_on(officer, "?role=TANK&role=HEALER&level=max") == ["Hilda", "Tanya"]


def test_mains_below_an_item_level(personas: Personas, officer: Client) -> None:
    member(personas.guild, "Rolfalt", user=personas["Rolf"], equipped_item_level=200)
    personas.guild.memberships.get(character__name="Otisne").character.delete()
    rolf = personas.guild.memberships.get(character__name="Rolfne").character
    rolf.equipped_item_level = 240
    rolf.save()
    assert names_on(officer, "?link=main&ilvl-to=250") == ["Rolfne"]


def test_players_away_for_thirty_days(personas: Personas, officer: Client) -> None:
    for name, days in (("Here", 2), ("Gone", 31), ("Longgone", 400)):
        member(personas.guild, name, **seen(days))
    assert names_on(officer, "?away=30") == ["Gone", "Longgone"]
    assert names_on(officer, "?seen=30") == ["Here"]
    assert names_on(officer, "?away=30&sort=last-login") == ["Longgone", "Gone"]


def test_newcomers_and_levels(personas: Personas, officer: Client) -> None:
    member(personas.guild, "Newbie", level=12)
    personas.guild.memberships.filter(character__name="Newbie").update(joined_seen_at=NOW - timedelta(days=2))
    assert names_on(officer, "?joined=7") == ["Newbie"]
    assert names_on(officer, "?joined=1") == []
    assert names_on(officer, "?level-from=10&level-to=20") == ["Newbie"]


def test_signed_in_realm_and_faction(personas: Personas, officer: Client) -> None:
    kazzak = realm("kazzak", "Kazzak")
    member(personas.guild, "Faraway", realm=kazzak, faction="ALLIANCE")
    assert names_on(officer, f"?realm={kazzak.pk}") == ["Faraway"]
    assert names_on(officer, "?faction=ALLIANCE") == ["Faraway"]
    assert names_on(officer, "?signed-in=no") == ["Faraway"]
    assert names_on(officer, "?signed-in=yes&rank=5") == ["Rolfne"]


def test_every_option_says_how_many_it_would_show(personas: Personas, officer: Client) -> None:
    member(personas.guild, "Tanya", role=Role.TANK, rank=7)
    member(personas.guild, "Hilda", role=Role.HEALER, rank=7)
    assert count_of(officer, "role-TANK") == 1
    assert count_of(officer, "rank-7") == 2
    assert count_of(officer, "rank-7", "?role=TANK") == 1
    assert count_of(officer, "role-HEALER", "?role=TANK&rank=7") == 1, "the other options of a filter stay open"
    for option, query in (("role-HEALER", "?role=HEALER"), ("rank-5", "?rank=5"), ("link-main", "?link=main")):
        assert count_of(officer, option) == len(names_on(officer, query))


def test_htmx_gets_the_new_counts(personas: Personas, officer: Client) -> None:
    fragment = officer.get(ROSTER + "?rank=5", headers={"HX-Request": "true"})
    assertContains(fragment, '<span class="count" id="count-rank-5" hx-swap-oob="true">1</span>')
    assertContains(fragment, '<b id="filter-count" hx-swap-oob="true"> (1)</b>')


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("quinlozan", ["Quinlózan"]),
        ("QUINLÓZAN", ["Quinlózan"]),
        ("soren", ["Søren"]),
        ("kazzak", ["Farøe"]),
        ("rolf", ["Rolfne", "Farøe"]),
        ("farøe-kazzak", ["Farøe", "Rolfne"]),
    ],
)
def test_the_search_ignores_accents(personas: Personas, officer: Client, text: str, expected: list[str]) -> None:
    member(personas.guild, "Quinlózan")
    member(personas.guild, "Søren")
    member(personas.guild, "Farøe", rank=6, user=personas["Rolf"], realm=realm("kazzak", "Kazzak"))
    found = names_on(officer, f"?q={text}")
    assert set(expected[:1]) <= set(found) <= set(expected)


def test_notes_are_searched_and_filtered_only_by_those_who_can_read_them(personas: Personas, officer: Client) -> None:
    rolf = personas.guild.memberships.get(character__name="Rolfne").character
    OfficerNote.objects.create(guild=personas.guild, about_person=personas["Rolf"], text="Plays a Bärenform")
    OfficerNote.objects.create(guild=personas.guild, about_character=rolf, text="Reliable")
    assert names_on(officer, "?q=barenform") == ["Rolfne"]
    assert names_on(officer, "?note=yes") == ["Rolfne"]
    assertContains(officer.get(ROSTER + "?column=notes"), "Reliable")
    raider = personas.browser("Rolf")
    assert names_on(raider, "?q=barenform") == []
    assert len(names_on(raider, "?note=yes")) == 4, "the filter does not exist for them"
    assertNotContains(raider.get(ROSTER + "?column=notes&q=reliable"), "Reliable")


def test_visitors_can_filter_by_nothing_that_concerns_players(personas: Personas) -> None:
    Guild.objects.update(visibility=Visibility.EVERYBODY)
    member(personas.guild, "Rolfalt", user=personas["Rolf"])
    visitor = Client()
    for query in ("?link=alt", "?signed-in=no", "?rows=players", "?note=yes", "?column=player", "?sort=player"):
        assert len(names_on(visitor, query)) == 5
        assertNotContains(visitor.get(ROSTER + query), "(Rolfne)")
    assert names_on(visitor, "?q=rolfne") == ["Rolfne"], "searching a main does not show the alts"


def test_columns_can_be_chosen_and_sorted(personas: Personas, officer: Client) -> None:
    member(personas.guild, "Rolfalt", user=personas["Rolf"])
    page = officer.get(ROSTER + "?column=alts&column=realm&sort=-alts").content.decode()
    assert re.findall(r'id="by-([\w-]+)"', page) == ["name", "alts", "realm"]
    assert names_on(officer, "?column=alts&column=realm&sort=-alts")[0] == "Rolfne"


@pytest.mark.parametrize("column", ["name", "player", "alts", "rank", "level", "class", "role", "realm", "notes"])
def test_each_column_sorts_both_ways(personas: Personas, officer: Client, column: str) -> None:
    member(personas.guild, "Nobody", level=None, playable_class_id=None, active_spec_id=None)
    up, down = (names_on(officer, f"?column={column}&sort={sign}{column}") for sign in ("", "-"))
    assert len(up) == 5
    assert set(up) == set(down)


def test_login_and_item_level_have_a_heat_and_say_the_same_in_words(personas: Personas, officer: Client) -> None:
    for name, days in (("Today", 1), ("Month", 32), ("Year", 400)):
        member(personas.guild, name, rank=9, **seen(days))
    page = officer.get(ROSTER + "?rank=9&sort=name").content.decode()
    logins = re.findall(r'<span class="heat heat-(\d)"><time[^>]*>([^<]+)<', page)
    assert logins == [("2", "32 days ago"), ("0", "1 day ago"), ("4", "1 year ago")]


def test_each_value_is_labeled_on_a_phone(personas: Personas, officer: Client) -> None:
    row = officer.get(ROSTER).content.decode().partition("<tbody>")[2].partition("</tr>")[0]
    labels = re.findall(r'<span class="cell-label">([^<]+) </span>', row)
    assert labels == ["Player", "Rank", "Level", "Class", "Role", "Item level", "Last login"]


@pytest.mark.parametrize("query", ["", "?rows=players", "?role=TANK&level=max&away=30&sort=-item-level"])
def test_a_thousand_members_take_eight_statements(
    personas: Personas, officer: Client, query: str, people: Callable[[str], User]
) -> None:
    add_members(personas.guild, 996, owner=people("Many"))
    officer.get(ROSTER + query)
    with CaptureQueriesContext(connection) as asked:
        officer.get(ROSTER + query)
        statements = len(asked)
    assert statements <= 8


def test_a_filter_with_its_count_can_be_shared_as_an_address(personas: Personas, officer: Client) -> None:
    member(personas.guild, "Tanya", role=Role.TANK)
    address = officer.get(ROSTER + "?role=TANK&rank=&ilvl-to=&sort=rank", headers={"HX-Request": "true"})
    assert address["HX-Replace-Url"] == f"{ROSTER}?role=TANK"
    assert names_on(personas.browser("Rolf"), "?role=TANK") == ["Tanya"]
