"""The timeline by player, kind and date, and as a CSV file."""

import csv
from datetime import date, datetime, timedelta
from io import StringIO

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from guilds.csv_export import safe_cell
from guilds.models import Membership
from guilds.timeline.filters import beginning_of
from tests.factories import OVERVIEW, character, member
from tests.guilds.test_timeline import TIMELINE, add_event, lines
from tests.personas import Personas


def rows_of(client: Client, query: str = "") -> list[dict[str, str]]:
    answer = client.get(f"{TIMELINE}csv/{query}")
    assert answer.status_code == 200
    return list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig"))))


@pytest.mark.parametrize(
    ("period", "first"), [("week", date(2026, 11, 16)), ("month", date(2026, 11, 1)), ("", None), ("year", None)]
)
def test_this_week_begins_on_monday_and_this_month_on_its_first_day(period: str, first: date | None) -> None:
    assert beginning_of(period, date(2026, 11, 22)) == first
    assert beginning_of("week", date(2026, 11, 16)) == date(2026, 11, 16)


def test_this_week_and_this_month_are_one_click(personas: Personas) -> None:
    add_event(personas, "JOINED", character_name="Todayne")
    add_event(personas, "LEFT", character_name="Oldne", days_ago=40)
    rolf = personas.browser("Rolf")
    page = rolf.get(f"{TIMELINE}?kind=JOINED_OR_LEFT")
    assertContains(page, 'href="?period=week&amp;kind=JOINED_OR_LEFT"')
    assertContains(page, 'href="?period=month&amp;kind=JOINED_OR_LEFT"')
    assert len(lines(rolf, "?kind=JOINED_OR_LEFT")) == 2
    for period in ("week", "month"):
        assert len(lines(rolf, f"?period={period}")) == 1
    chosen = rolf.get(f"{TIMELINE}?period=week")
    assertContains(chosen, '<input type="hidden" name="period" value="week" form="asked">', html=True)


def test_a_date_range_includes_its_last_day(personas: Personas) -> None:
    for days in (1, 2, 3):
        add_event(personas, "JOINED", character_name=f"Ago{days}", days_ago=days)
    today = timezone.localdate()
    since, until = today - timedelta(days=2), today - timedelta(days=1)
    found = lines(personas.browser("Rolf"), f"?since={since}&until={until}")
    assert [line.split()[0] for line in found] == ["Ago1", "Ago2"]
    assert len(lines(personas.browser("Rolf"), "?since=yesterday&until=9999-12-31")) == 3


def test_it_is_filtered_by_a_player_with_all_characters(personas: Personas) -> None:
    alt = member(personas.guild, "Otheralt", user=personas["Rolf"])
    add_event(personas, "PROMOTED", character=alt.character, character_name="Otheralt")
    add_event(personas, "RIGHTS_CHANGED", person=personas["Rolf"], actor=personas["Olga"])
    add_event(personas, "JOINED", character_name="Somebody")
    main = Membership.objects.get(character__name="Rolfne")
    page = personas.browser("Otis").get(f"{TIMELINE}?player={main.character_id}")
    assert page.context["page"].paginator.count == 2
    assertContains(page, "About Rolf and all their characters:")
    assertContains(personas.browser("Otis").get(f"{TIMELINE}?q=rolf"), "Otheralt")
    assert len(lines(personas.browser("Otis"), f"?player={character('Stranger').pk}")) == 0
    assert len(lines(personas.browser("Otis"), "?player=nobody")) == 3, "an invalid value is ignored"


def test_noted_alts_belong_to_their_main(personas: Personas) -> None:
    main = member(personas.guild, "Bigone")
    alt = member(personas.guild, "Smallone")
    Membership.objects.filter(pk=alt.pk).update(noted_main=main)
    for one in (main, alt):
        add_event(personas, "PROMOTED", character=one.character, character_name=one.character.name)
    for one in (main, alt):
        assert len(lines(personas.browser("Otis"), f"?player={one.character_id}")) == 2


def test_names_link_to_the_pages_of_members_only(personas: Personas) -> None:
    here = Membership.objects.get(character__name="Rolfne").character
    gone = character("Gonene")
    for one in (here, gone):
        add_event(personas, "PROMOTED", character=one, character_name=one.name)
    page = personas.browser("Rolf").get(TIMELINE)
    assertContains(page, f'href="{OVERVIEW}members/{here.pk}/"')
    assertNotContains(page, str(gone.pk))


def test_the_file_has_what_the_page_shows(personas: Personas) -> None:
    add_event(personas, "PROMOTED", character_name="Jörunn", details={"before": 5, "after": 1}, person=personas["Rolf"])
    add_event(personas, "LEFT", character_name="Gonene", days_ago=2)
    rows = rows_of(personas.browser("Rolf"))
    assert [row["Character"] for row in rows] == ["Jörunn", "Gonene"]
    assert rows[0]["What happened"] == "Jörunn was promoted to Officer"
    assert (rows[0]["Event"], rows[0]["Player"], rows[0]["By"]) == ("PROMOTED", "Rolf", "")
    assert datetime.fromisoformat(rows[0]["Time (UTC)"]).date() == timezone.now().date()
    assert [row["Character"] for row in rows_of(personas.browser("Rolf"), "?kind=LEFT")] == ["Gonene"]


def test_no_cell_of_the_file_is_a_formula(personas: Personas) -> None:
    add_event(personas, "LEFT", character_name='=HYPERLINK("x")')
    assert rows_of(personas.browser("Rolf"))[0]["Character"] == '\'=HYPERLINK("x")'
    for beginning in "=+-@\t\r＝":
        assert safe_cell(f"{beginning}1") == f"'{beginning}1"
    assert [safe_cell(value) for value in (-1, None, "a=1", "")] == [-1, None, "a=1", ""]


def test_a_page_after_the_last_shows_the_last(personas: Personas) -> None:
    for number in range(51):
        add_event(personas, "LEFT", character_name=f"C{number}", days_ago=number)
    rolf = personas.browser("Rolf")
    assert [line.split()[0] for line in lines(rolf, "?page=99")] == ["C50"]
    assertContains(rolf.get(f"{TIMELINE}?page=2"), "51 events")
