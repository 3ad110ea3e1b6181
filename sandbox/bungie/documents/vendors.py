"""Vendors as a character sees them, and as everybody does."""

from collections.abc import Callable, Iterable

from sandbox.bungie.accounts.account import Account, Item
from sandbox.bungie.accounts.rolls import Roller
from sandbox.bungie.documents.items import ITEM_COMPONENTS, item_components
from sandbox.bungie.documents.profiles import PRIVATE, PUBLIC
from sandbox.bungie.stock import Stock
from sandbox.bungie.world.definitions import Definitions, Json, hash_of
from sandbox.bungie.world.vendors import GROUPS, GUNSMITH
from sandbox.world.rng import SeededRandom

VENDORS, CATEGORIES, SALES, LOOKUPS = 400, 401, 402, 600
_NO_FUNDS = 2
_OWNED = 128
_NOT_ASKED_FOR = {"privacy": PRIVATE}


def personal_vendors(
    definitions: Definitions, stocks: list[Stock], account: Account, wanted: set[int], *, purchasable_only: bool
) -> Json:
    """Return the answer of GetVendors. Item components are always empty there, as they have been since 2024."""
    answer: Json = {"vendorGroups": _shown(VENDORS in wanted, _groups(stocks))}
    answer["vendors"] = _shown(VENDORS in wanted, _by_vendor(stocks, lambda one: vendor_document(one)))
    answer["categories"] = _shown(
        CATEGORIES in wanted, _by_vendor(stocks, lambda one: category_document(definitions, one))
    )
    sales = _by_vendor(
        stocks, lambda one: {"saleItems": sale_documents(definitions, one, account, purchasable_only=purchasable_only)}
    )
    answer["sales"] = _shown(SALES in wanted, sales)
    answer["itemComponents"] = {}
    answer["currencyLookups"] = _shown(LOOKUPS in wanted, lookups(account))
    answer["stringVariables"] = _NOT_ASKED_FOR
    return answer


def single_vendor(definitions: Definitions, stock: Stock, account: Account, wanted: set[int]) -> Json:
    """Return the answer of GetVendor, with components of the items by their index."""
    sales = sale_documents(definitions, stock, account, purchasable_only=False)
    answer: Json = {"vendor": _shown(VENDORS in wanted, vendor_document(stock))}
    answer["categories"] = _shown(CATEGORIES in wanted, category_document(definitions, stock))
    answer["sales"] = _shown(SALES in wanted, sales)
    found = item_components(definitions, _sold_items(definitions, stock), wanted)
    keys = [key for number, key in ITEM_COMPONENTS.items() if number in wanted]
    answer["itemComponents"] = {key: {"data": found[key], "privacy": PRIVATE} for key in keys}
    answer["currencyLookups"] = _shown(LOOKUPS in wanted, lookups(account))
    answer["stringVariables"] = _NOT_ASKED_FOR
    return answer


def public_vendors(definitions: Definitions, stocks: list[Stock], wanted: set[int]) -> Json:
    """Return the vendors that need no account: without what depends on one."""
    answer: Json = {}
    if VENDORS in wanted:
        answer["vendorGroups"] = {"data": _groups(stocks), "privacy": PUBLIC}
        vendors = _by_vendor(
            stocks,
            lambda one: {
                "vendorHash": one.vendor.number, "nextRefreshDate": one.next_refresh, "enabled": one.is_present,
            },
        )  # fmt: skip
        answer["vendors"] = {"data": vendors, "privacy": PUBLIC}
    if CATEGORIES in wanted:
        categories = _by_vendor(stocks, lambda one: category_document(definitions, one))
        answer["categories"] = {"data": categories, "privacy": PUBLIC}
    if SALES in wanted:
        sales = _by_vendor(stocks, lambda one: {"saleItems": _public_sales(one)})
        answer["sales"] = {"data": sales, "privacy": PUBLIC}
    return answer


def _shown(is_wanted: bool, data: Json) -> Json:
    return {"data": data, "privacy": PRIVATE} if is_wanted else _NOT_ASKED_FOR


def _by_vendor(stocks: Iterable[Stock], render: Callable[[Stock], object]) -> Json:
    return {str(one.vendor.number): render(one) for one in stocks}


def _groups(stocks: list[Stock]) -> Json:
    groups = []
    for group in GROUPS:
        vendors = [one.vendor.number for one in stocks if one.vendor.group == group and one.is_present]
        if vendors:
            groups.append({"vendorGroupHash": group, "vendorHashes": vendors})
    return {"groups": groups}


def vendor_document(stock: Stock) -> Json:
    """Return a vendor's state; one of them has a rank."""
    document: Json = {"canPurchase": stock.is_present}
    if stock.vendor.number == GUNSMITH:
        document["progression"] = {
            "progressionHash": hash_of("gunsmith rank"), "dailyProgress": 0, "dailyLimit": 0, "weeklyProgress": 0,
            "weeklyLimit": 0, "currentProgress": 630, "level": 4, "levelCap": 16, "stepIndex": 4,
            "progressToNextLevel": 130, "nextLevelAt": 450,
        }  # fmt: skip
    return document | {
        "vendorLocationIndex": 0, "vendorHash": stock.vendor.number, "nextRefreshDate": stock.next_refresh,
        "enabled": stock.is_present,
    }  # fmt: skip


def category_document(definitions: Definitions, stock: Stock) -> Json:
    """Return which items a vendor shows in which category."""
    rows = definitions.tables["Vendor"][stock.vendor.number]["displayCategories"]
    categories = []
    for row in rows:
        indexes = [number for number, sale in stock.sales.items() if sale["displayCategoryIndex"] == row["index"]]
        if indexes:
            categories.append({"displayCategoryIndex": row["index"], "itemIndexes": indexes})
    return {"categories": categories}


def sale_documents(definitions: Definitions, stock: Stock, account: Account, *, purchasable_only: bool) -> Json:
    """Return what is sold by index: whether it can be afforded, and whether it was collected already."""
    documents: Json = {}
    for number, sale in stock.sales.items():
        is_purchasable = number % 10 == 0
        if purchasable_only and not is_purchasable:
            continue
        collectible = definitions.item(sale["itemHash"]).get("collectibleHash")
        can_afford = all(account.quantity(cost["itemHash"]) >= cost["quantity"] for cost in sale["currencies"])
        document = {
            "saleStatus": 0 if can_afford else _NO_FUNDS,
            "failureIndexes": [] if can_afford else sale["failureIndexes"],
            "augments": _OWNED if collectible in account.collected else 0,
            **_sale(sale),
        }
        if is_purchasable:
            document["apiPurchasable"] = True
        if number % 4 == 1:
            document["overrideNextRefreshDate"] = stock.next_refresh
        documents[str(number)] = document
    return documents


def _sale(sale: Json) -> Json:
    return {
        "vendorItemIndex": sale["vendorItemIndex"], "itemHash": sale["itemHash"], "quantity": sale["quantity"],
        "costs": sale["currencies"],
    }  # fmt: skip


def _public_sales(stock: Stock) -> Json:
    return {str(number): _sale(sale) for number, sale in stock.sales.items()}


def lookups(account: Account) -> Json:
    """Return how much of everything in stacks the account has."""
    stacks = (one for one in account.of(0) if not one.instance)
    return {"itemQuantities": {str(one.hash): one.quantity for one in stacks}, "materialRequirementSetStates": {}}


def _sold_items(definitions: Definitions, stock: Stock) -> dict[str, Item]:
    """Return what is sold as items, with the same perks for everybody until the stock changes."""
    items = {}
    for number, sale in stock.sales.items():
        rng = SeededRandom("sold", stock.vendor.number, number, stock.next_refresh)
        row = definitions.item(sale["itemHash"])
        item = Roller(definitions, rng, 0).item(row, 0, row["inventory"]["bucketTypeHash"])
        if item.instance:
            items[str(number)] = item
    return items
