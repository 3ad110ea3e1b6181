"""Everything works without JavaScript."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.battlenet import Sandbox
from tests.browser.journeys import guild_path, names_on, numbers_on, sign_in, sign_in_and_wait, wait_for_guild
from tests.stack import Stack


@pytest.fixture
def plain_page(chromium: Any, stack: Stack) -> Iterator[Any]:
    """A window that runs no scripts."""
    context = chromium.new_context(base_url=stack.url, java_script_enabled=False)
    yield context.new_page()
    context.close()


def test_the_guild_master_needs_no_scripts(plain_page: Any, sandbox: Sandbox) -> None:
    page = plain_page
    sign_in(page, "guildmaster")
    wait_for_guild(page, sandbox.demo_guild())
    expect(page.locator(".guild-group-table tbody tr")).to_have_count(7)

    page.goto(f"{guild_path(sandbox)}roster/")
    page.get_by_role("link", name="Level", exact=True).click()
    levels = numbers_on(page, "level")
    assert len(levels) > 40
    assert levels == sorted(levels, reverse=True)
    first = names_on(page)
    page.get_by_role("link", name="Next").click()
    assert "page=2" in page.url
    assert names_on(page) != first
    assert numbers_on(page, "level") == sorted(numbers_on(page, "level"), reverse=True)

    wanted = sandbox.persona("guildmaster")["characters"][0]["name"]
    page.get_by_label("Search", exact=True).fill(wanted.lower())
    page.get_by_role("button", name="Search", exact=True).click()
    assert wanted in names_on(page)
    assert len(names_on(page)) == 7, "also the other characters of the same player"
    page.get_by_label("Search", exact=True).fill("nobody is called that")
    page.get_by_label("Search", exact=True).press("Enter")
    expect(page.get_by_text("No members match.")).to_be_visible()

    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="A roster that keeps itself up to date.")).to_be_visible()


def test_a_raider_chooses_a_main_without_scripts(plain_page: Any, sandbox: Sandbox) -> None:
    page, place = plain_page, plain_page.get_by_role("region", name="Your characters")
    sign_in_and_wait(page, "raider", sandbox)
    page.goto(guild_path(sandbox))
    expect(place.get_by_text("automatic (best rank, then highest level and item level)")).to_be_visible()
    chosen = place.get_by_label("Your main").locator("option").nth(5).inner_text()
    place.get_by_label("Your main").select_option(label=chosen)
    place.get_by_role("button", name="Save").click()
    expect(place.get_by_text("chosen by you")).to_be_visible()
    expect(page.get_by_text(f"{chosen} was chosen as main")).to_be_visible()
    expect(place.locator(".my-main")).to_contain_text(chosen)
