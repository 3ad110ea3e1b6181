"""The guild master deletes the guild's data by mistake, and restores it."""

from typing import Any

from playwright.sync_api import expect

from accounts.reauthentication import SIGNED_IN_AT
from accounts.session_store import SessionStore
from guilds.models import Guild
from sync.engine.dispatch import dispatch
from sync.models import BlizzardJob
from tests.battlenet import Sandbox
from tests.browser.journeys import choose_persona, guild_path, sign_in_and_wait
from tests.factories import let_rosters_settle
from tests.stack import wait_until


def let_an_hour_pass(page: Any) -> None:
    """Make the browser's last sign-in an hour older."""
    key = next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "sessionid")
    session = SessionStore(session_key=key)
    session[SIGNED_IN_AT] -= 3600
    session.save()


def test_deleted_data_can_be_restored(page: Any, sandbox: Sandbox) -> None:
    guild = sandbox.demo_guild()
    sign_in_and_wait(page, "guildmaster", sandbox)
    let_an_hour_pass(page)
    page.goto(f"{guild_path(sandbox)}settings/delete/")
    expect(page.get_by_role("heading", name="Not possible yet")).to_be_visible()
    let_rosters_settle(Guild.objects.get(name=guild["name"]))
    page.goto(f"{guild_path(sandbox)}settings/")
    page.get_by_role("link", name="Delete the guild's data").click()
    page.get_by_role("button", name="Sign in again with Battle.net").click()
    choose_persona(page, "guildmaster")
    page.wait_for_url("**/settings/delete/")

    page.get_by_label("The guild's name").fill("Gravel")
    page.get_by_role("button", name="Delete data").click()
    expect(page.get_by_text("This is not the guild's name.")).to_be_visible()
    page.get_by_label("The guild's name").fill(guild["name"])
    page.get_by_role("button", name="Delete data").click()
    expect(page.get_by_role("heading", name=guild["name"])).to_be_visible()
    assert page.goto(guild_path(sandbox)).status == 404
    assert page.goto(f"{guild_path(sandbox)}roster/").status == 404

    page.goto("/guilds/")
    expect(page.get_by_text("It will be removed permanently on")).to_be_visible()
    asked_for_before = sandbox.stats()["by_endpoint"]["guild-roster"]
    page.get_by_role("link", name="Restore").click()
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_text("Restored.")).to_be_visible()
    page.get_by_role("link", name="Timeline", exact=True).click()
    expect(page.locator(".events li").first).to_contain_text("restored the guild's data")
    page.get_by_role("link", name="Roster", exact=True).click()
    expect(page.locator(".roster-table tbody tr")).to_have_count(50)
    page.get_by_role("link", name="Settings", exact=True).click()
    expect(page.get_by_role("heading", name="Public information")).to_be_visible()

    job = BlizzardJob.objects.filter(guild=Guild.objects.get(name=guild["name"]))
    wait_until(lambda: dispatch() >= 0 and job.get().state == BlizzardJob.State.RESTING)
    assert sandbox.stats()["by_endpoint"]["guild-roster"] == asked_for_before + 1
