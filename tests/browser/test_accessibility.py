"""Pages that people use every day: nothing that axe-core finds, contrast of placeholders, forced colors, 320 pixels."""

from typing import Any

import pytest
from django.urls import reverse

from guilds.guild_url import guild_url
from tests.access.two_guilds import TwoGuilds
from tests.browser.axe import judge
from tests.browser.in_process import Site
from tests.browser.page_states import ADMIN, MASTER, states_of_the_admin, states_of_the_site

pytestmark = pytest.mark.django_db
EVERY_DAY = {"landing", "home", "guilds:overview", "roster, filtered and sorted", "guilds:member", "settings, saved"}
EVERY_DAY |= {
    "inventory",
    "item",
    "guardians",
    "comparison",
    "inventory, duplicates",
    "error 404",
    "index",
    "timeline events: list",
    "guilds: row",
    "list, nothing found",
}


# The contrast of each placeholder with what is behind it.
PLACEHOLDERS = """() => {
  const light = (color) => {
    const [r, g, b] = color.match(/[\\d.]+/g).map((part) => part / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  return [...document.querySelectorAll("[placeholder]")].map((one) => {
    const style = getComputedStyle(one, "::placeholder");
    const [low, high] = [light(style.color), light(getComputedStyle(one).backgroundColor)].sort((a, b) => a - b);
    return style.opacity === "1" ? (high + 0.05) / (low + 0.05) : 0;
  });
}"""
# How far the text is from the middle of its box.
OFF_CENTER = """(box) => {
  const range = document.createRange();
  range.selectNodeContents(box.querySelector("p, h2, h3") ?? box);
  const [text, around] = [range.getBoundingClientRect(), box.getBoundingClientRect()];
  return Math.abs((text.left + text.right - around.left - around.right) / 2);
}"""


def test_the_pages_of_every_day_have_no_violation(site: tuple[Any, Site], two_guilds: TwoGuilds) -> None:
    """A drill judges all pages, in all states."""
    states = [*states_of_the_site(two_guilds), *states_of_the_admin(two_guilds)]
    chosen = [state for state in states if state.title in EVERY_DAY]
    assert {state.title for state in chosen} == EVERY_DAY
    judge(chosen, site, two_guilds)


def test_placeholders_can_be_read_in_both_color_schemes(site: tuple[Any, Site], two_guilds: TwoGuilds) -> None:
    page, served = site
    for who, address in ((MASTER, roster_of(two_guilds)), (ADMIN, reverse("admin:guilds_guild_changelist"))):
        served.browser = two_guilds.browsers[who]
        page.goto(address)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            ratios = page.evaluate(PLACEHOLDERS)
            assert ratios
            assert min(ratios) >= 4.5, f"{address} {scheme}"


def test_forced_colors_show_where_one_is(site: tuple[Any, Site], two_guilds: TwoGuilds) -> None:
    """Backgrounds and shadows are not drawn there, so the current tab and list need a border."""
    page, served = site
    page.emulate_media(forced_colors="active")
    served.browser = two_guilds.browsers[MASTER]
    page.goto(roster_of(two_guilds))
    assert borders(page, ".tabs a[aria-current]") != borders(page, ".tabs a:not([aria-current])")
    assert borders(page, ".main-nav a[aria-current]") != borders(page, ".main-nav a:not([aria-current])")
    served.browser = two_guilds.browsers[ADMIN]
    page.goto(reverse("admin:guilds_guild_changelist"))
    assert borders(page, "#nav-sidebar .current-model th") != borders(page, "#nav-sidebar tr:not(.current-model) th")


def test_what_is_said_of_an_empty_list_is_centered(site: tuple[Any, Site], two_guilds: TwoGuilds) -> None:
    page, served = site
    events = reverse("admin:guilds_timelineevent_changelist")
    for address, text in ((f"{roster_of(two_guilds)}?q=nobody", ".empty"), (f"{events}?q=nobody", ".results-empty")):
        served.browser = two_guilds.browsers[MASTER]
        page.goto(address)
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.locator(text).first.evaluate(OFF_CENTER) < 2, f"{address} {width}"


def roster_of(two_guilds: TwoGuilds) -> str:
    return guild_url("guilds:roster", two_guilds.guild)


def borders(page: Any, selector: str) -> list[str]:
    found: list[str] = page.locator(selector).first.evaluate(
        "one => ['Top', 'Right', 'Bottom', 'Left'].map((side) => getComputedStyle(one)[`border${side}Width`])"
    )
    return found
