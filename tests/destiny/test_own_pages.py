"""A player's guardians, inventory and items: what the pages show, to whom, and at which cost."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from destiny import game
from destiny.models import DestinyMembership, DestinyProfile, Guardian, Item
from sync.destiny.jobs import BungieJob
from tests.destiny import armory
from tests.destiny.armory import COILS, HOOD, LANTERN, MOON, OATH, guardian, item, items, own_membership
from tests.html import text_of
from tests.personas import browser_of

HOME, INVENTORY, COMPARE = "/destiny/", "/destiny/inventory/", "/destiny/compare/"


@pytest.fixture
def manifest(db: None, settings: Any) -> None:
    settings.DESTINY_ENABLED = True
    armory.manifest()


@pytest.fixture
def membership(manifest: None, someone: User) -> DestinyMembership:
    return own_membership(someone)


@pytest.fixture
def hunter(membership: DestinyMembership) -> Guardian:
    return guardian(membership)


@pytest.fixture
def browser(someone: User) -> Client:
    return browser_of(someone)


def page_of(one: Item) -> str:
    return f"/destiny/items/{one.pk}/"


def names(browser: Client, query: str = "") -> list[str]:
    """Return the names of the items that the inventory shows, in its order."""
    page = browser.get(f"{INVENTORY}?{query}").content.decode()
    return re.findall(r"</svg><span>([^<]*)</span>", page)


# --- the menu and the first page --------------------------------------------------------------------------------------


def test_the_menu_has_destiny_for_people_with_a_bungie_account(
    manifest: None, people: Callable[[str], User], browser: Client
) -> None:
    entry = '<a href="/destiny/"'
    assert entry not in browser.get("/home/").content.decode()
    own_membership(people("Ada"))
    assert entry in browser.get("/home/").content.decode()
    assert 'href="/destiny/" aria-current="page"' in re.sub(r"\s+", " ", browser.get(HOME).content.decode())


def test_the_menu_costs_no_statement(manifest: None, someone: User, browser: Client) -> None:
    own_membership(someone)
    with CaptureQueriesContext(connection) as asked:
        assert '<a href="/destiny/"' in browser.get("/destiny/manifest/").content.decode()
    (of_the_session,) = [one["sql"] for one in asked if "socialaccount" in one["sql"]]
    assert "accounts_browsersession" in of_the_session


@pytest.mark.parametrize("page", [HOME, INVENTORY, COMPARE])
def test_without_a_bungie_account_the_page_says_how_to_connect_one(manifest: None, browser: Client, page: str) -> None:
    assert "Connect Bungie account" in text_of(browser.get(page))


def test_home_shows_guardians_as_the_game_does(membership: DestinyMembership, browser: Client) -> None:
    guardian(membership, activity_hash=MOON, activity_started_at=timezone.now(), title_hash=armory.TITLE)
    guardian(membership, 2, class_type=0)
    page = text_of(browser.get(HOME))
    assert "Hunter Awoken · Lamplighter Power 1801" in page
    assert "Weapons 10 Health 20 Class 30 Grenade 40 Super 50 Melee 60" in page
    assert "The Quiet Moon, since" in page
    assert "120 hours played" in page
    assert "Titan Awoken Power 1802" in page
    assert "Last played 2 hours ago" in page


def test_home_warns_of_a_postmaster_that_is_nearly_full(
    membership: DestinyMembership, hunter: Guardian, browser: Client
) -> None:
    items(membership, OATH, 17, hunter, bucket_hash=game.LOST_ITEMS)
    page = text_of(browser.get(HOME))
    assert "Postmaster 17/21" in page
    assert "disappears" not in page
    items(membership, OATH, 1, hunter, bucket_hash=game.LOST_ITEMS)
    assert "Postmaster 18/21: collect something, or the oldest disappears soon" in text_of(browser.get(HOME))


def test_home_shows_all_memberships_and_changes_the_one_on_the_other_pages(
    membership: DestinyMembership, hunter: Guardian, someone: User, browser: Client
) -> None:
    xbox = own_membership(someone, 2, membership_type=1)
    guardian(xbox, class_type=2)
    item(xbox, LANTERN)
    item(membership, OATH)
    DestinyMembership.objects.filter(pk=membership.pk).update(last_played_at=timezone.now())
    page = text_of(browser.get(HOME))
    assert "Steam Shown on all pages" in page
    assert "Xbox Show on all pages" in page
    assert "Warlock" in page
    assert "Hunter" in page
    assert names(browser) == ["Oath of Éowyn"]
    chosen = browser.post("/account/bungie/membership/", {"membership": xbox.pk, "next": "destiny"})
    assert chosen["Location"] == HOME
    assert names(browser) == ["Lantern &amp; Key"]


def test_a_page_says_how_old_its_data_is_and_updates_itself(membership: DestinyMembership, browser: Client) -> None:
    DestinyProfile.objects.update(minted_at=timezone.now() - timedelta(minutes=10))
    assert "as of 10 min ago" in text_of(browser.get(INVENTORY))
    assert "data-updates" not in browser.get(INVENTORY).content.decode()
    BungieJob.objects.update(attempted_at=timezone.now() - timedelta(minutes=10))
    page = browser.get(INVENTORY).content.decode()
    shown = re.search(r'data-updates="([^"]+)" data-version="([^"]+)"', page)
    assert shown is not None
    assert browser.get(shown[1]).json() == {"busy": True, "version": shown[2]}
    BungieJob.objects.update(state=BungieJob.State.RESTING, attempted_at=timezone.now())
    after = browser.get(shown[1]).json()
    assert after["busy"] is False
    assert after["version"] != shown[2]
    assert "data-updates" not in browser.get(INVENTORY).content.decode()


def test_the_pages_say_what_bungie_keeps_back(membership: DestinyMembership, browser: Client) -> None:
    hidden = {"vault": "private", "currencies": "disabled", "carried": "missing"}
    DestinyProfile.objects.update(hidden=hidden, doubts={"equipped": timezone.now().isoformat()})
    for page in (HOME, INVENTORY):
        text = text_of(browser.get(page))
        assert "Bungie does not show us your vault: private." in text
        assert "Bungie does not show us your currencies: switched off there" in text
        assert "Bungie left your guardians' inventory out of its last answer." in text
        assert "Most of your guardians' equipment is missing in Bungie's last answer." in text


def test_somebody_whose_permission_ended_is_asked_to_connect_again(
    membership: DestinyMembership, hunter: Guardian, browser: Client
) -> None:
    type(membership.account).objects.update(access_token=None, refresh_token=None)
    page = text_of(browser.get(HOME))
    assert "Connect the account again" in page
    assert "Hunter" in page


# --- the inventory ----------------------------------------------------------------------------------------------------


@pytest.fixture
def belongings(membership: DestinyMembership, hunter: Guardian) -> dict[str, Item]:
    """An equipped oath, a weaker locked one in the vault, a lantern at the postmaster, a hood, and a stack."""
    return {
        "worn": item(membership, OATH, hunter, place=Item.Place.EQUIPPED, power=1_800),
        "stored": item(membership, OATH, state=Item.State.LOCKED, details={"plugs": [armory.STEADY, armory.DIM]}),
        "lost": item(membership, LANTERN, hunter, bucket_hash=game.LOST_ITEMS, power=1_700),
        "hood": item(membership, HOOD, hunter),
        "stack": item(membership, COILS, quantity=1_200),
    }


def test_the_inventory_shows_what_each_guardian_and_the_vault_have(
    belongings: dict[str, Item], browser: Client
) -> None:
    page = browser.get(INVENTORY)
    text = text_of(page)
    assert "5 items · vault 1 of 1,300" in text
    assert "Kinetic weapons 2 Hunter 1801 1/10 Oath of Éowyn 1800 Vault 1 Oath of Éowyn 1750" in text
    assert "Postmaster 1 Hunter 1801 1/21 Lantern & Key 1700" in text
    assert "Consumables 1 Account 1 Coils ×1,200" in text
    content = page.content.decode()
    assert "Hood of &lt;Ash&gt;" in content
    assert (
        f'<a href="{page_of(belongings["worn"])}" class="tile tier-5 worn" title="Bow · Kinetic · Legendary' in content
    )


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("name=EOWYN", ["Oath of Éowyn"] * 2),
        ("name=key+lantern", ["Lantern &amp; Key"]),
        ("perk=steady", ["Oath of Éowyn"] * 2 + ["Lantern &amp; Key"]),
        ("perk=dim+light", ["Oath of Éowyn"]),
        ("perk=nothing", []),
        (f"slot={game.HELMET}", ["Hood of &lt;Ash&gt;"]),
        ("element=3", ["Lantern &amp; Key"]),
        ("tier=6", ["Lantern &amp; Key"]),
        ("class=1", ["Hood of &lt;Ash&gt;"]),
        ("from=1760", ["Oath of Éowyn"]),
        ("to=1700", ["Lantern &amp; Key"]),
        ("locked=yes", ["Oath of Éowyn"]),
        ("locked=no&element=1", ["Oath of Éowyn"]),
        ("duplicates=on", ["Oath of Éowyn"] * 2),
        ("element=99&tier=x&slot=-1&from=9999999999999", None),
    ],
)
def test_the_inventory_is_filtered(
    belongings: dict[str, Item], browser: Client, query: str, found: list[str] | None
) -> None:
    assert names(browser, query) == (names(browser) if found is None else found)


def test_a_filtered_inventory_does_not_say_how_full_a_slot_is(belongings: dict[str, Item], browser: Client) -> None:
    text = text_of(browser.get(f"{INVENTORY}?tier=5"))
    assert "Hunter 1801 1 Oath of Éowyn 1800" in text
    assert "1/10" not in text


def test_duplicates_lead_to_their_comparison(belongings: dict[str, Item], browser: Client) -> None:
    page = browser.get(f"{INVENTORY}?duplicates=on").content.decode()
    link = re.search(r'href="(/destiny/compare/[^"]+)"\s+aria-label="Compare Oath of Éowyn"', page)
    assert link is not None
    text = text_of(browser.get(link[1].replace("&amp;", "&")))
    assert "Power 1800 (best) 1750" in text
    assert "Range 64 (best) 10" in text
    assert "Weapon perks Steady Hands Keen Eye Steady Hands Dim Light" in text


def test_before_the_manifest_is_loaded_items_are_numbers(someone: User, browser: Client, settings: Any) -> None:
    settings.DESTINY_ENABLED = True
    one = item(own_membership(someone), OATH)
    page = browser.get(INVENTORY)
    assert "Names follow when the manifest has been loaded." in text_of(page)
    assert f"#{OATH}" in page.content.decode()
    assert browser.get(page_of(one)).status_code == 200


# --- an item ----------------------------------------------------------------------------------------------------------


def test_an_items_page_shows_its_stats_perks_and_place(belongings: dict[str, Item], browser: Client) -> None:
    text = text_of(browser.get(page_of(belongings["worn"])))
    for words in (
        "Oath of Éowyn Legendary Bow · Kinetic · Kinetic weapons · Power 1800",
        "Weapon perks Steady Hands Trait Less recoil. Keen Eye Trait Dim Light Trait · can be chosen",
        "Where Equipped by Hunter 1801",
        "State not locked",
        "Range 64 Magazine 12",
        "Your other copies Oath of Éowyn 1750 In the vault",
    ):
        assert words in text
    assert "Attack" not in text
    assert "State locked" in text_of(browser.get(page_of(belongings["stored"])))
    assert "Where At the postmaster of Hunter 1801" in text_of(browser.get(page_of(belongings["lost"])))
    assert "Energy 7 of 10 used" in text_of(browser.get(page_of(belongings["hood"])))
    assert "Quantity 1200" in text_of(browser.get(page_of(belongings["stack"])))


def test_items_can_be_added_to_a_comparison(belongings: dict[str, Item], browser: Client) -> None:
    assert "Choose up to 4 items" in text_of(browser.get(COMPARE))
    page = browser.get(COMPARE, {"item": str(belongings["worn"].pk)}).content.decode()
    assert re.findall(r'<option value="([^"]+)">', page) == [str(belongings["stored"].pk)]


# --- whose it is ------------------------------------------------------------------------------------------------------


def test_nobody_finds_the_items_of_somebody_else(
    belongings: dict[str, Item], people: Callable[[str], User], someone: User, browser: Client
) -> None:
    nils = people("Nils")
    without, with_account = browser_of(nils), browser_of(people("Rolf"))
    own_membership(people("Rolf"), 7)
    for one in belongings.values():
        for stranger in (without, with_account):
            assert stranger.get(page_of(one)).status_code == 404
    assert with_account.get(COMPARE, {"item": str(belongings["worn"].pk)}).status_code == 404
    assert names(with_account) == []
    assert "Hunter" not in text_of(with_account.get(HOME))
    assert without.get("/destiny/updates/").status_code == 404
    assert browser.get(page_of(belongings["worn"])).status_code == 200
    assert browser.get(f"/destiny/items/{uuid4()}/").status_code == 404
    for wrong in ("x", str(uuid4()), ""):
        assert browser.get(COMPARE, {"item": wrong}).status_code == 404


# --- cost -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["", "?perk=steady", "?duplicates=on"])
def test_the_inventory_takes_as_many_statements_for_1500_items_as_for_ten(
    membership: DestinyMembership, hunter: Guardian, browser: Client, query: str
) -> None:
    guardian(membership, 2)
    armory.fill(membership, 9)
    few = _statements(browser, INVENTORY + query)
    armory.fill(membership, 1_490)
    assert membership.items.count() > 1_490
    assert _statements(browser, INVENTORY + query) == few
    assert few <= 13


def test_home_and_an_item_take_as_many_statements_for_many_items(
    membership: DestinyMembership, hunter: Guardian, browser: Client
) -> None:
    one = item(membership, OATH, hunter)
    pages = [HOME, page_of(one), f"{COMPARE}?item={one.pk}"]
    few = [_statements(browser, page) for page in pages]
    guardian(membership, 2)
    armory.fill(membership, 300)
    assert [_statements(browser, page) for page in pages] == few


def _statements(browser: Client, page: str) -> int:
    """Return the statements of a page whose definitions are known."""
    browser.get(page)
    with CaptureQueriesContext(connection) as asked:
        assert browser.get(page).status_code == 200
    return len(asked)
