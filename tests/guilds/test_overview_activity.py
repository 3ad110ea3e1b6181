"""Recent activity on the overview, in groups, and what changed since a member's last visit."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import User
from guilds.models import Guild, GuildVisit, Membership, TimelineEvent
from tests.factories import OVERVIEW, character, member
from tests.html import text_of
from tests.personas import Personas

pytestmark = pytest.mark.django_db
# Noon: the hours before and after are on the same day.
TODAY = timezone.localtime().replace(hour=12, minute=0, second=0, microsecond=0)


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Return a function that sets the time of the overview, in hours from today's noon."""

    def go_to(hours: float) -> None:
        monkeypatch.setattr("guilds.overview.views.timezone.now", lambda: TODAY + timedelta(hours=hours))

    go_to(0)
    return go_to


def happened(guild: Guild, kind: str, hours: float = -1, **fields: Any) -> TimelineEvent:
    fields.setdefault("character_name", "Somebody")
    moment: datetime = TODAY + timedelta(hours=hours)
    return TimelineEvent.objects.create(guild=guild, kind=kind, happened_at=moment, **fields)


def test_events_of_a_day_and_kind_are_one_line(personas: Personas, now: Callable[[float], None]) -> None:
    for number in range(23):
        happened(personas.guild, "LEFT", hours=-2 - number / 60, character_name=f"Leaver{number}")
    happened(personas.guild, "LEFT", hours=-30, character_name="Yesterdays")
    page = text_of(personas.browser("Rolf").get(OVERVIEW))
    assert "23 left : Leaver0 , Leaver1 , Leaver2 , Leaver3 and 19 more" in page
    assert "Yesterdays left" in page


def test_characters_that_a_player_linked_are_one_line(personas: Personas, now: Callable[[float], None]) -> None:
    for number in range(7):
        happened(personas.guild, "LINKED", person=personas["Olga"], character_name=f"Alt{number}")
    for number in range(2):
        happened(personas.guild, "LINKED", person=personas["Mara"], character_name=f"Other{number}")
    page = text_of(personas.browser("Rolf").get(OVERVIEW))
    assert "Olga linked 7 characters" in page
    assert "Mara linked 2 characters" in page


def test_names_of_members_are_links_and_names_of_leavers_are_not(
    personas: Personas, now: Callable[[float], None]
) -> None:
    guild = personas.guild
    stays, stays_too, gone = member(guild, "Stays").character, member(guild, "Bides").character, character("Gone")
    happened(guild, "PROMOTED", character=stays, character_name="Stays")
    for who in (stays_too, stays, gone):
        happened(guild, "JOINED", character=who, character_name=who.name)
    page = personas.browser("Rolf").get(OVERVIEW)
    assertContains(page, f'href="{OVERVIEW}members/{stays.pk}/"', 2)
    assertContains(page, f'href="{OVERVIEW}members/{stays_too.pk}/"')
    assertContains(page, "Gone")
    assertNotContains(page, f"{gone.pk}")


def test_outsiders_see_groups_of_what_the_game_shows_without_links_to_members(
    personas: Personas, now: Callable[[float], None]
) -> None:
    guild = personas.guild
    Guild.objects.update(visibility="EVERYBODY")
    for name in ("Anna", "Bert"):
        who = member(guild, name).character
        happened(guild, "JOINED", character=who, character_name=name, person=personas["Olga"])
        happened(guild, "LINKED", character=who, character_name=name, person=personas["Olga"])
    page = Client().get(OVERVIEW)
    assert "2 joined : " in text_of(page)
    assertNotContains(page, "Olga")
    assertNotContains(page, "/members/")
    assertNotContains(page, "last visit")


def test_a_member_sees_what_changed_since_the_last_visit(personas: Personas, now: Callable[[float], None]) -> None:
    guild, rolf = personas.guild, personas.browser("Rolf")
    happened(guild, "JOINED", hours=-1)
    now(0)
    assertNotContains(rolf.get(OVERVIEW), "last visit")
    for hours, kind in ((1, "LEFT"), (2, "LEFT"), (3, "PROMOTED")):
        happened(guild, kind, hours=hours)
    # What Rolf did is no news for Rolf.
    happened(guild, "MAIN_CHOSEN", hours=3, actor=personas["Rolf"])
    now(4)
    first = text_of(rolf.get(OVERVIEW))
    assert "Since your last visit" in first
    assert "2 left 1 was promoted" in first
    now(4.9)
    assert "2 left 1 was promoted" in text_of(rolf.get(OVERVIEW)), "the same visit"
    now(6)
    assert "Nothing has changed." in text_of(rolf.get(OVERVIEW))


def test_the_second_page_of_a_visit_writes_nothing(personas: Personas, now: Callable[[float], None]) -> None:
    rolf = personas.browser("Rolf")
    rolf.get(OVERVIEW)
    first = GuildVisit.objects.get()
    now(0.5)
    rolf.get(OVERVIEW)
    rolf.head(OVERVIEW)
    again = GuildVisit.objects.get()
    assert (first.person, again.updated_at) == (personas["Rolf"], first.updated_at)


def test_strangers_and_site_admins_leave_no_visit(
    personas: Personas, people: Callable[[str], User], now: Callable[[float], None]
) -> None:
    Guild.objects.update(visibility="EVERYBODY")
    for name in ("Nils", "Ada", ""):
        assert personas.browser(name).get(OVERVIEW).status_code == 200
    assert not GuildVisit.objects.exists()


def test_after_a_long_absence_only_the_recent_activity_is_counted(
    personas: Personas, now: Callable[[float], None]
) -> None:
    guild = personas.guild
    GuildVisit.objects.create(guild=guild, person=personas["Rolf"], began_at=TODAY - timedelta(days=100))
    happened(guild, "LEFT", hours=-24 * 50)
    happened(guild, "LEFT", hours=-24 * 10)
    page = text_of(personas.browser("Rolf").get(OVERVIEW))
    assert "New in the last 30 days (your last visit was 3 months ago )" in page
    assert "1 left" in page


def test_the_overview_takes_as_many_statements_with_many_events_as_with_few(
    personas: Personas, now: Callable[[float], None], django_assert_max_num_queries: Any
) -> None:
    rolf = personas.browser("Rolf")
    rolf.get(OVERVIEW)
    for number in range(300):
        happened(personas.guild, TimelineEvent.Kind.values[number % 10], hours=-number, person=personas["Olga"])
    assert Membership.objects.count() >= 4
    with django_assert_max_num_queries(8):
        rolf.get(OVERVIEW)
