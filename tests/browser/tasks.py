"""Everyday tasks of officers, step by step from the guild's overview."""

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import expect

from tests.browser.hands import Finger, Keyboard, Mouse
from tests.browser.journeys import names_on
from tests.factories import ROSTER


@dataclass(frozen=True, slots=True)
class Task:
    """A task: what the officer wants, how, and how many clicks it takes each kind of hand that tries it."""

    wanted: str
    way: str
    steps: Callable[[Mouse, Any], None]
    clicks: Mapping[type[Mouse], int]


def tab(page: Any, name: str) -> Any:
    return page.get_by_role("navigation", name="Night Watch").get_by_role("link", name=name, exact=True)


def quick_filter(page: Any, name: str) -> Any:
    return page.get_by_role("list", name="Quick filters").get_by_role("link", name=name)


def search(hand: Mouse, page: Any, text: str, *, finds: int) -> None:
    """Open the roster and search it."""
    hand.press(tab(page, "Roster"))
    page.wait_for_url(f"**{ROSTER}")
    hand.type(page.get_by_label("Search", exact=True), text)
    expect(page.locator(".roster-table tbody tr")).to_have_count(finds)


def joined_or_left(hand: Mouse, page: Any) -> None:
    hand.press(page.get_by_role("link", name="Joined or left this week: 3"))
    expect(page.locator(".result-count")).to_contain_text("3 events")
    for words in ("Newcomer joined", "Newfriend joined", "Oldhand left"):
        expect(page.locator("#events")).to_contain_text(words)


def whose_alt(hand: Mouse, page: Any) -> None:
    search(hand, page, "Twink", finds=2)
    expect(page.get_by_role("row", name="Select Twink")).to_contain_text("alt of Soldier0010")


def all_alts(hand: Mouse, page: Any) -> None:
    search(hand, page, "rolf", finds=4)
    assert sorted(names_on(page)) == ["Rolfne", "Rolfone", "Rolfthree", "Rolftwo"]
    expect(page.get_by_role("row", name="Select Rolfne")).to_contain_text("Main")


def twenty_away(hand: Mouse, page: Any) -> None:
    hand.press(tab(page, "Roster"))
    hand.press(page.get_by_role("link", name="Players", exact=True))
    expect(page.locator(".result-count")).to_contain_text("players")
    hand.press(quick_filter(page, "Away for 30 days"))
    expect(page.locator(".result-count")).to_contain_text("30 of")
    hand.tick_range(page.locator(".select-cell input"), 20)
    expect(page.locator(".selected-count")).to_have_text("selected: 20")
    hand.press(page.get_by_role("button", name="To-do…"))
    hand.press(page.get_by_role("radio", name="Remove"))
    hand.press(page.get_by_role("button", name="Add to to-do"))
    expect(page.get_by_role("status").first).to_contain_text("20 items added.")
    copied = []
    for button in page.get_by_role("button", name="Copy").all():
        hand.press(button)
        copied += page.evaluate("navigator.clipboard.readText()").splitlines()
    assert len(copied) == 20
    assert all(line.startswith("/gremove Soldier") for line in copied)


def tanks_and_healers(hand: Mouse, page: Any) -> None:
    hand.press(page.get_by_role("region", name="Roles and classes").get_by_role("link", name="Tank"))
    hand.press(quick_filter(page, "Healer"))
    expect(page.locator(".result-count")).to_contain_text("8 of")
    assert set(page.locator(".role-cell .role-word").all_inner_texts()) == {"Tank", "Healer"}


def mains_below(hand: Mouse, page: Any) -> None:
    hand.press(page.get_by_role("link", name="Mains below"))
    hand.press(page.locator("summary", has_text="Filters"))
    hand.type(page.get_by_label("Item level to"), "599")
    expect(page.locator(".result-count")).to_contain_text("2 of")
    assert sorted(names_on(page)) == ["Rolfne", "Soldier0010"]


def shared_and_exported(hand: Mouse, page: Any) -> None:
    hand.press(tab(page, "Roster"))
    hand.press(quick_filter(page, "Healer"))
    expect(page.locator(".result-count")).to_contain_text("5 of")
    with page.expect_download() as download:
        hand.press(page.get_by_role("link", name="CSV"))
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text(encoding="utf-8-sig"))))
    shown = names_on(page)
    assert [row["Name"] for row in rows] == shown
    with page.context.expect_page() as opened:
        page.evaluate("address => window.open(address)", page.url)
    expect(opened.value.locator(".result-count")).to_contain_text("5 of")
    assert names_on(opened.value) == shown


def set_up_ranks(hand: Mouse, page: Any) -> None:
    hand.press(page.get_by_role("link", name="First steps"))
    hand.press(page.get_by_label("Name of rank 0"))
    for name in ("Commander", "Captain", "Officer", "Veteran"):
        page.keyboard.type(name)
        # The role of a rank is between two names; the guild master's can't be chosen.
        for _ in range(1 if name == "Commander" else 2):
            page.keyboard.press("Tab")
    hand.choose(page.get_by_label("Role of rank 2"), "Officer")
    hand.press(page.get_by_role("button", name="Preview changes"))
    expect(page.locator("#players + *")).to_contain_text("Gains:")
    hand.press(page.get_by_role("button", name="Save"))
    expect(page.get_by_role("status").first).to_contain_text("Saved.")
    expect(page.get_by_label("Name of rank 2")).to_have_value("Officer")
    expect(page.get_by_label("Permission set of rank 2").locator("option:checked")).to_have_text("Officers")


def note_alt(hand: Mouse, page: Any) -> None:
    search(hand, page, "Soldier0042", finds=1)
    hand.press(page.get_by_role("link", name="Soldier0042"))
    hand.press(page.locator("summary", has_text="Alt of…"))
    hand.type(page.get_by_role("textbox", name="Alt of"), "Soldier0011")
    hand.press(page.get_by_role("button", name="Save"))
    expect(page.get_by_role("main")).to_contain_text("Alt of Soldier0011")


def give_rights(hand: Mouse, page: Any) -> None:
    hand.press(tab(page, "Ranks"))
    hand.choose(page.get_by_label("Permission set of rank 2"), "Set of 1")
    hand.press(page.get_by_role("button", name="Preview changes"))
    expect(page.locator("#players + *")).to_contain_text("Otis")
    hand.press(page.get_by_role("button", name="Save"))
    expect(page.get_by_role("status").first).to_contain_text("Saved.")


TASKS = (
    Task(
        "Who joined or left this week", "Joined or left this week", joined_or_left, {Mouse: 1, Keyboard: 1, Finger: 1}
    ),
    Task("Whose alt is X", "Roster, search, type the name", whose_alt, {Mouse: 2, Keyboard: 1, Finger: 2}),
    Task(
        "All alts of player Y", "Roster, search, type the player's name", all_alts, {Mouse: 2, Keyboard: 1, Finger: 2}
    ),
    Task(
        "Players away for 30 days: 20 of them onto the to-do, commands copied",
        "Roster, Players, Away for 30 days, first box, twentieth box with Shift (on a phone each box), To-do…, Remove,"
        " Add to to-do, Copy for each block",
        twenty_away,
        {Mouse: 10, Keyboard: 10, Finger: 28},
    ),
    Task(
        "Tanks and healers at max level (active in the last 30 days)",
        "Tank under Roles and classes, Healer",
        tanks_and_healers,
        {Mouse: 2, Keyboard: 2, Finger: 2},
    ),
    Task(
        "Mains below item level N",
        "Mains below (the average), Filters, Item level to, type the number",
        mains_below,
        {Mouse: 3},
    ),
    Task(
        "A filtered roster shared and exported",
        "Roster, a filter, CSV; the address is the view",
        shared_and_exported,
        {Mouse: 3},
    ),
    Task(
        "Set up ranks for a new guild",
        "First steps, first name, type the names with Tab between them, a role, Preview changes, Save",
        set_up_ranks,
        {Mouse: 6},
    ),
    Task(
        "Note an alt", "Roster, search, type the name, the member, Alt of…, type the main, Save", note_alt, {Mouse: 6}
    ),
    Task("Give an officer rights", "Ranks, a permission set, Preview changes, Save", give_rights, {Mouse: 5}),
)
