"""Vendors, the wish list and milestones: what players see, and what nobody else does."""

import json
from datetime import timedelta
from functools import cache
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import User
from destiny.manifest.readers import open_manifest
from destiny.models import (
    BungieAccount,
    Collection,
    DestinyMembership,
    DismissedNotice,
    Guardian,
    GuardianProgress,
    Item,
    VendorStock,
    Wish,
)
from sandbox.bungie.content import Edition
from sandbox.bungie.world.definitions import table_name
from sandbox.bungie.world.text import encode
from sandbox.bungie.world.vendors import cost_of
from sync.destiny.jobs import BungieJob, open_game_job, open_membership_jobs
from sync.destiny.vendor_kinds import of_the_game
from tests.battlenet import Sandbox
from tests.destiny.conftest import run_job
from tests.destiny.content_files import Tables
from tests.destiny.content_files import tables as small_tables
from tests.destiny.editions import load_edition
from tests.destiny.people import Connected, Run, RunProfile
from tests.personas import browser_of

Kind = BungieJob.Kind
DEFINITIONS = Edition(1, 0).definitions
XUR, GUNSMITH, TAILOR = 2190858386, 672118013, 350061650


TABLES = ("Vendor", "VendorGroup", "Milestone", "Activity", "InventoryBucket")
SOLD = {row["itemHash"] for vendor in DEFINITIONS.tables["Vendor"].values() for row in vendor["itemList"]}


@cache
def tables(language: str) -> Tables:
    """Return the sandbox's definitions of vendors and milestones, and of the items that are about them."""
    wanted = {name: dict(DEFINITIONS.tables[name]) for name in TABLES}
    paid = {cost["itemHash"] for key in SOLD for cost in cost_of(DEFINITIONS.item(key))}
    engrams = {key for key, row in DEFINITIONS.tables["InventoryItem"].items() if row["itemType"] == 8}
    wanted["InventoryItem"] = {key: DEFINITIONS.item(key) for key in SOLD | paid | engrams}
    found: Tables = {table_name(name): json.loads(encode(rows, language)) for name, rows in wanted.items()}
    return small_tables(language) | {name: {int(key): row for key, row in rows.items()} for name, rows in found.items()}


@pytest.fixture
def game(bungie: Sandbox) -> None:
    """The manifest, the vendors of everybody and the milestones."""
    load_edition({"en": tables("en"), "fr": tables("fr")})
    for kind in (Kind.PUBLIC_VENDORS, Kind.MILESTONES):
        open_game_job(kind)
        run_job(of_the_game(kind))


@pytest.fixture
def membership(
    bungie: Sandbox, game: None, connected: Connected, run: Run, run_profile: RunProfile
) -> DestinyMembership:
    """The guild master's, with three guardians and few items, and everything about it."""
    guild_master = next(one for one in bungie.bungie_world()["people"] if one["name"] == "guildmaster")
    bungie.bungie("items", membership=guild_master["memberships"][0]["id"], items=60)
    account = connected("guildmaster")
    run(account, Kind.MEMBERSHIPS)
    membership = account.memberships.get(membership_type=3)
    run_profile(membership)
    for kind in (Kind.VENDORS, Kind.PROGRESS):
        run_job(open_membership_jobs(kind, [membership]))
    return membership


@pytest.fixture
def browser(membership: DestinyMembership) -> Client:
    return browser_of(membership.account.user)


def stock(guardian: Guardian | None, vendor: int = GUNSMITH) -> VendorStock:
    return VendorStock.objects.get(guardian=guardian, vendor_hash=vendor)


def name_of(item_hash: int) -> str:
    manifest = open_manifest("en")
    assert manifest is not None
    return manifest.items([item_hash])[item_hash].name


def statements(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert client.get(address).status_code == 200
    return len(seen)


def test_a_player_sees_vendors_by_group_and_what_they_sell(browser: Client, membership: DestinyMembership) -> None:
    page = browser.get("/destiny/vendors/")
    for text in ("Tower", "Destination", "Gunsmith", "Tailor", "restocks", "items"):
        assertContains(page, text)
    guardian = membership.guardians.first()
    page = browser.get(f"/destiny/vendors/{GUNSMITH}/")
    row = stock(guardian)
    for sale in row.sales:
        assertContains(page, name_of(sale["item"]))
    assertContains(page, "rank 4, 130 of 450 to the next")
    assertContains(page, "Kinetic Weapons")


def test_prices_are_compared_with_what_the_player_owns(browser: Client, membership: DestinyMembership) -> None:
    row = stock(membership.guardians.first())
    sale = row.sales[0]
    glimmer, price = sale["costs"][0]
    Item.objects.filter(membership=membership, item_hash=glimmer).delete()
    Item.objects.create(membership=membership, place="currency", item_hash=glimmer, bucket_hash=1, quantity=price - 1)
    assertContains(browser.get(f"/destiny/vendors/{GUNSMITH}/"), f"(you have {price - 1:,})")
    assertContains(browser.get(f"/destiny/vendors/{GUNSMITH}/"), 'class="short"')
    guardian = membership.guardians.first()
    Item.objects.create(
        membership=membership, guardian=guardian, place="carried", item_hash=glimmer, bucket_hash=1, quantity=99_999
    )
    page = browser.get(f"/destiny/vendors/{GUNSMITH}/")
    assertContains(page, f"(you have {price + 99_998:,})")
    membership.profile.hidden = {"currencies": "private"}
    membership.profile.save()
    assertNotContains(browser.get(f"/destiny/vendors/{GUNSMITH}/"), "you have")


def test_what_is_not_yet_collected_says_so(browser: Client, membership: DestinyMembership) -> None:
    address = f"/destiny/vendors/{GUNSMITH}/"
    assertContains(browser.get(address), "Not yet collected")
    Collection.objects.update(missing=[])
    assertNotContains(browser.get(address), "Not yet collected")
    row = stock(membership.guardians.first())
    row.sales[0]["augments"], row.sales[1]["status"], row.sales[1]["failures"] = 128, 8, [0]
    row.sales[2]["status"], row.sales[2]["failures"] = 16, []
    row.save()
    page = browser.get(address)
    for text in ("You have it", "You cannot buy this yet.", "Sold out."):
        assertContains(page, text)


def test_guardians_have_vendors_of_their_own(browser: Client, membership: DestinyMembership) -> None:
    first, second, _ = membership.guardians.all()
    row = stock(second)
    row.sales, row.categories = row.sales[:1], []
    row.save()
    other = name_of(stock(first).sales[-1]["item"])
    assertContains(browser.get(f"/destiny/vendors/{GUNSMITH}/?guardian={first.character_id}"), other)
    assertNotContains(browser.get(f"/destiny/vendors/{GUNSMITH}/?guardian={second.character_id}"), other)


def test_whoever_looks_has_their_vendors_fetched(browser: Client, membership: DestinyMembership) -> None:
    jobs = BungieJob.objects.filter(membership=membership, kind__in=(Kind.VENDORS, Kind.PROGRESS))
    jobs.update(attempted_at=timezone.now() - timedelta(hours=1))
    page = browser.get("/destiny/vendors/")
    assert set(jobs.values_list("state", "priority")) == {("DUE", 0)}
    assertContains(page, 'data-updates="/destiny/updates/"')


def test_nobody_sees_vendors_wishes_or_guardians_of_somebody_else(
    browser: Client, membership: DestinyMembership, connected: Connected, run: Run, run_profile: RunProfile
) -> None:
    theirs = connected("officer")
    run(theirs, Kind.MEMBERSHIPS)
    other = theirs.memberships.get(is_primary=True)
    run_profile(other)
    guardian = membership.guardians.first()
    assert guardian is not None
    stranger = browser_of(theirs.user)
    assert stranger.get(f"/destiny/vendors/?guardian={guardian.character_id}").status_code == 404
    assert stranger.get(f"/destiny/vendors/{GUNSMITH}/?guardian={guardian.character_id}").status_code == 404
    # Not read for the stranger yet.
    assert stranger.get(f"/destiny/vendors/{GUNSMITH}/").status_code == 404
    assert browser.get(f"/destiny/vendors/{GUNSMITH}/").status_code == 200
    item = stock(guardian).sold[0]
    browser.post("/destiny/wishlist/change/", {"add": item})
    assertNotContains(stranger.get("/destiny/wishlist/"), name_of(item))
    stranger.post("/destiny/wishlist/change/", {"remove": item})
    stranger.post("/destiny/wishlist/dismiss/", {"notice": f"{item} {GUNSMITH}"})
    assert Wish.objects.get().account == membership.account
    assert not DismissedNotice.objects.exists()
    assert stranger.get("/api/vendors", {"character": guardian.character_id}).status_code == 404
    assert stranger.get("/api/vendors", {"membership": membership.membership_id}).status_code == 404
    assert stranger.delete(f"/api/wishlist/{item}").status_code == 404
    assert stranger.get("/api/wishlist").json() == []


def test_visitors_see_what_everybody_can_buy_and_nothing_else(game: None, client: Client) -> None:
    assertContains(client.get("/destiny/vendors/public/"), "Gunsmith")
    page = client.get(f"/destiny/vendors/public/{GUNSMITH}/")
    assertContains(page, name_of(stock(None).sales[0]["item"]))
    assertNotContains(page, "Add to wish list")
    assertNotContains(page, "you have")
    assert client.get("/destiny/vendors/public/77/").status_code == 404
    for address in ("/destiny/vendors/", f"/destiny/vendors/{GUNSMITH}/", "/destiny/wishlist/"):
        assert client.get(address)["Location"].startswith("/accounts/login/")
    assertContains(client.get("/destiny/milestones/"), "Rewards")


def test_pages_of_the_game_say_when_nothing_was_fetched_yet(bungie: Any, client: Client, someone: User) -> None:
    VendorStock.objects.all().delete()
    assertContains(client.get("/destiny/vendors/public/"), "not been loaded yet")
    assertContains(client.get("/destiny/milestones/"), "not been loaded yet")
    signed_in = browser_of(someone)
    assertContains(signed_in.get("/destiny/vendors/"), "Connect your Bungie account")
    assert signed_in.get(f"/destiny/vendors/{GUNSMITH}/").status_code == 404
    assert signed_in.post("/destiny/wishlist/change/", {"add": 1}).status_code == 404


def test_a_wished_item_is_noticed_until_it_is_dismissed_or_sold_out(
    browser: Client, membership: DestinyMembership
) -> None:
    row = stock(membership.guardians.first(), TAILOR)
    item = row.sold[0]
    name = name_of(item)
    assertNotContains(browser.get("/destiny/"), "From your wish list")
    added = browser.post("/destiny/wishlist/change/", {"add": item, "next": f"/destiny/vendors/{TAILOR}/"})
    assert added["Location"] == f"/destiny/vendors/{TAILOR}/"
    for address in ("/destiny/", "/destiny/vendors/", "/destiny/manifest/", "/destiny/milestones/"):
        assertContains(browser.get(address), "From your wish list")
    assertContains(browser.get(f"/destiny/vendors/{TAILOR}/"), "Remove from wish list")
    assertContains(browser.get("/destiny/wishlist/"), name)
    assertContains(browser.get("/destiny/vendors/"), "1 of your wish list")
    browser.post("/destiny/wishlist/dismiss/", {"notice": f"{item} {TAILOR}"})
    assertNotContains(browser.get("/destiny/"), "From your wish list")
    # The next stock is another occasion.
    later = timezone.now() + timedelta(days=2)
    VendorStock.objects.filter(vendor_hash=TAILOR).update(refreshes_at=later)
    assertContains(browser.get("/destiny/"), "From your wish list")
    VendorStock.objects.filter(vendor_hash=TAILOR).update(refreshes_at=timezone.now() - timedelta(minutes=1))
    assertNotContains(browser.get("/destiny/"), "From your wish list")
    VendorStock.objects.filter(vendor_hash=TAILOR).update(refreshes_at=later, sold=[])
    assertNotContains(browser.get("/destiny/"), "From your wish list")


def test_what_everybody_can_buy_is_noticed_without_guardians(browser: Client, membership: DestinyMembership) -> None:
    VendorStock.objects.filter(guardian__isnull=False).delete()
    browser.post("/destiny/wishlist/change/", {"add": stock(None).sold[0]})
    assertContains(browser.get("/destiny/"), f'href="/destiny/vendors/public/{GUNSMITH}/"')


def test_previews_are_not_noticed(browser: Client, membership: DestinyMembership) -> None:
    item = stock(None).sold[0]
    VendorStock.objects.update(group_hash=None)
    browser.post("/destiny/wishlist/change/", {"add": item})
    assertNotContains(browser.get("/destiny/"), "From your wish list")
    assertContains(browser.get("/destiny/vendors/"), "Parts of other vendors, and previews")


def test_wishes_are_items_and_not_too_many(browser: Client, membership: DestinyMembership) -> None:
    for wrong in ("", "no item", "77", str(GUNSMITH)):
        browser.post("/destiny/wishlist/change/", {"add": wrong})
    assert not Wish.objects.exists()
    items = stock(None).sold
    Wish.objects.bulk_create(Wish(account=membership.account, item_hash=number) for number in range(199))
    browser.post("/destiny/wishlist/change/", {"add": items[0]})
    browser.post("/destiny/wishlist/change/", {"add": items[0]})
    assert Wish.objects.count() == 200
    browser.post("/destiny/wishlist/change/", {"add": items[1]})
    assertContains(browser.get("/destiny/wishlist/"), "Your wish list is full")
    assert Wish.objects.count() == 200
    browser.post("/destiny/wishlist/change/", {"remove": items[0]})
    assert Wish.objects.count() == 199
    back = browser.post("/destiny/wishlist/change/", {"remove": 1, "next": "//example.com/"})
    assert back["Location"] == "/destiny/wishlist/"


def test_an_items_page_puts_it_on_the_wish_list(browser: Client, client: Client, membership: DestinyMembership) -> None:
    item = stock(None).sold[0]
    address = f"/destiny/manifest/DestinyInventoryItemDefinition/{item}/"
    assertContains(browser.get(address), "Add to wish list")
    browser.post("/destiny/wishlist/change/", {"add": item, "next": address})
    assertContains(browser.get(address), "Remove from wish list")
    assertNotContains(browser.get(f"/destiny/manifest/DestinyVendorDefinition/{GUNSMITH}/"), "Add to wish list")


def test_milestones_say_what_each_guardian_has_done_this_week(browser: Client, membership: DestinyMembership) -> None:
    page = browser.get("/destiny/milestones/")
    assertContains(page, "✓ done")
    assertContains(page, "0 of 1")
    assertContains(page, "Ends")
    GuardianProgress.objects.update(read_at=timezone.now() - timedelta(days=8))
    BungieJob.objects.filter(kind=Kind.PROGRESS).update(attempted_at=timezone.now())
    page = browser.get("/destiny/milestones/")
    assertNotContains(page, "✓ done")
    assertContains(page, "not known this week")


def test_the_pages_are_french_for_french_players(browser: Client) -> None:
    page = browser.get("/destiny/vendors/", headers={"Accept-Language": "fr"})
    assertContains(page, "Marchands")
    assertContains(page, "Liste de souhaits")


def test_the_number_of_statements_does_not_grow_with_stock_and_wishes(
    browser: Client, membership: DestinyMembership
) -> None:
    pages = ("/destiny/vendors/", f"/destiny/vendors/{GUNSMITH}/", "/destiny/wishlist/", "/destiny/milestones/")
    row = stock(membership.guardians.first())
    Wish.objects.create(account=membership.account, item_hash=row.sold[0])
    VendorStock.objects.exclude(vendor_hash=GUNSMITH).update(group_hash=None, sold=[])
    full = row.sales
    VendorStock.objects.filter(pk=row.pk).update(sales=full[:2])
    few = [statements(browser, one) for one in pages]
    VendorStock.objects.filter(pk=row.pk).update(sales=full)
    VendorStock.objects.exclude(vendor_hash=GUNSMITH).update(group_hash=row.group_hash, sold=row.sold)
    Wish.objects.bulk_create(Wish(account=membership.account, item_hash=one) for one in row.sold[1:])
    assert [statements(browser, one) for one in pages] == few


def test_disconnecting_deletes_wishes_vendors_and_progress(browser: Client, membership: DestinyMembership) -> None:
    browser.post("/destiny/wishlist/change/", {"add": stock(None).sold[0]})
    BungieAccount.objects.filter(pk=membership.account.pk).delete()
    for model in (Wish, GuardianProgress, Collection):
        assert not model._default_manager.exists()
    assert not VendorStock.objects.filter(guardian__isnull=False).exists()
    assert VendorStock.objects.exists()


def test_the_api_answers_what_the_pages_show(browser: Client, client: Client, membership: DestinyMembership) -> None:
    guardian = membership.guardians.last()
    assert guardian is not None
    found = browser.get("/api/vendors", {"character": guardian.character_id}).json()
    assert found["character"] == str(guardian.character_id)
    (gunsmith,) = [one for one in found["vendors"] if one["hash"] == GUNSMITH]
    assert (gunsmith["subtitle"], gunsmith["group"]) == ("Gunsmith", "Tower")
    row = stock(guardian)
    assert [one["item"] for one in gunsmith["sales"]] == [one["item"] for one in row.sales]
    assert all(cost["owned"] is not None for sale in gunsmith["sales"] for cost in sale["costs"])
    everybody = client.get("/api/vendors/public").json()
    assert everybody["character"] is None
    assert {cost["owned"] for one in everybody["vendors"] for sale in one["sales"] for cost in sale["costs"]} == {None}
    milestones = browser.get("/api/milestones").json()
    assert len(milestones) == 13
    assert XUR in [found for one in milestones for found in one["vendors"]]
    assert {one["needed"] for line in milestones for one in line["characters"]} == {0, 1}


def test_the_wish_list_of_the_api_is_changed_with_a_session(browser: Client, membership: DestinyMembership) -> None:
    item = stock(None).sold[0]
    assert browser.post(f"/api/wishlist/{item}").status_code == 204
    (wish,) = browser.get("/api/wishlist").json()
    assert (wish["item"], wish["name"]) == (item, name_of(item))
    assert GUNSMITH in {one["vendor"] for one in wish["sellers"]}
    assert browser.post("/api/wishlist/77").status_code == 400
    assert browser.post("/api/wishlist/99999999999999999999").status_code == 400
    assert browser.delete(f"/api/wishlist/{item}").status_code == 204
    assert browser.delete(f"/api/wishlist/{item}").status_code == 404
