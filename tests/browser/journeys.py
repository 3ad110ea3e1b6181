"""Steps that several browser tests begin with."""

from typing import Any

from django.conf import settings
from django.test import Client
from playwright.sync_api import expect

from tests.battlenet import Sandbox
from tests.stack import Stack, wait_until


def choose_persona(page: Any, persona: str, *, decision: str = "Allow") -> None:
    """Choose a persona on the sandbox's sign-in page, and allow or deny the sign-in."""
    expect(page.get_by_text("Sandbox: not the real Battle.net")).to_be_visible()
    page.locator(f"input[name=persona][value={persona}]").check()
    if persona == "unticker":
        page.get_by_role("checkbox").uncheck()
    page.get_by_role("button", name=decision).click()


def sign_in(page: Any, persona: str) -> None:
    """Sign in from the landing page through Battle.net, up to the page of characters."""
    page.goto("/")
    page.get_by_role("button", name="Sign in with Battle.net").click()
    choose_persona(page, persona)
    page.wait_for_url("**/characters/")


def sign_in_unseen(page: Any, persona: str) -> None:
    """Sign in with the requests of `sign_in`, but show no page: for tests of something else.

    Chromium needs a third of a second of processor time for each page that it shows.
    """
    shown = page.request.get("/accounts/login/").text()
    form = {"csrfmiddlewaretoken": shown.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]}
    to_battlenet = page.request.post("/accounts/battlenet/login/", form=form, max_redirects=0)
    arrived = page.request.get(f"{to_battlenet.headers['location']}&persona={persona}")
    assert arrived.url.endswith("/characters/"), arrived.text()


def sign_in_and_wait(page: Any, persona: str, sandbox: Sandbox) -> None:
    """Sign in a member of the demo guild, and wait until everything is fetched, without showing a page."""
    sign_in_unseen(page, persona)
    wait_until_fetched(page, sandbox.demo_guild())


def use_session(page: Any, stack: Stack, client: Client) -> None:
    """Continue the session of a test client in this window, without a sign-in at Battle.net."""
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": stack.url}])


def wait_for_characters(page: Any) -> None:
    """Wait until everything is fetched, as the open page shows it without a reload."""
    expect(page.locator(".progress")).to_have_count(0)


def wait_until_fetched(page: Any, guild: Any) -> None:
    """Wait until the guild's roster is fetched.

    It asks for the page without showing it: a browser that draws it again and again takes the processor from the
    worker for which the test waits. Without scripts, an open page would not update.
    """

    def is_fetched() -> bool:
        text = page.request.get("/characters/").text()
        return guild["name"] in text and "progress-title" not in text

    wait_until(is_fetched, pause=0.25)


def wait_for_guild(page: Any, guild: Any) -> None:
    """Wait until the guild's roster is fetched, then open the page of characters."""
    wait_until_fetched(page, guild)
    page.goto("/characters/")
    expect(page.get_by_role("link", name=guild["name"]).first).to_be_visible()
    expect(page.locator(".progress")).to_have_count(0)


def guild_path(sandbox: Sandbox) -> str:
    """Return the address of the demo guild's overview."""
    guild = sandbox.demo_guild()
    return "/guilds/{region}/{realm_slug}/{slug}/".format(**guild)


def names_on(page: Any) -> list[str]:
    """Return the names in the open roster, from top to bottom."""
    return [name.strip() for name in page.locator(".roster-table tbody .name").all_inner_texts()]


def numbers_on(page: Any, column: str) -> list[int]:
    """Return the numbers in a column of the open roster."""
    return [int(text) for text in page.locator(f".roster-table tbody .{column}").all_inner_texts() if text.isdecimal()]
