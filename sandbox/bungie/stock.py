"""The stock of vendors today, and when they restock."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.bungie.clock import NEVER, Clock, timestamp
from sandbox.bungie.world.definitions import Definitions, Json
from sandbox.bungie.world.vendors import DAILY, FRIDAYS, VENDORS, WEEKLY, Vendor
from sandbox.world.rng import SeededRandom

_TUESDAY, _FRIDAY = 1, 4
_PER_CATEGORY = 5


@dataclass(frozen=True, slots=True)
class Stock:
    """A vendor's stock: rows of its item list, by their index. It is empty while the vendor is away."""

    vendor: Vendor
    sales: dict[int, Json]
    next_refresh: str
    is_present: bool


def stocks(definitions: Definitions, seed: int, clock: Clock, delay_seconds: float) -> list[Stock]:
    """Return the stock of every vendor now. With a delay the refresh dates change before what is sold does."""
    return [_stock(definitions, seed, clock, vendor, delay_seconds) for vendor in VENDORS]


def _stock(definitions: Definitions, seed: int, clock: Clock, vendor: Vendor, delay: float) -> Stock:
    items: list[Json] = definitions.tables["Vendor"][vendor.number]["itemList"]
    if vendor.restocks not in (DAILY, WEEKLY, FRIDAYS):
        return Stock(vendor, {row["vendorItemIndex"]: row for row in items}, NEVER, True)
    started, ends = _period(clock, vendor, 0.0)
    stocked, _ = _period(clock, vendor, delay)
    is_present = vendor.restocks != FRIDAYS or started.weekday() == _FRIDAY
    rng = SeededRandom(seed, "stock", vendor.number, stocked.toordinal())
    sales: dict[int, Json] = {}
    for category in sorted({row["displayCategoryIndex"] for row in items}) if is_present else ():
        rows = [row for row in items if row["displayCategoryIndex"] == category]
        sales |= {row["vendorItemIndex"]: row for row in rng.sample(rows, _PER_CATEGORY)}
    return Stock(vendor, dict(sorted(sales.items())), timestamp(ends), is_present)


def _period(clock: Clock, vendor: Vendor, delay: float) -> tuple[datetime, datetime]:
    """Return when the present stock came and when the next one comes; a vendor of Fridays leaves on Tuesdays."""
    if vendor.restocks == DAILY:
        began = clock.last_reset(seconds_ago=delay)
        return began, began + timedelta(days=1)
    tuesday = clock.last_reset(_TUESDAY, delay)
    if vendor.restocks == WEEKLY:
        return tuesday, tuesday + timedelta(days=7)
    friday = clock.last_reset(_FRIDAY, delay)
    return (friday, friday + timedelta(days=4)) if friday > tuesday else (tuesday, tuesday + timedelta(days=3))
