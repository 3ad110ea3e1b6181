"""Endpoints of vendors."""

from sandbox.bungie.accounts.account import Account
from sandbox.bungie.cards import Json
from sandbox.bungie.documents.vendors import personal_vendors, public_vendors, single_vendor
from sandbox.bungie.endpoints.endpoint import PlatformRequest, endpoint
from sandbox.bungie.endpoints.profiles import wanted_components
from sandbox.bungie.errors import PlatformError
from sandbox.bungie.stock import Stock, stocks
from sandbox.bungie.world.definitions import Definitions


def _definitions(request: PlatformRequest) -> Definitions:
    return request.bungie.content.edition.definitions


def _stocks(request: PlatformRequest) -> list[Stock]:
    bungie = request.bungie
    return stocks(_definitions(request), bungie.options.seed, bungie.clock, bungie.stock_delay_seconds)


def _account(request: PlatformRequest) -> Account:
    """Return the account of the character in the path, which has to belong to the caller."""
    membership = request.membership()
    if request.owner is not membership.person:
        raise PlatformError(12)
    account, _ = request.bungie.accounts.shown(membership)
    if request.number(2) not in account.guardians:
        raise PlatformError(1620)
    return account


def _personal(request: PlatformRequest) -> Json:
    account, wanted = _account(request), wanted_components(request)
    is_filtered = request.query.get("filter") in ("1", "ApiPurchasable")
    return personal_vendors(_definitions(request), _stocks(request), account, wanted, purchasable_only=is_filtered)


def _single(request: PlatformRequest) -> Json:
    account, wanted = _account(request), wanted_components(request)
    stock = next((one for one in _stocks(request) if one.vendor.number == request.number(3)), None)
    if stock is None or not stock.is_present:
        raise PlatformError(1627)
    return single_vendor(_definitions(request), stock, account, wanted)


def _public(request: PlatformRequest) -> Json:
    return public_vendors(_definitions(request), _stocks(request), wanted_components(request))


ENDPOINTS = (
    endpoint("vendors", "Destiny2/*/Profile/*/Character/*/Vendors", _personal),
    endpoint("vendor", "Destiny2/*/Profile/*/Character/*/Vendors/*", _single),
    endpoint("public-vendors", "Destiny2/Vendors", _public),
)
