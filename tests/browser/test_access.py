"""The site with a keyboard, on a telephone, and its admin under the same security policy."""

from typing import Any

from playwright.sync_api import expect

from accounts.services import grant_admin
from tests.battlenet import Sandbox
from tests.browser.journeys import guild_path, sign_in, wait_for_characters, wait_for_guild

ADMIN_PAGES = [
    *("characters/character/", "guilds/guild/", "guilds/membership/", "guilds/timelineevent/?q=x", "sync/blizzardjob/"),
    *("permissions/rank/", "django_celery_beat/periodictask/", "django_celery_beat/periodictask/add/"),
]
TELEPHONE = {"width": 390, "height": 844}
FOCUSED = """() => {
  const at = document.activeElement, look = getComputedStyle(at);
  return {
    name: at.name || at.id || at.textContent.trim(),
    outlined: look.outlineStyle !== "none" && parseFloat(look.outlineWidth) > 0 || look.boxShadow !== "none",
    inside: at.getBoundingClientRect().top >= 0 && at.getBoundingClientRect().left >= 0,
  };
}"""
TOO_WIDE = """() => {
  const root = document.documentElement;
  if (root.scrollWidth <= innerWidth) return null;
  const guilty = [...document.querySelectorAll("body *")].filter(
    (one) => one.getBoundingClientRect().right > innerWidth + 1).slice(0, 5);
  return root.scrollWidth + " px: " + guilty.map((one) => one.tagName + "." + one.className).join(", ");
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
    wait_for_guild(page, sandbox.demo_guild())

    page.goto(f"{guild_path(sandbox)}roster/")
    stops = [tab(page) for _ in range(28)]
    assert [stop["name"] for stop in stops if not stop["outlined"]] == []
    names = [stop["name"] for stop in stops]
    assert names[0] == "Skip to the content"
    assert names.index("Characters") < names.index("Account") < names.index("q") < names.index("by-level")

    page.get_by_label("Find a character").focus()
    page.keyboard.type(sandbox.persona("guildmaster")["characters"][0]["name"])
    expect(page.locator(".roster-table tbody tr").nth(5)).to_have_count(0)
    expect(page.get_by_label("Find a character")).to_be_focused()

    page.goto(f"{guild_path(sandbox)}roster/")
    page.get_by_role("link", name="Level", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.locator("th[aria-sort=descending]")).to_have_text("Level")
    expect(page.get_by_role("link", name="Level", exact=True)).to_be_focused()


def test_no_page_scrolls_sideways_on_a_telephone(page: Any, sandbox: Sandbox) -> None:
    page.set_viewport_size(TELEPHONE)
    guild = guild_path(sandbox)
    wide = {}

    def look(*addresses: str) -> None:
        for address in addresses:
            page.goto(address)
            wide[address] = page.evaluate(TOO_WIDE)

    look("/", "/accounts/login/", "/accounts/battlenet/login/", "/accounts/inactive/", "/nowhere/")
    sign_in(page, "raider")
    wait_for_guild(page, sandbox.demo_guild())
    wait_for_characters(page)
    look(
        "/characters/",
        "/guilds/",
        "/account/",
        guild,
        f"{guild}roster/",
        f"{guild}roster/?page=3",
        f"{guild}roster/?q=zzz",
    )
    assert {address: what for address, what in wide.items() if what} == {}


def test_the_admin_works_under_the_sites_security_policy(page: Any, sandbox: Sandbox) -> None:
    """The `page` fixture fails the test for every complaint of the browser."""
    sign_in(page, "social")
    wait_for_guild(page, sandbox.demo_guild())
    grant_admin(battletag="Pebblecup#11902")
    page.goto("/characters/")
    page.get_by_role("link", name="Admin").click()
    expect(page.get_by_role("heading", name="Administration")).to_be_visible()
    page.goto("/admin/accounts/user/")
    page.get_by_role("link", name="Pebblecup#11902").click()
    expect(page.locator(".selector-available").first).to_be_visible()
    for address in ADMIN_PAGES:
        page.goto(f"/admin/{address}")
        expect(page.locator("#content")).to_be_visible()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("link", name="Log in again")).to_be_visible()
