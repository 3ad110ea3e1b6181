"""Home: a player's guilds with what changed, their characters of all regions, and the question about the main."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from characters.models import Character
from guilds.models import GuildVisit, Membership, TimelineEvent
from guilds.timeline.services import new_event, record
from tests.factories import OVERVIEW, add_members, character, member, realm, token
from tests.html import text_of
from tests.personas import Personas, browser_of

pytestmark = pytest.mark.django_db
HOME = "/home/"
QUESTION = "your main in Night Watch now?"


def played(name: str, days_ago: int) -> None:
    Character.objects.filter(name=name).update(last_login_at=timezone.now() - timedelta(days=days_ago))


@pytest.fixture
def rolf(personas: Personas) -> Personas:
    """Rolf, who plays Rolfne and Rolfalt in Night Watch, and one character in the Americas."""
    member(personas.guild, "Rolfalt", rank=6, user=personas["Rolf"])
    character("Rolfus", user=personas["Rolf"], region="us", realm=realm("illidan", "Illidan", "us"))
    return personas


def test_players_see_their_characters_of_all_regions_and_what_changed(rolf: Personas) -> None:
    someone = rolf.guild.memberships.get(character__name="Marane").character
    joined, left = TimelineEvent.Kind.JOINED, TimelineEvent.Kind.LEFT
    long_ago = timezone.now() - timedelta(days=9)
    events = [new_event(rolf.guild.pk, kind, character=someone) for kind in (joined, joined, left)]
    record([*events, new_event(rolf.guild.pk, joined, character=someone, happened_at=long_ago)])
    page = text_of(browser_of(rolf["Rolf"]).get(HOME))
    assert "In the last 7 days: 2 joined, 1 left" in page
    for words in ("Rolfne", "Rolfalt", "Your characters in Europe", "Your characters in Americas Rolfus"):
        assert words in page
    assertRedirects(browser_of(rolf["Rolf"]).get("/"), HOME)


def test_who_shares_no_characters_is_told_so(personas: Personas) -> None:
    token(personas["Nils"], scopes=["openid"])
    assertContains(browser_of(personas["Nils"]).get(HOME), "Battle.net did not share your characters")
    assertNotContains(personas.browser("Rolf").get(HOME), "Battle.net did not share")


def test_what_changed_is_counted_from_the_last_visit_of_the_guild(rolf: Personas) -> None:
    browser, now = browser_of(rolf["Rolf"]), timezone.now()
    someone = rolf.guild.memberships.get(character__name="Marane").character
    for days in (1, 3, 5):
        at = now - timedelta(days=days)
        record([new_event(rolf.guild.pk, TimelineEvent.Kind.JOINED, character=someone, happened_at=at)])
    visit = GuildVisit.objects.create(guild=rolf.guild, person=rolf["Rolf"], began_at=now - timedelta(days=4))
    assert "Since your last visit, 4 days ago : 2 joined" in text_of(browser.get(HOME))
    GuildVisit.objects.filter(pk=visit.pk).update(began_at=now - timedelta(days=30))
    assert "In the last 7 days: 3 joined" in text_of(browser.get(HOME)), "not more than seven days"
    browser.get(OVERVIEW)
    assert "In the last 7 days: 3 joined" in text_of(browser.get(HOME)), "the visit is not over"


def test_a_main_that_is_not_played_is_asked_about_and_not_switched(rolf: Personas) -> None:
    browser = browser_of(rolf["Rolf"])
    played("Rolfne", days_ago=59)
    played("Rolfalt", days_ago=1)
    assertNotContains(browser.get(HOME), QUESTION)
    played("Rolfne", days_ago=61)
    assertContains(browser.get(HOME), f"Is Rolfalt {QUESTION}")
    assertContains(browser.get("/guilds/"), f"Is Rolfalt {QUESTION}")
    assert Membership.objects.get(main_of=rolf["Rolf"]).character.name == "Rolfne"

    alt = Membership.objects.get(character__name="Rolfalt")
    browser.post(f"{OVERVIEW}main/", {"main": alt.pk})
    assert Membership.objects.get(main_of=rolf["Rolf"]) == alt
    assertNotContains(browser.get(HOME), QUESTION)


def test_who_keeps_the_main_is_not_asked_again(rolf: Personas) -> None:
    browser = browser_of(rolf["Rolf"])
    played("Rolfne", days_ago=90)
    played("Rolfalt", days_ago=1)
    main = Membership.objects.get(main_of=rolf["Rolf"])
    browser.post(f"{OVERVIEW}main/", {"main": main.pk})
    assert Membership.objects.get(main_of=rolf["Rolf"]) == main
    assertNotContains(browser.get(HOME), QUESTION)


def test_nobody_is_asked_who_plays_nothing_or_whose_logins_are_unknown(rolf: Personas) -> None:
    browser = browser_of(rolf["Rolf"])
    played("Rolfne", days_ago=90)
    played("Rolfalt", days_ago=70)
    assertNotContains(browser.get(HOME), QUESTION)
    Character.objects.filter(name="Rolfalt").update(last_login_at=None)
    assertNotContains(browser.get(HOME), QUESTION)


def test_it_takes_as_many_statements_for_many_characters(rolf: Personas) -> None:
    browser = browser_of(rolf["Rolf"])
    browser.get(HOME)
    with CaptureQueriesContext(connection) as few:
        browser.get(HOME)
    add_members(rolf.guild, 60, owner=rolf["Rolf"])
    with CaptureQueriesContext(connection) as many:
        browser.get(HOME)
    assert len(many) == len(few) <= 10
