"""Recorded vendors and milestones pass through the client into the tables, and from there onto the pages."""

import re
from collections import Counter
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from destiny.manifest.readers import open_manifest
from destiny.models import DestinyMembership, Guardian, Milestone, VendorStock
from sync.destiny.jobs import BungieJob, open_game_job, open_membership_jobs
from sync.destiny.vendor_kinds import of_the_game
from tests.bungie_server import Bungie, envelope
from tests.destiny.conftest import run_job
from tests.destiny.editions import load_edition
from tests.html import text_of
from tests.personas import browser_of
from tests.recorded.bungie import read
from tests.recorded.test_bungie_manifest import recorded_tables

Kind = BungieJob.Kind
NEWEST = "dim-vendors-2026-06-29"
# The recordings, how many sales they have, and how many groups of vendors.
RECORDED = ((NEWEST, 2938, 10), ("dim-vendors-2023-11-28", 1106, 6))


def store_vendors(api: Bungie, membership: DestinyMembership, recorded: Any) -> dict[str, VendorStock]:
    """Fetch these vendors as a worker does, and return what was written, by hash."""
    guardian = Guardian.objects.create(membership=membership, character_id=3)
    api.answers = [(200, envelope(recorded))]
    job = run_job(open_membership_jobs(Kind.VENDORS, [membership]))
    assert (job.state, job.error_kind, job.unreadable_entries) == (BungieJob.State.RESTING, "", 0)
    return {str(one.vendor_hash): one for one in VendorStock.objects.filter(guardian=guardian)}


def sales_of(recorded: Any, vendor: str) -> list[Any]:
    return list(recorded["sales"]["data"].get(vendor, {"saleItems": {}})["saleItems"].values())


@pytest.mark.parametrize(("name", "sold", "groups"), RECORDED)
def test_recorded_vendors_are_stored_with_all_they_sell(
    api: Bungie, membership: DestinyMembership, samples: Path, name: str, sold: int, groups: int
) -> None:
    recorded = read(samples, name)
    rows = store_vendors(api, membership, recorded)
    # Two vendors of 2026 have sales but no entry of their own.
    assert rows.keys() == recorded["vendors"]["data"].keys() | recorded["sales"]["data"].keys()
    assert sum(len(one.sales) for one in rows.values()) == sold
    for key, row in rows.items():
        sales = sales_of(recorded, key)
        assert {(one["index"], one["item"], one["quantity"], one["status"], one["augments"]) for one in row.sales} == {
            (one["vendorItemIndex"], one["itemHash"], one["quantity"], one["saleStatus"], one["augments"])
            for one in sales
        }
        assert {(one["index"], hash_, count) for one in row.sales for hash_, count in one["costs"]} == {
            (one["vendorItemIndex"], cost["itemHash"], cost["quantity"]) for one in sales for cost in one["costs"]
        }
        vendor = recorded["vendors"]["data"].get(key, {"nextRefreshDate": "9999"})
        is_never = vendor["nextRefreshDate"].startswith("9999")
        assert (row.refreshes_at is None) == is_never
    assert len({one.group_hash for one in rows.values()} - {None}) == groups


@pytest.mark.parametrize(("name", "sold"), [row[:2] for row in RECORDED])
def test_every_recorded_sale_is_on_its_vendor_s_page_with_its_price(
    api: Bungie, membership: DestinyMembership, samples: Path, name: str, sold: int
) -> None:
    """What the recorded definitions do not have is a number on the page."""
    recorded = read(samples, name)
    rows = store_vendors(api, membership, recorded)
    load_edition({"en": recorded_tables(samples)})
    browser, seen = browser_of(membership.account.user), 0
    for key in rows:
        sales = sales_of(recorded, key)
        names = names_of(sales)
        page = browser.get(f"/destiny/vendors/{key}/")
        links = re.findall(r"DestinyInventoryItemDefinition/(\d+)/\">([^<]*)</a>", page.content.decode())
        assert Counter((hash_, unescape(name)) for hash_, name in links) == Counter(
            (str(one["itemHash"]), names[one["itemHash"]]) for one in sales
        )
        prices = Counter(f"{cost['quantity']:,} {names[cost['itemHash']]}" for one in sales for cost in one["costs"])
        text = text_of(page)
        assert {price for price, count in prices.items() if text.count(price) < count} == set()
        seen += len(links)
    assert seen == sold


def names_of(sales: list[Any]) -> dict[int, str]:
    """Return what a page calls the items that are sold, and those that they cost."""
    manifest = open_manifest("en")
    assert manifest is not None
    hashes = {one["itemHash"] for one in sales} | {cost["itemHash"] for one in sales for cost in one["costs"]}
    known = manifest.items(hashes)
    return {one: (known[one].name if one in known else "") or str(one) for one in hashes}


def test_recorded_vendors_are_listed_by_group(api: Bungie, membership: DestinyMembership, samples: Path) -> None:
    recorded = read(samples, NEWEST)
    store_vendors(api, membership, recorded)
    tables = recorded_tables(samples)
    load_edition({"en": tables})
    page = unescape(browser_of(membership.account.user).get("/destiny/vendors/").content.decode())
    names = {key: row["displayProperties"]["name"] for key, row in tables["DestinyVendorDefinition"].items()}
    grouped = 0
    for group in recorded["vendorGroups"]["data"]["groups"]:
        known = {key for key in group["vendorHashes"] if names.get(key)}
        assert all(f'/destiny/vendors/{key}/?guardian=3">{names[key]}</a>' in page for key in known)
        grouped += len(known)
    assert grouped > 5


def test_recorded_milestones_of_2022_have_few_fields_and_are_stored(api: Bungie, samples: Path) -> None:
    recorded = read(samples, "milestones-2022-02-22")
    api.answers = [(200, envelope(recorded))]
    open_game_job(Kind.MILESTONES)
    assert run_job(of_the_game(Kind.MILESTONES)).error_kind == ""
    rows = {str(one.milestone_hash): one for one in Milestone.objects.all()}
    assert rows.keys() == recorded.keys()
    assert len(rows) == 24
    for key, row in rows.items():
        assert [found for found, _ in row.activities] == [
            one["activityHash"] for one in recorded[key].get("activities", [])
        ]
        assert row.quests == [one["questItemHash"] for one in recorded[key].get("availableQuests", [])]
        assert (row.starts_at is None) == ("startDate" not in recorded[key])
