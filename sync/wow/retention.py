"""What the site need not keep any longer: characters that nobody has and that stand in no guild."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from characters.models import Character, CharacterQuerySet

# Characters removed in one transaction.
BATCH = 500


@dataclass(frozen=True, slots=True)
class Verdict:
    """A character that goes, or that is taken from its owner and forgotten but for what its guild's roster says."""

    character: Character
    reason: str
    is_removed: bool = True


def note_the_alone() -> None:
    """Note since when characters are without owner and guild, as far as nobody noted it when it began.

    Those that a sync writes to at this moment are left for the next time.
    """
    alone = Character.objects.alone()
    _free(alone.filter(orphaned_since=None)).update(orphaned_since=timezone.now())
    _free(Character.objects.exclude(orphaned_since=None).exclude(pk__in=alone.values("pk"))).update(orphaned_since=None)


def abandoned() -> list[Verdict]:
    """Who goes because they have been alone for too long."""
    found = Character.objects.abandoned(settings.CHARACTER_RETENTION_DAYS).select_related("realm")
    return [
        Verdict(one, f"without owner and guild since {one.orphaned_since:%Y-%m-%d}") for one in found.order_by("name")
    ]


def prune_abandoned() -> list[Verdict]:
    """Remove them; returns who went."""
    note_the_alone()
    verdicts, removed = abandoned(), set[UUID]()
    for first in range(0, len(verdicts), BATCH):
        removed |= remove_alone([one.character.pk for one in verdicts[first : first + BATCH]])
    return [one for one in verdicts if one.character.pk in removed]


@transaction.atomic
def remove_alone(character_ids: Collection[Any]) -> set[UUID]:
    """Delete those that still have neither owner nor guild, with all that hangs on them; returns which."""
    rows = Character.objects.filter(pk__in=character_ids).order_by("region", "pk").select_for_update(of=("self",))
    locked = list(rows.values_list("pk", flat=True))
    # Asked in a statement of its own: it sees what those whom the lock waited for wrote.
    still_alone = set(Character.objects.alone().filter(pk__in=locked).values_list("pk", flat=True))
    Character.objects.filter(pk__in=still_alone).delete()
    return still_alone


def _free(characters: CharacterQuerySet) -> "QuerySet[Character]":
    """Those that nobody writes to: waiting for them could only end in a circle of locks."""
    free = characters.select_for_update(skip_locked=True, of=("self",), no_key=True)
    return Character.objects.filter(pk__in=list(free.values_list("pk", flat=True)))
