"""The item level of characters over time: at most one row a day for each."""

from collections.abc import Iterable
from datetime import timedelta

from django.utils import timezone

from characters.models import Character, ItemLevelRecord

KEPT_FOR = timedelta(days=365)


def record_item_levels(characters: Iterable[Character]) -> None:
    """Note today's item level of characters, in one statement. Call it when it changed."""
    rows = [
        ItemLevelRecord(character=one, day=timezone.now().date(), item_level=one.equipped_item_level)
        for one in characters
        if one.equipped_item_level is not None
    ]
    ItemLevelRecord.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["character", "day"], update_fields=["item_level"]
    )


def forget_item_levels() -> int:
    """Delete what was kept for a year; return the number of rows."""
    return ItemLevelRecord.objects.filter(day__lt=timezone.now().date() - KEPT_FOR).delete()[0]
