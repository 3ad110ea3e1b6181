"""axe-core finds nothing on the pages of the site and of the admin, in any of their states, and they fit 320 pixels."""

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.urls import reverse

from guilds.guild_url import guild_url
from tests.access.two_guilds import TwoGuilds
from tests.browser.in_process import ORIGIN, Site
from tests.browser.layout import OVERFLOW
from tests.browser.page_states import ADMIN, MASTER, State, states_of_the_admin, states_of_the_site

pytestmark = pytest.mark.django_db
TABLE = Path(__file__).parents[2] / "docs" / "accessibility.md"


class View(NamedTuple):
    """A window, the color scheme that its reader prefers, and whether menus, forms and tables are unfolded."""

    width: int
    scheme: str
    is_unfolded: bool


VIEWS = (View(1280, "light", is_unfolded=False), View(390, "dark", is_unfolded=True))
# Each page in both views takes minutes; otherwise they take turns.
WHOLE = "WRITE_TABLES" in os.environ
UNFOLD = """() => { for (const one of document.querySelectorAll("details")) one.open = true; }"""
RUN = """() => axe.run(document, {resultTypes: ["violations"]}).then((result) => result.violations.flatMap(
  (rule) => rule.nodes.map((node) => `${rule.id}: ${node.html.slice(0, 160)} ${node.failureSummary}`)))"""

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


@pytest.fixture
def site(chromium: Any) -> Iterator[tuple[Any, Site]]:
    """A window whose pages come from this process."""
    context = chromium.new_context(base_url=ORIGIN, reduced_motion="reduce", service_workers="block")
    site = Site(context)
    yield context.new_page(), site
    context.close()


def test_no_violation_on_the_site(site: tuple[Any, Site], two_guilds: TwoGuilds) -> None:
    judge("Site", states_of_the_site(two_guilds), site, two_guilds)


def test_no_violation_in_the_admin(site: tuple[Any, Site], two_guilds: TwoGuilds) -> None:
    judge("Admin", states_of_the_admin(two_guilds), site, two_guilds)


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


def judge(title: str, states: Iterable[State], site: tuple[Any, Site], two_guilds: TwoGuilds) -> None:
    """Assert that no state violates a rule, and that the document lists the states."""
    page, served = site
    found, lines = {}, []
    for number, state in enumerate(states):
        served.browser = two_guilds.browsers[state.who]
        if not is_page(served.browser.get(state.address)):
            continue
        status = open_state(page, state)
        problems = violations(page, VIEWS if WHOLE else [VIEWS[number % 2]])
        lines.append(f"| {state.title} | {state.who} | {status} | {len(problems)} |")
        if problems:
            found[f"{state.title}, {state.who}"] = problems
    assert not found, json.dumps(found, indent=1)
    check_table(title, lines)


def is_page(answer: Any) -> bool:
    """Return whether an answer is a page, or leads to one, and not a file or a refused method."""
    is_html = answer.get("Content-Type", "").startswith("text/html")
    return is_html and not answer.streaming and bool(answer.content or answer.status_code == 302)


def open_state(page: Any, state: State) -> int:
    """Bring the window into a state, and return the status of the page that it shows."""
    answers: list[int] = []

    def remember(response: Any) -> None:
        if response.request.is_navigation_request():
            answers.append(response.status)

    page.on("response", remember)
    page.set_extra_http_headers({"Accept-Language": state.language})
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(color_scheme="light")
    page.goto(state.address)
    if state.act:
        state.act(page)
    page.remove_listener("response", remember)
    return answers[-1]


def violations(page: Any, views: Iterable[View]) -> list[str]:
    """Return what is wrong with the page in each of these views, and at 320 pixels."""
    page.evaluate(AXE_SCRIPT)
    problems = []
    for view in views:
        page.set_viewport_size({"width": view.width, "height": 900})
        page.emulate_media(color_scheme=view.scheme)
        if view.is_unfolded:
            page.evaluate(UNFOLD)
        problems += [f"{view.width} pixels, {view.scheme}: {one}" for one in page.evaluate(RUN)]
    page.set_viewport_size({"width": 320, "height": 640})
    if overflow := page.evaluate(OVERFLOW):
        problems.append(f"320 pixels: {overflow}")
    return problems


def check_table(title: str, lines: list[str]) -> None:
    """Assert that the document's table of this title has these lines; WRITE_TABLES=1 writes them."""
    text = TABLE.read_text()
    before, head, rest = text.partition(f"## {title}\n")
    _, following, after = rest.partition("\n## ")
    table = "\n".join(["", "| state | who | status | violations |", "|---|---|--:|--:|", *lines, ""])
    written = f"{before}{head}{table}{following}{after}"
    if os.environ.get("WRITE_TABLES"):
        TABLE.write_text(written)
    assert TABLE.read_text() == written, "docs/accessibility.md is outdated: run the test with WRITE_TABLES=1"
