"""Realms and connected realms of a region (dynamic namespace)."""

from sandbox.documents.context import Edition, Json
from sandbox.world.models import Realm
from sandbox.world.realms import REGION_IDS, REGION_NAMES
from sandbox.world.world import World

_REALM_TYPES = {"NORMAL": "Normal", "RP": "Roleplaying"}


def realm_index(edition: Edition, world: World) -> Json:
    """All realms of the region, by id."""
    realms = sorted((realm for realm in world.realms.values() if realm.region == edition.region), key=lambda r: r.id)
    return {
        "_links": {"self": edition.dynamic("realm/")},
        "realms": [edition.realm(realm) for realm in realms],
    }


def realm(edition: Edition, subject: Realm) -> Json:
    """One realm in full, under its own address."""
    return {"_links": {"self": edition.dynamic(f"realm/{subject.id}")}, **_detail(edition, subject)}


def _detail(edition: Edition, subject: Realm) -> Json:
    region = REGION_IDS[subject.region]
    return {
        "id": subject.id,
        "region": {
            "key": edition.dynamic(f"region/{region}"),
            "name": edition.text(REGION_NAMES[subject.region]),
            "id": region,
        },
        "connected_realm": edition.dynamic(f"connected-realm/{subject.connected_realm_id}"),
        "name": edition.realm_name(subject),
        "category": edition.text(subject.category),
        "locale": subject.locale,
        "timezone": subject.timezone,
        "type": edition.kind(subject.type, _REALM_TYPES[subject.type]),
        "is_tournament": False,
        "slug": subject.slug,
    }


def connected_realm_index(edition: Edition, world: World) -> Json:
    """The addresses of the region's connected realms, and nothing else."""
    ids = sorted(number for region, number in world.connected_realms if region == edition.region)
    return {
        "_links": {"self": edition.dynamic("connected-realm/")},
        "connected_realms": [edition.dynamic(f"connected-realm/{number}") for number in ids],
    }


def connected_realm(edition: Edition, realms: list[Realm]) -> Json:
    """A connected realm with its realms in full."""
    path = f"connected-realm/{realms[0].connected_realm_id}"
    return {
        "_links": {"self": edition.dynamic(path)},
        "id": realms[0].connected_realm_id,
        "has_queue": False,
        "status": edition.kind("UP"),
        "population": edition.kind("MEDIUM"),
        "realms": [_detail(edition, realm) for realm in realms],
        "mythic_leaderboards": edition.dynamic(f"{path}/mythic-leaderboard/"),
        "auctions": edition.dynamic(f"{path}/auctions"),
    }


def auctions(edition: Edition, realms: list[Realm]) -> Json:
    """Nobody sells anything in this world."""
    path = f"connected-realm/{realms[0].connected_realm_id}"
    return {
        "_links": {"self": edition.dynamic(f"{path}/auctions")},
        "connected_realm": edition.dynamic(path),
        "auctions": [],
    }
