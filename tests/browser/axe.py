"""Violations that axe-core finds on pages, in the states that a person can see them in."""

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from axe_playwright_python.base import AXE_SCRIPT

from tests.access.two_guilds import TwoGuilds
from tests.browser.in_process import Site
from tests.browser.layout import OVERFLOW
from tests.browser.page_states import State


class View(NamedTuple):
    """A window, the color scheme that its reader prefers, and whether menus, forms and tables are unfolded."""

    width: int
    scheme: str
    is_unfolded: bool


VIEWS = (View(1280, "light", is_unfolded=False), View(390, "dark", is_unfolded=True))
UNFOLD = """() => { for (const one of document.querySelectorAll("details")) one.open = true; }"""
RUN = """() => axe.run(document, {resultTypes: ["violations"]}).then((result) => result.violations.flatMap(
  (rule) => rule.nodes.map((node) => `${rule.id}: ${node.html.slice(0, 160)} ${node.failureSummary}`)))"""


def judge(states: Iterable[State], site: tuple[Any, Site], two_guilds: TwoGuilds) -> list[str]:
    """Assert that no state violates a rule, and return a line about each for docs/accessibility.md."""
    page, served = site
    found, lines = {}, []
    for state in states:
        served.browser = two_guilds.browsers[state.who]
        if not is_page(served.browser.get(state.address)):
            continue
        status = open_state(page, state)
        problems = violations(page)
        lines.append(f"| {state.title} | {state.who} | {status} | {len(problems)} |")
        if problems:
            found[f"{state.title}, {state.who}"] = problems
    assert not found, json.dumps(found, indent=1)
    return lines


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


def violations(page: Any) -> list[str]:
    """Return what is wrong with the page in each view, and at 320 pixels."""
    page.evaluate(AXE_SCRIPT)
    problems = []
    for view in VIEWS:
        page.set_viewport_size({"width": view.width, "height": 900})
        page.emulate_media(color_scheme=view.scheme)
        if view.is_unfolded:
            page.evaluate(UNFOLD)
        problems += [f"{view.width} pixels, {view.scheme}: {one}" for one in page.evaluate(RUN)]
    page.set_viewport_size({"width": 320, "height": 640})
    if overflow := page.evaluate(OVERFLOW):
        problems.append(f"320 pixels: {overflow}")
    return problems
