"""The roster and the page of characters: htmx swaps parts of a page, and no page scrolls sideways."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import User
from characters.models import Character
from guilds.models import Guild
from permissions.rights import EVERY_RIGHT
from sync.models import BlizzardJob
from tests.browser.journeys import use_session
from tests.browser.layout import assert_fits
from tests.factories import OVERVIEW, ROSTER, add_members, character, make_job, member, night_watch, realm, token
from tests.personas import Personas, browser_of
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


def test_twenty_who_are_away_go_on_the_to_do_and_their_commands_are_copied(
    page: Any, officer: User, people: Callable[[str], User]
) -> None:
    soldiers = list(Character.objects.filter(name__startswith="Soldier").values_list("pk", flat=True)[:30])
    Character.objects.filter(pk__in=soldiers).update(last_login_at=timezone.now() - timedelta(days=40))
    Personas(Guild.objects.get(), people).give_rights(1, *EVERY_RIGHT)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(ROSTER)
    page.get_by_role("link", name="Away for 30 days").click()
    expect(page.locator(".result-count")).to_contain_text("30 of 130 members")
    for box in page.locator(".select-cell input").all()[:20]:
        box.check()
    expect(page.locator(".selected-count")).to_have_text("selected: 20")
    page.get_by_role("button", name="To-do…").click()
    page.get_by_role("radio", name="Remove").check()
    page.get_by_role("button", name="Add to to-do").click()
    expect(page.get_by_role("status").first).to_contain_text("20 items added.")
    page.get_by_role("button", name="Copy").first.click()
    expect(page.get_by_role("button", name="Copied.")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("/gremove Soldier")
    assert copied.count("\n") > 5
