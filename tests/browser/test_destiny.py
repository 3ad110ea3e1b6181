"""The inventory by keyboard, and pages that fit a phone."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from tests.browser.in_process import Site
from tests.browser.layout import assert_fits
from tests.destiny import armory
from tests.destiny.armory import LANTERN, OATH, guardian, item, own_membership
from tests.personas import browser_of

INVENTORY = "/destiny/inventory/"
FOCUSED = "document.activeElement.querySelector('span')?.textContent ?? document.activeElement.id"


@pytest.fixture
def window(site: tuple[Any, Site], settings: Any, people: Callable[[str], User]) -> Any:
    """Ada, who has two oaths, one below the other, and a lantern in the next section."""
    settings.DESTINY_ENABLED = True
    armory.manifest()
    ada = people("Ada")
    membership = own_membership(ada)
    owner = guardian(membership)
    item(membership, OATH, owner, power=1_800)
    item(membership, OATH, owner, power=1_790)
    item(membership, LANTERN, owner)
    page, served = site
    served.browser = browser_of(ada)
    return page


def test_arrows_go_from_tile_to_tile_and_a_slash_to_the_search(window: Any) -> None:
    window.goto(INVENTORY)
    assert window.locator('.tile[tabindex="0"]').count() == 1, "Tab reaches one tile"
    window.locator(".tile").first.focus()
    for name in ("Oath of Éowyn", "Lantern & Key"):
        window.keyboard.press("ArrowDown")
        assert window.evaluate(FOCUSED) == name
    window.keyboard.press("ArrowUp")
    window.keyboard.press("ArrowUp")
    assert window.evaluate("document.activeElement.innerText").endswith("1800")
    window.keyboard.press("/")
    assert window.evaluate(FOCUSED) == "name"
    window.keyboard.type("lan/")
    assert window.input_value("#name") == "lan/"
    window.keyboard.press("Backspace")
    with window.expect_navigation():
        window.keyboard.press("Enter")
    assert window.locator(".tile").all_inner_texts() == ["Lantern & Key\n1750"]
    window.locator(".tile").focus()
    with window.expect_navigation():
        window.keyboard.press("Enter")
    assert window.inner_text("h2") == "Lantern & Key"


def test_no_page_scrolls_sideways(window: Any) -> None:
    for page in ("/destiny/", INVENTORY):
        window.goto(page)
        assert_fits(window)
    window.locator(".tile").first.click()
    assert_fits(window)
