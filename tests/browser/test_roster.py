"""The roster and the page of characters: htmx swaps parts of a page, and no page scrolls sideways."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from characters.models import Character
from sync.models import BlizzardJob
from tests.browser.accessibility import announced_rows
from tests.browser.journeys import use_session
from tests.browser.layout import PHONE, assert_fits
from tests.factories import OVERVIEW, ROSTER, add_members, character, make_job, member, night_watch, realm, token
from tests.personas import browser_of
from tests.stack import Stack

NEXT_PAGE = "#page-next"


@pytest.fixture
def officer(page: Any, stack: Stack, people: Callable[[str], User]) -> User:
    """Olga, an officer of a guild of 130, is signed in."""
    olga = people("Olga")
    guild = night_watch()
    member(guild, "Olgana", rank=1, user=olga, main=True)
    member(guild, "Wolkensammlerin", rank=7, user=olga, realm=realm("the-venture-co", "The Venture Co"))
    add_members(guild, 128)
    token(olga)
    make_job(olga)
    use_session(page, stack, browser_of(olga))
    return olga


def test_searching_sorting_and_paging_replace_only_the_table(page: Any, officer: User) -> None:
    page.goto(ROSTER)
    page.evaluate("window.sameDocument = true")
    page.fill("#id_q", "soldier")
    page.wait_for_url(f"**{ROSTER}?q=soldier")
    assert page.inner_text(".result-count").startswith("128 of 130 members")
    page.focus("#by-level")
    page.keyboard.press("Enter")
    page.wait_for_url("**sort=-level*")
    assert page.get_attribute("th.w-level", "aria-sort") == "descending"
    assert page.evaluate("document.activeElement.id") == "by-level", "the focus stays where it was"
    page.click(NEXT_PAGE)
    page.wait_for_url("**page=2*")
    assert "51–100 of 128" in page.inner_text(".pagination")
    assert page.evaluate("window.sameDocument")
    assert "130 members" in page.inner_text("#announcer")


def test_the_back_button_shows_the_previous_page(page: Any, officer: User) -> None:
    page.goto(ROSTER)
    page.click(NEXT_PAGE)
    page.wait_for_url("**page=2*")
    page.go_back()
    page.wait_for_selector(".pagination >> text=1–50 of 130")
    assert page.locator("h1").count() == 1


def test_the_progress_bar_disappears_when_all_is_fetched(page: Any, officer: User) -> None:
    make_job(character("Coming", user=officer), "RUNNING")
    page.goto("/characters/")
    page.wait_for_selector("progress")
    BlizzardJob.objects.filter(kind="profile").update(state="RESTING")
    page.wait_for_selector("progress", state="detached")
    assert page.inner_text("#announcer") == "All characters are up to date."


def test_no_page_scrolls_sideways(page: Any, officer: User) -> None:
    for address in ("/characters/", "/guilds/", OVERVIEW, ROSTER, "/account/"):
        page.goto(address)
        assert_fits(page)


def test_a_phone_announces_each_member_by_name_and_every_value_by_its_column(page: Any, officer: User) -> None:
    Character.objects.filter(name="Olgana").update(last_login_at=timezone.now() - timedelta(days=3, hours=1))
    page.set_viewport_size({"width": PHONE, "height": 844})
    page.goto(f"{ROSTER}?q=olga")
    first, second = announced_rows(page)
    assert first == [
        ("rowheader", "Olgana Main"),
        ("cell", "Player Olga"),
        ("cell", "Rank Officer"),
        ("cell", "Level 80"),
        ("cell", "Class Frost Mage"),
        ("cell", "Role Damage"),
        ("cell", "Item level 600"),
        ("cell", "Last login 3 days ago"),
    ]
    assert second[0] == ("rowheader", "Wolkensammlerin-The Venture Co")
    assert second[1] == ("cell", "Player Olga main: (Olgana)")
