"""Realms and connected realms of a region (dynamic namespace)."""

from sandbox.documents.context import DocumentContext, Json
from sandbox.world.models import Realm
from sandbox.world.realms import REGION_IDS, REGION_NAMES
from sandbox.world.world import World

_REALM_TYPES = {"NORMAL": "Normal", "RP": "Roleplaying"}


def realm_index(context: DocumentContext, world: World) -> Json:
    """Render all realms of the region, ordered by id."""
    realms = sorted((realm for realm in world.realms.values() if realm.region == context.region), key=lambda r: r.id)
    return {
        "_links": {"self": context.dynamic("realm/")},
        "realms": [context.realm(realm) for realm in realms],
    }


def realm(context: DocumentContext, subject: Realm) -> Json:
    return {"_links": {"self": context.dynamic(f"realm/{subject.id}")}, **_detail(context, subject)}


def _detail(context: DocumentContext, subject: Realm) -> Json:
    region = REGION_IDS[subject.region]
    return {
        "id": subject.id,
        "region": {
            "key": context.dynamic(f"region/{region}"),
            "name": context.text(REGION_NAMES[subject.region]),
            "id": region,
        },
        "connected_realm": context.dynamic(f"connected-realm/{subject.connected_realm_id}"),
        "name": context.realm_name(subject),
        "category": context.text(subject.category),
        "locale": subject.locale,
        "timezone": subject.timezone,
        "type": context.kind(subject.type, _REALM_TYPES[subject.type]),
        "is_tournament": False,
        "slug": subject.slug,
    }


def connected_realm_index(context: DocumentContext, world: World) -> Json:
    """Render links to the connected realms, without names or ids."""
    ids = sorted(number for region, number in world.connected_realms if region == context.region)
    return {
        "_links": {"self": context.dynamic("connected-realm/")},
        "connected_realms": [context.dynamic(f"connected-realm/{number}") for number in ids],
    }


def connected_realm(context: DocumentContext, realms: list[Realm]) -> Json:
    path = f"connected-realm/{realms[0].connected_realm_id}"
    return {
        "_links": {"self": context.dynamic(path)},
        "id": realms[0].connected_realm_id,
        "has_queue": False,
        "status": context.kind("UP"),
        "population": context.kind("MEDIUM"),
        "realms": [_detail(context, realm) for realm in realms],
        "mythic_leaderboards": context.dynamic(f"{path}/mythic-leaderboard/"),
        "auctions": context.dynamic(f"{path}/auctions"),
    }


def auctions(context: DocumentContext, realms: list[Realm]) -> Json:
    """Render the auctions: always empty."""
    path = f"connected-realm/{realms[0].connected_realm_id}"
    return {
        "_links": {"self": context.dynamic(f"{path}/auctions")},
        "connected_realm": context.dynamic(path),
        "auctions": [],
    }
