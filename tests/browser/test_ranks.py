"""The guild master changes permissions, and an officer's next page shows it."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect

from accounts.models import User
from guilds.models import Guild
from tests.battlenet import Sandbox
from tests.browser.journeys import guild_path, sign_in_and_wait, use_session
from tests.browser.layout import assert_fits
from tests.permissions.conftest import RANKS, grant, personas_with_ranks
from tests.personas import browser_of
from tests.stack import Stack


def test_a_changed_permission_set_counts_on_the_officers_next_page(page: Any, stack: Stack, sandbox: Sandbox) -> None:
    ranks = f"{guild_path(sandbox)}ranks/"
    elsewhere = page.context.browser.new_context(base_url=stack.url)
    officer = elsewhere.new_page()
    sign_in_and_wait(officer, "officer", sandbox)
    officer.goto(ranks)
    gives = officer.locator("dt", has_text="From your rank").locator("+ dd")
    expect(gives).to_have_text("View the guild's pages")
    expect(officer.get_by_role("button", name="Preview changes")).to_have_count(0)

    sign_in_and_wait(page, "guildmaster", sandbox)
    page.goto(guild_path(sandbox))
    page.get_by_role("link", name="Ranks", exact=True).click()
    page.get_by_role("link", name="Edit Members").click()
    page.get_by_label("Refresh data").check()
    page.get_by_role("button", name="Preview changes").click()
    gainers = page.locator(".rank-change")
    expect(gainers).to_contain_text("Gains: refresh data")
    expect(gainers).to_contain_text("Morwick")
    expect(gainers).not_to_contain_text("Thistledown")
    expect(page.locator("main")).to_contain_text("not linked to a player yet")
    officer.reload()
    expect(gives).to_have_text("View the guild's pages")

    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").first).to_contain_text("Saved.")
    officer.reload()
    expect(gives).to_have_text("View the guild's pages, refresh data")
    officer.goto(guild_path(sandbox))
    expect(officer.locator(".events")).to_contain_text(
        'Thistledown changed the permission set "Members"; gains: refresh data'
    )
    elsewhere.close()


def test_no_page_scrolls_sideways(page: Any, stack: Stack, guild: Guild, people: Callable[[str], User]) -> None:
    personas = personas_with_ranks(guild, people)
    guild.ranks.filter(rank_level=5).update(rank_name="Wolkensammlerinnen und Freunde")
    grant(guild, personas["Rolf"], "guilds.read_notes", "guilds.write_notes", by=personas["Mara"])
    use_session(page, stack, browser_of(personas["Mara"]))
    for rest in ("", "sets/new/", f"sets/{personas.set('Members').pk}/", "grants/new/"):
        page.goto(RANKS + rest)
        for summary in page.locator("summary").all():
            summary.click()
        assert_fits(page)
    page.goto(RANKS)
    page.get_by_label("Permission set of rank 4").select_option(label="Officers")
    page.get_by_role("button", name="Preview changes").press("Enter")
    expect(page.get_by_text("Rolf (Rolfne)")).to_be_visible()
    assert_fits(page)
