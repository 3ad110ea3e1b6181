"""The site with a keyboard and on a phone, and its admin under the same security policy."""

from typing import Any

from playwright.sync_api import expect

from accounts.services import grant_admin
from tests.battlenet import Sandbox
from tests.browser.journeys import guild_path, sign_in_and_wait, wait_until_fetched
from tests.browser.layout import PHONE, assert_fits

ADMIN_PAGES = [
    *("characters/character/", "guilds/guild/", "guilds/membership/", "guilds/timelineevent/?q=x", "sync/blizzardjob/"),
    *("permissions/grant/", "django_celery_beat/periodictask/", "django_celery_beat/intervalschedule/add/"),
]
FOCUSED = """() => {
  const at = document.activeElement, look = getComputedStyle(at);
  return {
    name: at.name || at.id || at.textContent.trim(),
    outlined: look.outlineStyle !== "none" && parseFloat(look.outlineWidth) > 0 || look.boxShadow !== "none",
    inside: at.getBoundingClientRect().top >= 0 && at.getBoundingClientRect().left >= 0,
  };
}"""


def tab(page: Any) -> Any:
    page.keyboard.press("Tab")
    return page.evaluate(FOCUSED)


def test_the_keyboard_reaches_everything_and_shows_where_it_is(page: Any, sandbox: Sandbox) -> None:
    page.goto("/")
    first = tab(page)
    assert (first["name"], first["outlined"], first["inside"]) == ("Skip to the content", True, True)
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()
    button = tab(page)
    assert (button["name"], button["outlined"]) == ("Sign in with Battle.net", True)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Allow").press("Enter")
    page.wait_for_url("**/characters/")
    wait_until_fetched(page, sandbox.demo_guild())

    page.goto(f"{guild_path(sandbox)}roster/")
    stops = [tab(page) for _ in range(60)]
    assert [stop["name"] for stop in stops if not stop["outlined"]] == []
    names = [stop["name"] for stop in stops]
    assert names[0] == "Skip to the content"
    assert names.index("Characters") < names.index("Account") < names.index("q") < names.index("by-level")

    page.get_by_label("Search", exact=True).focus()
    page.keyboard.type(sandbox.persona("guildmaster")["characters"][0]["name"])
    # Also the other characters of the same player.
    expect(page.locator(".roster-table tbody tr")).to_have_count(7)
    expect(page.get_by_label("Search", exact=True)).to_be_focused()

    page.goto(f"{guild_path(sandbox)}roster/")
    page.get_by_role("link", name="Level", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.locator("th[aria-sort=descending]")).to_have_text("Level")
    expect(page.get_by_role("link", name="Level", exact=True)).to_be_focused()


def test_no_page_scrolls_sideways_on_a_phone(page: Any, sandbox: Sandbox) -> None:
    guild = guild_path(sandbox)

    def look(*addresses: str) -> None:
        for address in addresses:
            page.goto(address)
            assert_fits(page, [PHONE])

    look("/", "/accounts/login/", "/accounts/battlenet/login/", "/accounts/inactive/", "/nowhere/")
    sign_in_and_wait(page, "raider", sandbox)
    look("/characters/", "/guilds/", "/account/", guild)
    look(f"{guild}roster/", f"{guild}roster/?page=3", f"{guild}roster/?q=zzz")


def test_the_admin_works_under_the_sites_security_policy(page: Any, sandbox: Sandbox) -> None:
    """The `page` fixture fails the test for every error that the browser reports."""
    sign_in_and_wait(page, "social", sandbox)
    grant_admin(battletag="Pebblecup#11902")
    page.goto("/characters/")
    page.get_by_role("link", name="Admin").click()
    expect(page.get_by_role("heading", name="Administration")).to_be_visible()
    page.goto("/admin/accounts/user/")
    page.get_by_role("link", name="Pebblecup#11902").click()
    expect(page.get_by_role("heading", name="Change user")).to_be_visible()
    for address in ADMIN_PAGES:
        page.goto(f"/admin/{address}")
        expect(page.locator("#content")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in with Battle.net").first).to_be_visible()
