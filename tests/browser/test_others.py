"""People without a guild, without characters, or without consent are told what is missing."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.battlenet import Sandbox
from tests.browser.journeys import (
    choose_persona,
    guild_path,
    sign_in,
    sign_in_and_wait,
    sign_in_unseen,
    wait_for_characters,
    wait_for_guild,
)


def test_a_newcomer_has_characters_and_no_guild(page: Any) -> None:
    sign_in(page, "newcomer")
    wait_for_characters(page)
    expect(page.get_by_role("heading", name="Without a guild")).to_be_visible()
    expect(page.locator(".guild-group-table tbody tr")).to_have_count(3)
    page.get_by_role("link", name="Guilds", exact=True).click()
    expect(page.locator("main")).to_contain_text("None of your characters is in a guild")


def test_outsiders_get_404_for_guilds_that_exist_and_for_those_that_do_not(page: Any, sandbox: Sandbox) -> None:
    """Strangers do not learn whether a guild uses the site."""
    sign_in_and_wait(page, "social", sandbox)
    page.context.clear_cookies()
    sign_in_unseen(page, "newcomer")
    page.goto("/characters/")
    wait_for_characters(page)
    for address in (guild_path(sandbox), f"{guild_path(sandbox)}roster/", "/guilds/eu/nowhere/nobody/"):
        assert page.goto(address).status == 404
        expect(page.get_by_role("heading", name="Page not found")).to_be_visible()
        assert sandbox.demo_guild()["name"] not in page.locator("body").inner_text()


@pytest.mark.parametrize(
    ("persona", "notice"),
    [
        ("nowow", "No World of Warcraft characters"),
        ("unticker", "Battle.net did not share your characters"),
    ],
)
def test_an_account_without_characters_is_told_why(page: Any, persona: str, notice: str) -> None:
    sign_in(page, persona)
    wait_for_characters(page)
    expect(page.get_by_role("heading", name=notice)).to_be_visible()
    expect(page.locator(".guild-group-table")).to_have_count(0)


def test_after_a_declined_sign_in_one_can_try_again(page: Any, sandbox: Sandbox) -> None:
    page.goto("/")
    page.get_by_role("button", name="Sign in with Battle.net").click()
    choose_persona(page, "social", decision="Deny")
    expect(page.get_by_role("heading", name="You did not sign in")).to_be_visible()
    page.get_by_role("button", name="Try again with Battle.net").click()
    choose_persona(page, "social")
    page.wait_for_url("**/characters/")
    wait_for_guild(page, sandbox.demo_guild())


def test_a_link_opens_after_the_sign_in_that_it_needs(page: Any, sandbox: Sandbox) -> None:
    sign_in_and_wait(page, "social", sandbox)
    page.goto("/characters/")
    page.get_by_role("button", name="Sign out").first.click()
    page.goto(f"{guild_path(sandbox)}roster/?sort=-level")
    page.get_by_role("button", name="Sign in with Battle.net").click()
    choose_persona(page, "social")
    page.wait_for_url(f"**{guild_path(sandbox)}roster/?sort=-level")
    expect(page.locator(".roster-table tbody tr")).to_have_count(50)
    wait_for_guild(page, sandbox.demo_guild())
