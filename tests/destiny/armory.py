"""A player's guardians and items as rows, and a manifest with their definitions, without Bungie."""

from datetime import timedelta
from typing import Any

from allauth.socialaccount.models import SocialAccount
from django.utils import timezone

from accounts.models import User
from destiny import game
from destiny.manifest.models import Edition
from destiny.models import (
    BungieAccount,
    DestinyMembership,
    DestinyProfile,
    Guardian,
    Item,
    Milestone,
    VendorStock,
)
from sync.destiny.jobs import BungieJob, open_profile_jobs
from tests.destiny.content_files import BUCKETS, ITEMS, named, tables
from tests.destiny.editions import load_edition

Place = Item.Place
OATH, LANTERN, HOOD, COILS, WAX = 101, 102, 103, 104, 105
STEADY, KEEN, DIM = 201, 202, 203
RANGE, MAGAZINE, ATTACK = 1240592695, 3871231066, 1480404414
STAT_GROUP, PERKS, MOON, TITLE = 301, 4241085061, 401, 501
GUNSMITH, TOWER, PATROL = 601, 602, 603
NAMES = {
    game.KINETIC: "Kinetic weapons",
    game.ENERGY: "Energy weapons",
    game.HELMET: "Helmet",
    game.VAULT: "General",
    game.CONSUMABLES: "Consumables",
    game.LOST_ITEMS: "Lost items",
    2689798308: "Glimmer",
}
ELEMENT_NAMES = {1: "Kinetic", 3: "Solar"}


def manifest() -> Edition:
    """Load an edition that knows the items below."""
    some = tables("en")
    some[BUCKETS] = {key: named(name, itemCount=1300 if key == game.VAULT else 10) for key, name in NAMES.items()}
    some[ITEMS] = {
        OATH: _weapon("Oath of Éowyn", game.KINETIC, 5, 1),
        LANTERN: _weapon("Lantern & Key", game.ENERGY, 6, 3),
        HOOD: _item("Hood of <Ash>", game.HELMET, 5, itemType=2, classType=1, itemTypeDisplayName="Helmet"),
        COILS: _item("Coils", game.CONSUMABLES, 2),
        WAX: _item("Wax", 2689798308, 2),
        STEADY: named("Steady Hands", itemTypeDisplayName="Trait") | {"displayProperties": _shown("Steady Hands")},
        KEEN: named("Keen Eye", itemTypeDisplayName="Trait"),
        DIM: named("Dim Light", itemTypeDisplayName="Trait"),
    }
    some["DestinyDamageTypeDefinition"] = {game.ELEMENTS[key]: named(name) for key, name in ELEMENT_NAMES.items()}
    stats = zip(game.GUARDIAN_STATS, ("Weapons", "Health", "Class", "Grenade", "Super", "Melee"), strict=True)
    some["DestinyStatDefinition"] |= {key: named(name) for key, name in stats}
    some["DestinyStatDefinition"] |= {RANGE: named("Range"), MAGAZINE: named("Magazine"), ATTACK: named("Attack")}
    scaled = [{"statHash": RANGE, "maximumValue": 100}, {"statHash": MAGAZINE, "displayAsNumeric": True}]
    some["DestinyStatGroupDefinition"] = {STAT_GROUP: {"scaledStats": scaled}}
    some["DestinySocketCategoryDefinition"] = {PERKS: named("WEAPON PERKS")}
    title = {"titlesByGender": {"Male": "Lamplighter", "Female": "Lamplighter"}}
    some["DestinyRecordDefinition"] = {TITLE: named("Light the lamps", titleInfo=title)}
    some["DestinyRaceDefinition"] = {game.RACES[1]: named("Awoken")}
    some["DestinyActivityDefinition"] = {MOON: named("The Quiet Moon")}
    shelves = [{"index": 0, "displayProperties": {"name": "Weapons"}}]
    some["DestinyVendorDefinition"] = {
        GUNSMITH: named("Gunsmith", displayCategories=shelves, failureStrings=["Rank 4"])
    }
    some["DestinyVendorGroupDefinition"] = {TOWER: {"categoryName": "Tower"}}
    some["DestinyMilestoneDefinition"] = {PATROL: named("Patrol the Quiet Moon")}
    return load_edition({"en": some})


def _shown(name: str) -> dict[str, Any]:
    return {"name": name, "description": "Less recoil.", "hasIcon": False}


def _item(name: str, bucket: int, tier: int, **more: Any) -> dict[str, Any]:
    tier_name = {5: "Legendary", 6: "Exotic"}.get(tier, "")
    inventory = {"bucketTypeHash": bucket, "tierType": tier, "tierTypeName": tier_name}
    return named(name, **{"inventory": inventory, "classType": 3, **more})


def _weapon(name: str, bucket: int, tier: int, element: int) -> dict[str, Any]:
    return _item(
        name,
        bucket,
        tier,
        itemType=3,
        itemTypeDisplayName="Bow",
        defaultDamageType=element,
        flavorText="Nobody wrote it down.",
        stats={"statGroupHash": STAT_GROUP, "stats": {str(RANGE): {"value": 10}}},
        sockets={"socketCategories": [{"socketCategoryHash": PERKS, "socketIndexes": [0, 1]}]},
    )


def own_membership(user: User, number: int = 1, **fields: Any) -> DestinyMembership:
    """Give the player a connected Bungie account with a membership whose data was just fetched."""
    now = timezone.now()
    account, _ = BungieAccount.objects.get_or_create(
        user=user,
        defaults={
            "bungie_id": 5_000_000 + number,
            "name": f"{user.display_name}#0001",
            "access_token": "access",
            "refresh_token": "refresh",
            "expires_at": now + timedelta(hours=1),
            "refresh_expires_at": now + timedelta(days=90),
            "authorized_at": now,
        },
    )
    SocialAccount.objects.get_or_create(user=user, provider="bungie", uid=str(account.bungie_id))
    shape = {"membership_type": 3, "membership_id": 4_611_686_018_000_000_000 + number, "name": account.name} | fields
    membership = DestinyMembership.objects.create(account=account, **shape)
    DestinyProfile.objects.create(membership=membership, minted_at=now)
    open_profile_jobs([membership]).update(state=BungieJob.State.RESTING, attempted_at=now, succeeded_at=now)
    return membership


def guardian(membership: DestinyMembership, number: int = 1, class_type: int = 1, **fields: Any) -> Guardian:
    """Add a guardian."""
    shape: dict[str, Any] = {
        "character_id": membership.membership_id + 100 + number,
        "race_type": 1,
        "light": 1800 + number,
        "stats": {str(stat): 10 * place for place, stat in enumerate(game.GUARDIAN_STATS, 1)},
        "minutes_played": 7_200,
        "last_played_at": timezone.now() - timedelta(hours=number),
    }
    return Guardian.objects.create(membership=membership, class_type=class_type, **shape | fields)


def stock(owner: Guardian | None) -> VendorStock:
    """Add a vendor with a weapon that nobody can pay and one that is locked; without a guardian, that of everybody."""
    sales = [
        {"index": place, "item": found, "quantity": 1, "costs": [[COILS, 9_000]], "status": status, "augments": 0,
         "failures": failures, "until": None}
        for place, (found, status, failures) in enumerate([(OATH, 2, []), (LANTERN, 8, [0])])
    ]  # fmt: skip
    return VendorStock.objects.create(
        guardian=owner,
        vendor_hash=GUNSMITH,
        group_hash=TOWER,
        refreshes_at=timezone.now() + timedelta(hours=5),
        rank=[4, 130, 450],
        sales=sales,
        categories=[[0, [0]]],
        sold=[OATH, LANTERN],
    )


def milestone() -> Milestone:
    """Add a milestone of this week."""
    return Milestone.objects.create(milestone_hash=PATROL, activities=[[MOON, []]], vendors=[GUNSMITH])


def item(membership: DestinyMembership, found: int, owner: Guardian | None = None, **fields: Any) -> Item:
    """Add an item: in the vault, or carried by a guardian; weapons with stats and perks."""
    return next(iter(items(membership, found, 1, owner, **fields)))


def items(
    membership: DestinyMembership, found: int, count: int, owner: Guardian | None = None, **fields: Any
) -> list[Item]:
    """Add several of the same item."""
    first = 6_917_529_000_000_000_000 + membership.items.count()
    slot = {OATH: game.KINETIC, LANTERN: game.ENERGY, HOOD: game.HELMET}.get(found, game.CONSUMABLES)
    shape: dict[str, Any] = {
        "place": Place.CARRIED if owner else Place.VAULT,
        "bucket_hash": slot if owner or slot == game.CONSUMABLES else game.VAULT,
        "power": 1_750 if slot != game.CONSUMABLES else None,
        "is_lockable": True,
        "details": _details(found),
    }
    return Item.objects.bulk_create(
        Item(
            membership=membership,
            guardian=owner,
            item_hash=found,
            **{"instance_id": first + number if slot != game.CONSUMABLES else None} | shape | fields,
        )
        for number in range(count)
    )


def _details(found: int) -> dict[str, Any]:
    if found == HOOD:
        return {"energy": [10, 7], "stats": {str(game.GUARDIAN_STATS[0]): 20}}
    if found in (OATH, LANTERN):
        stats = {str(RANGE): 64, str(MAGAZINE): 12, str(ATTACK): 1_750}
        return {"stats": stats, "plugs": [STEADY, KEEN], "options": {"1": [KEEN, DIM]}}
    return {}


def fill(membership: DestinyMembership, count: int) -> None:
    """Give the membership so many items more, in the vault and with its guardians."""
    owners = list(membership.guardians.all())
    for place, found in enumerate((OATH, LANTERN, HOOD)):
        for owner in (*owners, None):
            items(membership, found, max(1, count // (3 * (len(owners) + 1)) + place), owner)
