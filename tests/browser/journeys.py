"""Steps that several journeys through the site begin with."""

from typing import Any

from playwright.sync_api import expect

from tests.battlenet import Sandbox
from tests.stack import wait_until


def choose_persona(page: Any, persona: str, *, decision: str = "Allow") -> None:
    """Answer the sandbox's page as the person does."""
    expect(page.get_by_text("Sandbox: not the real Battle.net")).to_be_visible()
    page.locator(f"input[name=persona][value={persona}]").check()
    if persona == "unticker":
        page.get_by_role("checkbox").uncheck()
    page.get_by_role("button", name=decision).click()


def sign_in(page: Any, persona: str) -> None:
    """From the front page through Battle.net to the person's characters."""
    page.goto("/")
    page.get_by_role("button", name="Sign in with Battle.net").click()
    choose_persona(page, persona)
    page.wait_for_url("**/characters/")


def wait_for_characters(page: Any) -> None:
    """Until nothing more is to come, as the page says by itself."""
    expect(page.locator(".progress")).to_have_count(0)


def wait_for_guild(page: Any, guild: Any) -> None:
    """Until the page of characters knows the guild; asks again itself, since without scripts the page does not."""

    def is_there() -> bool:
        page.goto("/characters/")
        return bool(page.get_by_role("link", name=guild["name"]).count() and not page.locator(".progress").count())

    wait_until(is_there)


def guild_path(sandbox: Sandbox) -> str:
    """Where the demo guild's front page stands."""
    guild = sandbox.demo_guild()
    return "/guilds/{region}/{realm_slug}/{slug}/".format(**guild)


def names_on(page: Any) -> list[str]:
    """The names in the roster that is shown, from top to bottom."""
    return [name.strip() for name in page.locator(".roster-table tbody .name").all_inner_texts()]


def numbers_on(page: Any, column: str) -> list[int]:
    """The numbers in a column of the roster that is shown."""
    return [int(text) for text in page.locator(f".roster-table tbody .{column}").all_inner_texts() if text.isdecimal()]
