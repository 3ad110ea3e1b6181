"""The pages of which `make screens` takes pictures: whose browser, which address, what is done there first."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


def _open_filters(page: Any) -> None:
    page.locator(".filter-menu > summary").click()


def _select_rows(page: Any) -> None:
    for box in page.locator(".select-cell input").all()[:3]:
        box.check()


def _select_for_todo(page: Any) -> None:
    _select_rows(page)
    page.get_by_role("button", name="To-do").click()
    page.wait_for_url("**/roster/selected/")


def _preview_ranks(page: Any) -> None:
    page.get_by_label("Permission set of rank 3").select_option(label="Officers")
    page.get_by_role("button", name="Preview changes").click()
    page.locator("#players").wait_for()


def _open_first(selector: str) -> Callable[[Any], None]:
    """Return a step that follows the first of these links."""

    def step(page: Any) -> None:
        link = page.locator(selector).first
        page.goto(link.get_attribute("href"))

    return step


def _when_fetched(page: Any) -> None:
    """Wait until the player's Destiny data has been fetched, and show it."""
    page.locator(".live progress").first.wait_for(state="hidden", timeout=120_000)
    page.reload()


@dataclass(frozen=True, slots=True)
class Screen:
    """A page: the name of its pictures, its address (in the demo guild, or of the site), what to do first."""

    name: str
    address: str
    prepare: Callable[[Any], None] | None = None
    is_error: bool = False


VISITOR = (
    Screen("landing", "/"),
    Screen("sign-in", "/accounts/login/"),
    Screen("sign-in-failed", "/accounts/battlenet/login/callback/", is_error=True),
    Screen("not-found", "/nowhere/", is_error=True),
)
GUILD_MASTER = (
    Screen("home", "/home/"),
    Screen("characters", "/characters/"),
    Screen("guilds", "/guilds/"),
    Screen("account", "/account/"),
    Screen("account-preferences", "/account/preferences/"),
    Screen("account-tokens", "/account/tokens/"),
    Screen("account-data", "/account/data/"),
    Screen("account-sessions", "/account/sessions/"),
    Screen("account-leave", "/account/leave/"),
    Screen("account-export", "/account/export/"),
    Screen("account-delete", "/account/delete/"),
    Screen("overview", ""),
    Screen("roster", "roster/"),
    Screen("roster-players", "roster/?rows=players"),
    Screen("roster-filters", "roster/?role=TANK&role=HEALER&level=max&sort=-item-level", _open_filters),
    Screen("roster-selected", "roster/?away=30", _select_rows),
    Screen("roster-nobody", "roster/?q=nobody+is+called+that"),
    Screen("roster-views", "roster/views/?role=HEALER&level=max"),
    Screen("roster-to-do", "roster/", _select_for_todo),
    Screen("roster-address", "roster/address/?role=HEALER"),
    Screen("member", "roster/?link=main&q=Thistledown", _open_first(".roster-table a.name")),
    Screen("member-not-linked", "roster/?link=unlinked", _open_first(".roster-table a.name")),
    Screen("timeline", "timeline/"),
    Screen("timeline-feed", "timeline/feed/"),
    Screen("former-members", "former-members/"),
    Screen("former-member", "former-members/", _open_first(".table-panel a[href*='/former-members/']")),
    Screen("ranks", "ranks/"),
    Screen("ranks-first-steps", "ranks/first-steps/"),
    Screen("ranks-preview", "ranks/", _preview_ranks),
    Screen("ranks-set", "ranks/sets/new/"),
    Screen("ranks-grant", "ranks/grants/new/"),
    Screen("away", "away/"),
    Screen("away-rule", "away/rules/new/?like=remove"),
    Screen("to-do", "todo/"),
    Screen("notes", "notes/"),
    Screen("note", "notes/", _open_first("main a:has-text('Edit')")),
    Screen("sync", "sync/"),
    Screen("settings", "settings/"),
    Screen("settings-delete", "settings/delete/"),
    Screen("officers-admin", "/admin/"),
    Screen("account-bungie", "/account/bungie/", _when_fetched),
    Screen("destiny", "/destiny/", _when_fetched),
    Screen("destiny-inventory", "/destiny/inventory/"),
    Screen("destiny-inventory-filtered", "/destiny/inventory/?slot=1498876634&duplicates=on"),
    Screen("destiny-item", "/destiny/inventory/?slot=1498876634", _open_first("main a[href*='/destiny/items/']")),
    Screen("destiny-loadouts", "/destiny/loadouts/"),
    Screen("destiny-loadout-builder", "/destiny/loadouts/new/"),
    Screen("destiny-moves", "/destiny/moves/"),
    Screen("destiny-vendors", "/destiny/vendors/", _when_fetched),
    Screen(
        "destiny-vendor",
        "/destiny/vendors/",
        _open_first("main a[href^='/destiny/vendors/']:not([href$='/vendors/']):not([href*='public'])"),
    ),
    Screen("destiny-milestones", "/destiny/milestones/"),
    Screen("destiny-wish-list", "/destiny/wishlist/"),
    Screen("destiny-manifest", "/destiny/manifest/?q=a"),
)
RAIDER = (Screen("characters-60", "/characters/"), Screen("overview-raider", ""), Screen("ranks-raider", "ranks/"))
NEWCOMER = (Screen("guilds-newcomer", "/guilds/"), Screen("home-newcomer", "/home/"))
SITE_ADMIN = (
    Screen("admin", "/admin/"),
    Screen("admin-status", "/admin/status/"),
    Screen("admin-capacity", "/admin/capacity/"),
    Screen("admin-failed-jobs", "/admin/sync/blizzardjob/"),
    Screen("admin-guilds", "/admin/guilds/guild/"),
    Screen("admin-security-log", "/admin/accounts/securityevent/"),
    Screen("admin-bungie-accounts", "/admin/destiny/bungieaccount/"),
    Screen("admin-destiny-jobs", "/admin/sync/bungiejob/"),
)
IN_FRENCH = tuple(
    one for one in GUILD_MASTER if one.name in {"home", "overview", "roster", "timeline", "away", "destiny-inventory"}
)
