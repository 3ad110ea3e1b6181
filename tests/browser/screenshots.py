"""Take screenshots of every page: narrow and wide, dark and light.

Run it against a site with the sandbox (`make demo`):

    python -m tests.browser.screenshots http://localhost:8000 [--persona guildmaster] [--folder screenshots]
"""

import argparse
import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from tests.browser.chromium import ARGUMENTS, CHROMIUM
from tests.browser.journeys import choose_persona

SIZES = {"narrow": (390, 844), "wide": (1280, 900)}
SCHEMES = ("dark", "light")
VISITORS_PAGES = {
    "landing": "/",
    "sign-in": "/accounts/login/",
    "to-battlenet": "/accounts/battlenet/login/",
    "stale": "/accounts/battlenet/login/callback/",
    "closed": "/accounts/inactive/",
    "not-found": "/nowhere/",
}
ACCOUNT_PAGES = {f"account-{name}": f"/account/{name}/" for name in ("leave", "data", "sessions", "export", "delete")}
MEMBERS_PAGES = {"characters": "/characters/", "guilds": "/guilds/", "account": "/account/", **ACCOUNT_PAGES}
GUILD_PAGES = {
    "guild": "",
    "roster": "roster/",
    "roster-sorted": "roster/?sort=-item-level&page=2",
    "roster-search": "roster/?q=an",
    "roster-nobody": "roster/?q=nobody+is+called+that",
    "timeline": "timeline/",
    "ranks": "ranks/",
    "ranks-set": "ranks/sets/new/",
    "ranks-grant": "ranks/grants/new/",
    "notes": "notes/",
    "todo": "todo/",
    "away": "away/",
    "away-rule": "away/rules/new/?like=remove",
    "settings": "settings/",
    "delete": "settings/delete/",
    "sync": "sync/",
}


def main() -> None:
    """Sign in once, then visit all pages."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("site", help="address of a site whose Battle.net is the sandbox")
    parser.add_argument("--persona", default="guildmaster")
    parser.add_argument("--folder", type=Path, default=Path("screenshots"))
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        context = browser.new_context(base_url=options.site.rstrip("/"))
        page = context.new_page()
        take_screenshots(page, VISITORS_PAGES, options.folder)
        sign_in(page, options.persona)
        take_screenshots(page, MEMBERS_PAGES | guild_pages(page), options.folder / options.persona)
        browser.close()


def sign_in(page: Page, persona: str) -> None:
    """Sign in through the sandbox and wait until all characters are fetched."""
    page.goto("/")
    page.get_by_role("button", name="Sign in with Battle.net").click()
    choose_persona(page, persona)
    page.wait_for_url("**/characters/")
    page.locator(".progress").wait_for(state="detached", timeout=120_000)


def guild_pages(page: Page) -> dict[str, str]:
    """Return the pages of the player's first guild, if there is one."""
    page.goto("/guilds/")
    addresses = page.locator("main a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    guild = next((one for one in addresses if re.fullmatch(r"/guilds/\w+/[^/]+/[^/]+/", one)), None)
    return {name: guild + rest for name, rest in GUILD_PAGES.items()} if guild else {}


def take_screenshots(page: Any, addresses: dict[str, str], folder: Path) -> None:
    """Save a screenshot for each page, size and color scheme. Guild pages that don't open are printed and skipped."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, address in addresses.items():
        response = page.goto(address)
        if response.status >= 400 and address.startswith("/guilds/"):
            print(f"{response.status} {address}")
            continue
        for size, (width, height) in SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme)
                page.screenshot(path=folder / f"{name}-{size}-{scheme}.png", full_page=True, animations="disabled")
        print(name)


if __name__ == "__main__":
    main()
