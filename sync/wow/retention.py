"""Delete characters that have been without owner and guild for too long."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from characters.models import Character, CharacterQuerySet

# Characters deleted in one transaction.
BATCH = 500


@dataclass(frozen=True, slots=True)
class Removal:
    """A character to delete, or to unlink and to reduce to what its guild's roster says."""

    character: Character
    reason: str
    is_deleted: bool = True


def update_orphaned_since() -> None:
    """Set since when characters are without owner and guild, where nothing has set it yet.

    Characters that a sync is writing are left for the next time.
    """
    orphaned = Character.objects.orphaned()
    _unlocked(orphaned.filter(orphaned_since=None)).update(orphaned_since=timezone.now())
    others = Character.objects.exclude(orphaned_since=None).exclude(pk__in=orphaned.values("pk"))
    _unlocked(others).update(orphaned_since=None)


def find_expired() -> list[Removal]:
    """Return the characters that have been orphaned for too long."""
    found = Character.objects.orphaned_for(settings.CHARACTER_RETENTION_DAYS).select_related("realm")
    return [
        Removal(one, f"without owner and guild since {one.orphaned_since:%Y-%m-%d}") for one in found.order_by("name")
    ]


def delete_expired() -> list[Removal]:
    """Delete the characters that have been orphaned for too long; returns which."""
    update_orphaned_since()
    removals, deleted = find_expired(), set[UUID]()
    for first in range(0, len(removals), BATCH):
        deleted |= delete_orphaned([one.character.pk for one in removals[first : first + BATCH]])
    return [one for one in removals if one.character.pk in deleted]


@transaction.atomic
def delete_orphaned(character_ids: Collection[Any]) -> set[UUID]:
    """Delete those that still have neither owner nor guild, with everything about them; returns which."""
    rows = Character.objects.filter(pk__in=character_ids).order_by("region", "pk").select_for_update(of=("self",))
    locked = list(rows.values_list("pk", flat=True))
    # A separate statement sees what the transactions that held the locks have written.
    orphaned = set(Character.objects.orphaned().filter(pk__in=locked).values_list("pk", flat=True))
    Character.objects.filter(pk__in=orphaned).delete()
    return orphaned


def _unlocked(characters: CharacterQuerySet) -> "QuerySet[Character]":
    """Lock and return those that nothing else has locked; waiting for the others could deadlock."""
    free = characters.select_for_update(skip_locked=True, of=("self",), no_key=True)
    return Character.objects.filter(pk__in=list(free.values_list("pk", flat=True)))
