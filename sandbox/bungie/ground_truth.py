"""The ground truth of Bungie's world, for tests and drills."""

from typing import Any

from sandbox.bungie.accounts.account import Account, Guardian, Item
from sandbox.bungie.people import Person


def person_truth(person: Person) -> dict[str, Any]:
    """Return a person with their memberships."""
    return {
        "name": person.name,
        "bungie_id": str(person.bungie_id),
        "bungie_name": person.bungie_name,
        "code": person.code,
        "description": person.description,
        "cross_save": str(person.cross_save.id) if person.cross_save else None,
        "memberships": [
            {
                "type": one.type,
                "id": str(one.id),
                "display_name": one.display_name,
                "guardians": one.guardians,
                "has_destiny": one.has_destiny,
                "is_public": one.is_public,
            }
            for one in person.memberships
        ],
    }


def account_truth(account: Account) -> dict[str, Any]:
    """Return an account as it is, whatever the Platform shows."""
    return {
        "guardians": [_guardian(one) for one in account.guardians.values()],
        "items": [_item(one) for one in account.items],
    }


def _guardian(guardian: Guardian) -> dict[str, Any]:
    return {
        "id": str(guardian.id),
        "class_type": guardian.class_type,
        "activity": guardian.activity,
        "is_online": guardian.is_online,
        "loadouts": [
            one
            and {"name": one.name, "icon": one.icon, "color": one.color, "items": [str(item) for item, _ in one.items]}
            for one in guardian.loadouts
        ],
    }


def _item(item: Item) -> dict[str, Any]:
    return {
        "hash": item.hash,
        "instance": str(item.instance),
        "holder": str(item.holder),
        "bucket": item.bucket,
        "quantity": item.quantity,
        "is_equipped": item.is_equipped,
        "state": item.state,
        "power": item.power,
        "plugs": item.plugs,
    }
