"""Locks that keep two syncs from writing the same characters, held to the end of the transaction.

A transaction that needs several takes them in this order: account, identities, rows.
"""

from collections.abc import Sequence

from django.db import connection
from django.db.models import QuerySet

from accounts.models import User
from characters.models import Character
from sync.blizzard.payloads import ListedCharacter


def lock_account(user: User) -> None:
    """Let one transaction at a time write a player's account, because its regions share the player's mains."""
    _lock(f"account of {user.pk}")


def lock_identities(region: str) -> None:
    """Let one transaction at a time match a region's characters, so that no two insert the same new one."""
    _lock(f"characters of {region}")


def lock_roles(*, to_correct: bool = False) -> None:
    """Serialize transactions that derive roles from specializations with the one that corrects roles.

    The correction would not see a role that another transaction derived before and commits after it.
    """
    _lock("roles of characters", is_shared=not to_correct)


def lock_listed(region: str, listed: Sequence[ListedCharacter], *, also: "QuerySet[Character]") -> list[Character]:
    """Lock and return every character of ours that a listed one can be, by id or name, and those of `also`.

    One statement, which always locks in the same order, so that two syncs cannot deadlock. `no_key` still lets others
    refer to the rows: PostgreSQL checks foreign keys when their transaction commits, in any order.
    """
    in_region = Character.objects.filter(region=region).values("pk")
    by_id = in_region.filter(blizzard_id__in=[one.id for one in listed])
    by_name = in_region.filter(realm__in={one.realm.id for one in listed}, name__in=[one.name for one in listed])
    return list(
        Character.objects.filter(pk__in=by_id.union(by_name, also.values("pk")))
        .select_related("membership")
        .order_by("region", "pk")
        .select_for_update(of=("self",), no_key=True)
    )


def _lock(name: str, *, is_shared: bool = False) -> None:
    # PostgreSQL releases them with the transaction, so a killed worker leaves none behind.
    function = "pg_advisory_xact_lock_shared" if is_shared else "pg_advisory_xact_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(hashtext(%s))", [name])
