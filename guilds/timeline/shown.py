"""Events of a timeline as pages show them: plain values, read in one statement without a row of a model for each."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import QuerySet
from django.db.models.query import ValuesListIterable

from guilds.display_names import display_name


class ShownEvent(NamedTuple):
    """An event with the names of its subject and actor; of deleted accounts the names are empty.

    `guild_now` is the guild in which the character is now, and `total` the number of events of the whole list.
    """

    id: UUID
    guild_id: UUID
    kind: str
    happened_at: datetime
    details: dict[str, Any]
    character_id: UUID | None
    character_name: str
    class_id: int | None
    guild_now: UUID | None
    person_id: UUID | None
    person: str | None
    actor_id: UUID | None
    actor: str | None
    total: int = 0


class _ShownEvents(ValuesListIterable):  # type: ignore[type-arg]  # takes no argument at run time
    """Makes an event of each row."""

    def __iter__(self) -> Iterator[ShownEvent]:
        return (ShownEvent(*row) for row in super().__iter__())


def shown(events: "QuerySet[Any]") -> "QuerySet[Any, ShownEvent]":
    """Return events of the timeline as plain values."""
    values = events.values_list(
        "pk",
        "guild",
        "kind",
        "happened_at",
        "details",
        "character",
        "character_name",
        "character__playable_class",
        "character__membership__guild",
        "person",
        display_name("person"),
        "actor",
        display_name("actor"),
    )
    values._iterable_class = _ShownEvents
    return values
