"""The items of one of the reader's memberships: filtered as the address of the page asks, and one with its details."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import BaseModel, Field

from api.errors import ERRORS, BadParameter
from api.paging import PAGING, Page, Paging, next_address, page_of_list
from api.problem import Problem
from destiny import game
from destiny.inventory.details import details_of
from destiny.inventory.filters import KEYS, Filters
from destiny.inventory.owned import OwnedItem, duplicates, owned_items
from destiny.manifest.readers import manifest_of
from destiny.models import Guardian, Item
from sync.destiny.api.own import Freshness, MembershipId, freshness_by_membership, own_or_404, picture
from sync.destiny.pages.inventory import element_names, with_perk

router = Router(tags=["inventory"])
STATES: Mapping[str, int] = {one.name.lower(): one.value for one in Item.State}


class InventoryItem(BaseModel):
    """An item, or a stack of those without an instance id."""

    id: UUID = Field(description="The site's id of the item, which leads to its details.")
    instance_id: str | None = Field(description="Bungie's id of this one item; null for stacks.")
    hash: int = Field(description="Its definition in the manifest.")
    name: str
    type_name: str
    tier_name: str
    tier: int = Field(description="Bungie's number of the tier, 6 for exotics.")
    icon: str | None
    place: str = Field(description="equipped, carried, vault or currency.")
    character: str | None = Field(description="The id of the character who has it.")
    slot: int = Field(description="The hash of the bucket in which it is worn, or lies.")
    is_in_postmaster: bool
    quantity: int
    power: int | None
    element: int = Field(description="Bungie's number of the damage type, 0 for none.")
    element_name: str
    class_type: int = Field(description="Who can wear it: 0 Titan, 1 Hunter, 2 Warlock, 3 everybody.")
    states: list[str] = Field(description="Of locked, tracked, masterwork and crafted those that apply.")


class Inventory(Page[InventoryItem]):
    """Some of the items of a membership, and how old they are."""

    membership: str
    count: int = Field(description="How many items match, on all pages.")
    freshness: Freshness


class ItemStat(BaseModel):
    """A stat of an item, in the order of the game."""

    hash: int
    name: str
    value: int


class Plug(BaseModel):
    """What is in a socket, or could be."""

    name: str
    type_name: str
    description: str
    is_in_use: bool


class Sockets(BaseModel):
    """Sockets that the game shows together, each with its plugs, the one in use first."""

    title: str
    sockets: list[list[Plug]]


class ItemDetail(InventoryItem):
    """An item with its stats and sockets."""

    description: str
    flavor: str
    expires_at: datetime | None = Field(description="When it disappears.")
    stats: list[ItemStat]
    sockets: list[Sockets]


def parameters() -> list[dict[str, Any]]:
    """Return the OpenAPI description of each filter, which are those of the page."""
    return [
        {"in": "query", "name": name, "required": False, "schema": {"type": "string"}, "description": text}
        for name, text in KEYS.items()
    ]


@router.get(
    "/inventory",
    response={200: Inventory, 304: None, ERRORS: Problem},
    url_name="inventory",
    openapi_extra={"parameters": parameters()},
)
def inventory(request: HttpRequest, paging: Query[Paging], membership: MembershipId = "") -> Inventory:
    """List the items of a membership, all or those that match the filters, by slot and name."""
    own = own_or_404(request, membership)
    filters = _filters(request)
    manifest = manifest_of(request)
    items = owned_items(own.items, manifest)
    chosen = filters.chosen(items, duplicates(items), with_perk(own, filters.perk, manifest))
    ordered = sorted(chosen, key=lambda one: (one.slot, one.name, -one.power, one.key.hex))
    shown, cursor = page_of_list(ordered, paging, lambda one: one.key.hex)
    characters = dict(own.guardians.values_list("pk", "character_id"))
    elements = element_names(manifest)
    return Inventory(
        membership=str(own.membership.membership_id),
        count=len(ordered),
        freshness=freshness_by_membership([own.membership])[own.membership],
        items=[InventoryItem(**_values(one, characters, elements)) for one in shown],
        next=next_address(request, cursor),
    )


@router.get("/inventory/{item_id}", response={200: ItemDetail, 304: None, ERRORS: Problem}, url_name="item")
def item(request: HttpRequest, item_id: UUID, membership: MembershipId = "") -> ItemDetail:
    """Return an item of a membership with its stats and sockets."""
    own = own_or_404(request, membership)
    found = own.item(item_id)
    manifest = manifest_of(request)
    (details,) = details_of([found], manifest)
    (owned,) = owned_items(own.items.filter(pk=item_id), manifest)
    holders = _characters(found.guardian)
    return ItemDetail(
        **_values(owned, holders, element_names(manifest)),
        description=details.definition.description,
        flavor=details.flavor,
        expires_at=found.expires_at,
        stats=[ItemStat(hash=one.hash, name=one.name, value=one.value) for one in details.stats],
        sockets=[Sockets.model_validate(one, from_attributes=True) for one in details.groups],
    )


def _filters(request: HttpRequest) -> Filters:
    """Return the filters. Raises BadParameter for what a page would ignore: it would return other items."""
    query = request.GET
    for name in query:
        if name in PAGING or name == "membership" or (name in KEYS and not query[name]):
            continue
        if name not in KEYS or Filters.from_query(_only(query, name)) == Filters():
            raise BadParameter(name, "unknown, or not a value that it can have.")
    return Filters.from_query(query)


def _only(query: Any, name: str) -> Any:
    found = query.copy()
    for other in list(query):
        if other != name:
            del found[other]
    return found


def _characters(guardian: Guardian | None) -> dict[UUID, int]:
    return {guardian.pk: guardian.character_id} if guardian else {}


def _values(one: OwnedItem, characters: Mapping[UUID, int], elements: Mapping[int, str]) -> dict[str, Any]:
    definition = one.definition
    return {
        "id": one.key,
        "instance_id": str(one.instance) if one.instance is not None else None,
        "hash": one.hash,
        "name": one.name,
        "type_name": definition.type_name,
        "tier_name": definition.tier_name,
        "tier": definition.tier_type,
        "icon": picture(definition.icon),
        "place": one.place,
        "character": str(characters[one.holder]) if one.holder and one.holder in characters else None,
        "slot": one.slot,
        "is_in_postmaster": one.is_in_postmaster,
        "quantity": one.quantity,
        "power": one.power or None,
        "element": one.element,
        "element_name": elements.get(one.element, ""),
        "class_type": definition.class_type if one.slot in game.SLOTS else game.ANY_CLASS,
        "states": [name for name, flag in STATES.items() if one.state & flag],
    }
