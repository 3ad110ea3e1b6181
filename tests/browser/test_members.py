"""Members of the demo guild sign in and use the site."""

from typing import Any

from playwright.sync_api import expect

from tests.battlenet import Sandbox
from tests.browser.journeys import (
    guild_path,
    names_on,
    numbers_on,
    sign_in,
    sign_in_and_wait,
    wait_for_characters,
    wait_for_guild,
)


def test_the_guild_master_signs_in_uses_the_roster_and_signs_out(page: Any, sandbox: Sandbox) -> None:
    guild = sandbox.demo_guild()
    sign_in(page, "guildmaster")
    wait_for_guild(page, guild)
    expect(page.get_by_role("heading", name="Your characters")).to_be_visible()
    expect(page.locator(".guild-group-table tbody tr")).to_have_count(7)
    expect(page.locator(".guild-group-table .badge")).to_have_count(1)

    page.get_by_role("link", name=guild["name"]).first.click()
    page.wait_for_url(f"**{guild_path(sandbox)}")
    page.get_by_role("link", name="Roster").first.click()
    page.wait_for_url("**/roster/**")
    expect(page.locator(".roster-table tbody tr")).to_have_count(50)

    page.get_by_role("link", name="Level", exact=True).click()
    expect(page.locator("th[aria-sort=descending]")).to_have_text("Level")
    page.get_by_role("link", name="Level", exact=True).click()
    expect(page.locator("th[aria-sort=ascending]")).to_have_text("Level")
    levels = numbers_on(page, "level")
    assert levels == sorted(levels)
    assert levels[0] < levels[-1]
    assert "sort=level" in page.url

    page.get_by_role("link", name="Next").click()
    expect(page.locator("[aria-current=page]", has_text="2")).to_be_visible()
    assert "page=2" in page.url
    on_second = names_on(page)
    page.go_back()
    expect(page.locator(".pages [aria-current=page]")).to_contain_text("1")
    assert names_on(page) != on_second

    wanted = sandbox.persona("guildmaster")["characters"][0]["name"]
    page.get_by_label("Search", exact=True).press_sequentially(wanted, delay=10)
    # Also the other characters of the same player.
    expect(page.locator(".roster-table tbody tr")).to_have_count(7)
    assert wanted in names_on(page)
    assert "q=" in page.url

    page.get_by_role("link", name="Account").click()
    expect(page.locator(".lead")).to_have_text("Thistledown#2764")
    page.get_by_role("button", name="Sign out").first.click()
    expect(page.get_by_role("heading", name="A roster that keeps itself up to date.")).to_be_visible()
    page.goto("/account/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_an_officer_finds_the_guild_in_the_menu(page: Any, sandbox: Sandbox) -> None:
    guild = sandbox.demo_guild()
    sign_in_and_wait(page, "officer", sandbox)
    page.goto("/characters/")
    expect(page.locator(".guild-group-table tbody tr")).to_have_count(3)
    page.get_by_role("link", name="Guilds", exact=True).click()
    page.get_by_role("link", name=guild["name"]).first.click()
    expect(page.get_by_role("heading", name=guild["name"], level=1)).to_be_visible()
    assert f"{guild['member_count']}" in page.locator("main").inner_text().replace(",", "")


def test_sixty_characters_appear_on_the_open_page(page: Any, sandbox: Sandbox) -> None:
    sandbox.fault(path="/profile/wow/character", delay_ms=150)
    sign_in(page, "raider")
    expect(page.locator(".progress")).to_be_visible()
    expect(page.locator(".progress")).to_contain_text("of 60 characters")
    sandbox.clear_faults()
    wait_for_characters(page)
    expect(page.get_by_text("60 characters").first).to_be_visible()
    expect(page.locator(".guild-group-table tbody tr")).to_have_count(60)
    expect(page.locator("#announcer")).to_have_text("All characters are up to date.")


def test_the_page_updates_until_the_roster_is_fetched(page: Any, sandbox: Sandbox) -> None:
    """The guild and the rank are known from the roster only."""
    sandbox.fault(path="/data/wow/guild/.*/roster", delay_ms=1800)
    sign_in(page, "social")
    expect(page.locator(".guild-group-table tbody tr")).to_have_count(2)
    wait_for_characters(page)
    # The page has stopped updating, so it would never show what is missing now.
    assert page.get_by_role("link", name=sandbox.demo_guild()["name"]).is_visible()


def test_a_social_member_sees_both_characters_with_their_ranks(page: Any, sandbox: Sandbox) -> None:
    sign_in_and_wait(page, "social", sandbox)
    page.goto("/characters/")
    expect(page.locator(".guild-group-table tbody tr")).to_have_count(2)
    assert sorted(page.locator(".rank b").all_inner_texts()) == ["8", "9"]
