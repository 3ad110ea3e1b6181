"""Endpoints of profiles, single characters and single items."""

from datetime import datetime

from sandbox.bungie.accounts.account import Account, Item
from sandbox.bungie.cards import Json
from sandbox.bungie.documents.items import ITEM_COMPONENT_NAMES, ITEM_COMPONENTS, item_components, item_document
from sandbox.bungie.documents.plug_sets import character_plug_sets, profile_plug_sets
from sandbox.bungie.documents.profiles import COMPONENTS, PRIVATE, PUBLIC, ProfileContext, render_profile, shown
from sandbox.bungie.endpoints.endpoint import PlatformRequest, endpoint
from sandbox.bungie.errors import PlatformError
from sandbox.bungie.world import game

_NUMBERS = (
    {component.name.lower(): number for number, component in COMPONENTS.items()}
    | {name.lower(): number for name, number in ITEM_COMPONENT_NAMES.items()}
    | {"vendors": 400, "vendorcategories": 401, "vendorsales": 402}
)
# Which inventory component makes item components of which items.
_PROFILE, _CHARACTERS, _EQUIPMENT = 102, 201, 205


def wanted_components(request: PlatformRequest) -> set[int]:
    """Return the components of the query, given as numbers or names; raise PlatformError without any."""
    words = [word.strip().lower() for word in request.query.get("components", "").split(",") if word.strip()]
    found = {int(word) if word.isdecimal() else _NUMBERS.get(word, 0) for word in words}
    if not found:
        raise PlatformError(18)
    return found


def profile_context(request: PlatformRequest) -> tuple[ProfileContext, datetime]:
    """Return the context of the membership in the path, and the moment that the answer is dated with."""
    membership = request.membership()
    is_owner = request.person is membership.person
    if not membership.is_public and not is_owner:
        raise PlatformError(1665)
    bungie = request.bungie
    account, moment = bungie.accounts.shown(membership)
    definitions = bungie.content.edition.definitions
    return ProfileContext(bungie.clock, definitions, membership, account, is_owner), moment


def _profile(request: PlatformRequest) -> object:
    key = (request.parts, tuple(sorted(request.query.items())), request.person and request.person.name)
    cached = request.bungie.accounts.cached(key)
    if cached is None:
        cached = _rendered_profile(request)
        request.bungie.accounts.cache(key, cached)
    return cached


def _rendered_profile(request: PlatformRequest) -> Json:
    wanted = wanted_components(request)
    context, moment = profile_context(request)
    answer = render_profile(context, wanted, moment)
    if 305 in wanted:
        answer["profilePlugSets"] = shown(profile_plug_sets, context, PUBLIC)
        by_character = context.by_character(character_plug_sets)
        answer["characterPlugSets"] = {"data": by_character, "privacy": PUBLIC}
    if wanted & ITEM_COMPONENTS.keys():
        answer["itemComponents"] = _item_components(context, wanted)
    for key in request.bungie.disabled_components & answer.keys():
        answer[key] = {"privacy": answer[key]["privacy"], "disabled": True}
    return answer


def _item_components(context: ProfileContext, wanted: set[int]) -> Json:
    """Return the components of the items whose inventory is in the same answer, without data for others."""
    keys = [key for number, key in ITEM_COMPONENTS.items() if number in wanted]
    if not context.is_owner:
        return {key: {"privacy": PRIVATE} for key in keys}
    items = {str(one.instance): one for one in _listed(context.account, wanted) if one.instance}
    found = item_components(context.definitions, items, wanted)
    return {key: {"data": found[key], "privacy": PRIVATE} for key in keys}


def _listed(account: Account, wanted: set[int]) -> list[Item]:
    return [
        one
        for one in account.items
        if (_PROFILE if not one.holder else _EQUIPMENT if one.is_equipped else _CHARACTERS) in wanted
    ]


def _character(request: PlatformRequest) -> Json:
    """Return the components of one character, under the keys of the single form."""
    wanted = wanted_components(request)
    context, _ = profile_context(request)
    guardian = context.account.guardians.get(request.number(2))
    if guardian is None:
        raise PlatformError(1620)
    rendered = render_profile(context, wanted & _SINGLE.keys(), context.clock.date())
    answer: Json = {}
    for number, key in _SINGLE.items():
        component = rendered.get(COMPONENTS[number].key)
        if component and "data" in component:
            answer[key] = {**component, "data": component["data"][str(guardian.id)]}
        elif component:
            answer[key] = component
    return answer


_SINGLE = {
    200: "character", 201: "inventory", 202: "progressions", 204: "activities", 205: "equipment", 206: "loadouts",
    600: "currencyLookups",
}  # fmt: skip


def _item(request: PlatformRequest) -> Json:
    """Return one item, if it belongs to the caller or is equipped."""
    wanted = wanted_components(request)
    context, _ = profile_context(request)
    item = context.account.instance(request.number(2))
    if item is None:
        raise PlatformError(1623)
    if not context.is_owner and not item.is_equipped:
        raise PlatformError(1665)
    found = item_components(context.definitions, {str(item.instance): item}, wanted)
    answer: Json = {
        _SINGLE_KEYS[key]: {"data": next(iter(data.values()), {}), "privacy": PRIVATE} for key, data in found.items()
    }
    if 307 in wanted:
        answer["item"] = {"data": item_document(context.definitions, item), "privacy": PRIVATE}
    holder = {"characterId": str(item.holder)} if item.holder and item.bucket != game.VAULT else {}
    return {**holder, **answer}


_SINGLE_KEYS = {key: "instance" if key == "instances" else key for key in ITEM_COMPONENTS.values()}

ENDPOINTS = (
    endpoint("profile", "Destiny2/*/Profile/*", _profile),
    endpoint("character", "Destiny2/*/Profile/*/Character/*", _character),
    endpoint("item", "Destiny2/*/Profile/*/Item/*", _item),
)
