"""The overview: numbers and charts of a guild, correct for any members."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import User
from characters.models import Role
from guilds.models import Guild, TimelineEvent
from guilds.overview.statistics import MOST_STEPS, Week, first_week, histogram, read_statistics, weeks
from tests.factories import OVERVIEW, member, night_watch
from tests.personas import Personas

pytestmark = pytest.mark.django_db
# A Saturday.
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.fixture
def guild(db: None) -> Guild:
    return night_watch()


def statistics_of(guild: Guild, zone: str = "UTC") -> Any:
    return read_statistics(guild, now=NOW, zone=ZoneInfo(zone))


def seen(days: float) -> datetime:
    return NOW - timedelta(days=days)


def event(guild: Guild, kind: str, days: float) -> None:
    TimelineEvent.objects.create(guild=guild, kind=kind, happened_at=seen(days), character_name="Somebody")


def test_the_item_level_is_that_of_active_characters_of_max_level(guild: Guild) -> None:
    for number, (level, item_level, days) in enumerate(
        [(90, 240, 1), (90, 260, 29), (90, 100, 31), (70, 130, 1), (88, 190, 1), (90, 0, 2), (90, None, 2)]
    ):
        member(guild, f"Member{number}", level=level, equipped_item_level=item_level, last_login_at=seen(days))
    found = statistics_of(guild)
    assert (found.max_level, found.item_level) == (90, 250)
    assert (found.characters, found.active, found.finished) == (7, 6, 4)


def test_players_are_counted_once_and_characters_each(guild: Guild, people: Callable[[str], User]) -> None:
    for name in ("Rolfone", "Rolftwo"):
        member(guild, name, user=people("Rolf"))
    member(guild, "Olgaone", user=people("Olga"))
    member(guild, "Nobodys")
    found = statistics_of(guild)
    assert (found.characters, found.players) == (4, 2)


def test_roles_and_classes_are_those_of_active_characters_of_max_level(guild: Guild) -> None:
    for name, days, fields in (
        ("Tank", 1, {"role": Role.TANK, "playable_class_id": 1}),
        ("Mage", 1, {}),
        ("Other", 2, {}),
        ("Away", 40, {}),
        ("Alt", 1, {"level": 12}),
    ):
        member(guild, name, last_login_at=seen(days), **fields)
    found = statistics_of(guild)
    assert found.roles == [(Role.TANK, 1), (Role.DAMAGE, 2)]
    assert found.classes == [(8, "Mage", 2), (1, "Warrior", 1)]


def test_last_logins_are_counted_in_spans(guild: Guild) -> None:
    for number, days in enumerate((0.5, 3, 3, 20, 80, 300, 400, 500)):
        member(guild, f"Member{number}", last_login_at=seen(days))
    member(guild, "Unknown")
    assert statistics_of(guild).logins == [1, 2, 1, 1, 1, 2, 1]


def test_hours_are_those_of_the_readers_time_zone(guild: Guild) -> None:
    member(guild, "Late", last_login_at=datetime(2026, 11, 20, 23, 30, tzinfo=UTC))
    friday, saturday = 4 * 24, 5 * 24
    assert statistics_of(guild).hours.index(1) == friday + 23
    assert statistics_of(guild, "Europe/Paris").hours.index(1) == saturday
    assert statistics_of(guild, "America/New_York").hours.index(1) == friday + 18


def test_members_over_time_are_counted_back_from_today(guild: Guild) -> None:
    Guild.objects.update(created_at=seen(15))
    guild.refresh_from_db()
    for name in ("Anna", "Bert", "Cid"):
        member(guild, name)
    for kind, days in (("JOINED", 1), ("LEFT", 8), ("LEFT", 9), ("JOINED", 9), ("PROMOTED", 9)):
        event(guild, kind, days)
    assert statistics_of(guild).weeks == [
        Week(date(2026, 11, 2), 0, 0, 3),
        Week(date(2026, 11, 9), 1, 2, 2),
        Week(date(2026, 11, 16), 1, 0, 3),
    ]


def test_at_most_half_a_year_of_weeks_is_shown() -> None:
    first = first_week(seen(1000), NOW, UTC)
    found = weeks((), first, NOW.date(), 5)
    assert (len(found), found[-1].start) == (26, date(2026, 11, 16))


@given(st.lists(st.integers(1, 32_767), min_size=1))
def test_a_histogram_has_every_value_once_and_few_steps(values: list[int]) -> None:
    steps = histogram(values)
    assert len(steps) <= MOST_STEPS
    assert [one.size for one in steps] == [sum(one.low <= value <= one.high for value in values) for one in steps]
    assert sum(one.size for one in steps) == len(values)


def test_every_chart_has_its_numbers_as_a_table(personas: Personas) -> None:
    member(personas.guild, "Active", last_login_at=timezone.now(), equipped_item_level=612)
    page = personas.browser("Rolf").get(OVERVIEW)
    charts = page.context["charts"]
    assert [one.key for one in charts] == ["item-levels", "last-logins", "members", "hours"]
    for chart in charts:
        assert chart.table in page.content.decode()
    assertContains(page, '<tr><th scope="row">612</th><td>1</td></tr>')


def test_visitors_are_not_told_how_many_players_signed_in(personas: Personas) -> None:
    Guild.objects.update(visibility="EVERYBODY", achievement_points=1234, founded_at=seen(5000))
    page = Client().get(OVERVIEW)
    assertNotContains(page, "Players signed in")
    assertContains(page, "1,234")
    assertContains(page, "2013")
