"""The timeline: everything for members, and what the game shows for everyone else."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from guilds.models import Guild, TimelineEvent, Visibility
from tests.factories import OVERVIEW, character
from tests.personas import Personas

TIMELINE = f"{OVERVIEW}timeline/"
Kind = TimelineEvent.Kind


def add_event(personas: Personas, kind: str, *, days_ago: float = 0, **fields: Any) -> None:
    happened_at = timezone.now() - timedelta(days=days_ago)
    TimelineEvent.objects.create(guild=personas.guild, kind=kind, happened_at=happened_at, **fields)


def lines(client: Client, query: str = "") -> list[str]:
    page = client.get(TIMELINE + query)
    assert page.status_code == 200
    found = re.findall(r"<li class=\"class-\d+\">(.*?)</li>", page.content.decode(), re.DOTALL)
    return [" ".join(re.sub("<[^>]+>", " ", line).split()) for line in found]


def test_events_are_grouped_by_day(personas: Personas) -> None:
    add_event(personas, "JOINED", character_name="Newcomer")
    add_event(personas, "LEFT", character_name="Gone", days_ago=3)
    add_event(personas, "DEMOTED", character_name="Fallen", days_ago=3.001, details={"before": 0, "after": 1})
    page = personas.browser("Rolf").get(TIMELINE)
    days = [(day, [event.character_name for event in events]) for day, events in page.context["days"]]
    assert [names for _, names in days[:1]] == [["Newcomer"]]
    assert [name for _, names in days for name in names] == ["Newcomer", "Gone", "Fallen"]
    assert days[0][0] == timezone.localdate()
    assert re.search(r"Fallen .*to Officer", lines(personas.browser("Rolf"))[-1])


def test_it_is_filtered_by_kind_and_by_name(personas: Personas) -> None:
    add_event(personas, "JOINED", character_name="Anna")
    add_event(personas, "LEFT", character_name="Anna")
    add_event(personas, "LEFT", character_name="Boris")
    add_event(personas, "RENAMED", character_name="Old", character=character("Annabell"), details={"after": "Annabell"})
    add_event(personas, "INFO_CHANGED", actor=personas["Olga"])
    rolf = personas.browser("Rolf")
    assert len(lines(rolf, "?kind=LEFT")) == 2
    assert len(lines(rolf, "?kind=LEFT&q=bor")) == 1
    assert len(lines(rolf, "?q=ann")) == 3, "also by the name of today"
    assert len(lines(rolf, "?q=OLGA")) == 1
    assert lines(rolf, "?q=1001") == lines(rolf, "?q=%23") == [], "nobody can search for a BattleTag's number"
    assertContains(rolf.get(f"{TIMELINE}?q=nobody"), "No events match.")


@pytest.mark.parametrize("query", ["?kind=WAR", "?page=x", "?page=-1", "?kind="])
def test_invalid_filters_are_ignored(personas: Personas, query: str) -> None:
    add_event(personas, "JOINED", character_name="Anna")
    assert len(lines(personas.browser("Rolf"), query)) == 1


def test_outsiders_see_what_the_game_shows_and_no_player(personas: Personas) -> None:
    Guild.objects.update(visibility=Visibility.EVERYBODY)
    for kind in Kind:
        add_event(personas, kind, actor=personas["Olga"], person=personas["Rolf"], character_name="Anna")
    for name in ("", "Nils"):
        visitor = personas.browser(name)
        assert len(lines(visitor)) == len(TimelineEvent.PUBLIC_KINDS) == 10
        assertNotContains(visitor.get(TIMELINE), "Olga")
        assert lines(visitor, "?q=olga") == lines(visitor, "?q=rolf") == []
        assert len(lines(visitor, "?kind=RIGHTS_CHANGED")) == 10, "a kind that they do not know is ignored"
        assertNotContains(visitor.get(TIMELINE), "RIGHTS_CHANGED")
        assertNotContains(visitor.get(OVERVIEW), "Olga")
    assert len(lines(personas.browser("Rolf"))) == len(Kind) - len(TimelineEvent.OFFICERS_KINDS)
    assert len(lines(personas.browser("Olga"))) == len(Kind)


def test_users_without_the_permission_see_nothing(personas: Personas) -> None:
    personas.give_rights(5, "guilds.refresh")
    assert personas.browser("Rolf").get(TIMELINE).status_code == 403
    assert personas.browser("Nils").get(TIMELINE).status_code == 404
    assert personas.browser("").get(TIMELINE)["Location"] == f"/accounts/login/?next={TIMELINE}"
    assert personas.browser("Mara").post(TIMELINE).status_code == 405


def test_htmx_gets_the_events_only(personas: Personas) -> None:
    add_event(personas, "JOINED", character_name="Anna")
    fragment = personas.browser("Rolf").get(f"{TIMELINE}?q=an&kind=", headers={"HX-Request": "true"})
    assertContains(fragment, "Anna")
    assertNotContains(fragment, "<html")
    assert fragment["HX-Replace-Url"] == f"{TIMELINE}?q=an"


def test_the_overview_links_to_it(personas: Personas) -> None:
    add_event(personas, "JOINED", character_name="Anna")
    assertContains(personas.browser("Rolf").get(OVERVIEW), f'<a href="{TIMELINE}">Full timeline</a>', html=True)


def test_a_thousand_events_need_no_more_queries_than_ten(personas: Personas) -> None:
    # A change of rights or of the guild names no character, by which this test counts.
    kinds = [
        kind
        for kind in Kind
        if kind not in (Kind.RIGHTS_CHANGED, *TimelineEvent.GUILD_KINDS, *TimelineEvent.OFFICERS_KINDS)
    ]

    def many(first: int, count: int) -> None:
        TimelineEvent.objects.bulk_create(
            TimelineEvent(
                guild=personas.guild,
                kind=kinds[number % len(kinds)],
                happened_at=timezone.now() - timedelta(hours=number),
                character=character(f"C{number}") if number < 60 else None,
                character_name=f"Name{number}",
                actor=personas["Olga"],
                person=personas["Rolf"],
            )
            for number in range(first, first + count)
        )

    rolf = personas.browser("Rolf")
    many(0, 10)
    rolf.get(TIMELINE)
    with CaptureQueriesContext(connection) as few:
        assert len(lines(rolf)) == 10
    many(10, 990)
    with CaptureQueriesContext(connection) as more:
        assert len(lines(rolf)) == 50
    assert len(more) == len(few) <= 8
    seen = [line for page in range(1, 21) for line in lines(rolf, f"?page={page}")]
    assert len(seen) == 1_000
    assert {re.search(r"Name\d+", line)[0] for line in seen} == {f"Name{n}" for n in range(1_000)}  # type: ignore[index]


def test_each_line_has_the_icon_of_its_kind(personas: Personas) -> None:
    for kind in (Kind.JOINED, Kind.LEFT, Kind.GUILD_RENAMED):
        add_event(personas, kind, character_name="Marane")
    page = personas.browser("Rolf").get(TIMELINE).content.decode()
    assert set(re.findall(r'#([a-z]+)"/></svg>\s*<div>', page)) == {"joined", "left", "guild"}
