"""The automatic choice of mains.

Recomputed whenever a rank, a level, an item level or an owner changes.
"""

from collections import defaultdict
from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from characters.rules import MainCandidate, choose_main
from guilds.models import Membership

NOBODYS_MAIN: dict[str, Any] = {"main_of": None, "main_choice": "", "main_chosen_by": None}


@transaction.atomic(savepoint=False)
def recompute_mains(*, user_ids: Collection[Any] = (), guild_ids: Collection[Any] = ()) -> int:
    """Choose the main of each player in each guild concerned; return how many memberships changed.

    Chosen mains stay, unless the character is no longer that player's.
    """
    locked = lock_memberships(places_of(user_ids) if user_ids else Q(guild__in=guild_ids))
    # A separate statement, which sees what other transactions wrote while this one waited for the lock.
    memberships = list(Membership.objects.filter(pk__in=locked).select_related("character"))
    mains = _mains(memberships)
    wrong = [one for one in memberships if _is_wrong(one, mains)]
    if not wrong:
        return 0
    # First clear, then set: a constraint allows one main per player and guild, even between statements.
    Membership.objects.filter(pk__in=[one.pk for one in wrong]).update(**NOBODYS_MAIN)
    for one in wrong:
        one.main_of_id = mains.get(one.pk)
    Membership.objects.bulk_update([one for one in wrong if one.main_of_id], ["main_of"])
    return len(wrong)


def places_of(user_ids: Collection[Any]) -> Q:
    """Return a filter for the memberships of these players' characters, and those still marked as their mains.

    A union, since PostgreSQL uses an index for each part, but reads both tables in full for an OR.
    """
    owned = Membership.objects.order_by().filter(character__user__in=user_ids).values("pk")
    mains = Membership.objects.order_by().filter(main_of__in=user_ids).values("pk")
    return Q(pk__in=owned.union(mains))


def lock_memberships(scope: Q) -> list[UUID]:
    """Lock these memberships until the transaction ends; return their ids.

    Call this before writing to several memberships: taking locks in one order prevents deadlocks.
    """
    rows = Membership.objects.filter(scope).order_by("pk").select_for_update(of=("self",), no_key=True)
    return list(rows.values_list("pk", flat=True))


def _is_wrong(membership: Membership, mains: dict[Any, Any]) -> bool:
    has_stale_choice = bool(membership.main_choice) and not membership.is_chosen_main
    return membership.main_of_id != mains.get(membership.pk) or has_stale_choice


def _mains(memberships: list[Membership]) -> dict[Any, Any]:
    """Membership id → user id, for the main of each person in each guild."""
    candidates: dict[tuple[Any, Any], list[MainCandidate]] = defaultdict(list)
    for one in memberships:
        if one.character.user_id is not None:
            candidates[one.guild_id, one.character.user_id].append(
                MainCandidate(
                    membership_id=one.pk,
                    rank=one.rank,
                    level=one.character.level or 0,
                    item_level=one.character.equipped_item_level or 0,
                    name=one.character.name,
                    is_chosen=one.is_chosen_main,
                )
            )
    return {choose_main(group).membership_id: user_id for (_, user_id), group in candidates.items()}
