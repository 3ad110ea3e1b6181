"""The writer of timelines. Every app adds events through here, each with who or what caused it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from accounts.models import User
from characters.models import Character
from guilds.timeline.models import TimelineEvent


def new_event(
    guild_id: UUID,
    kind: TimelineEvent.Kind,
    *,
    happened_at: datetime | None = None,
    character: Character | None = None,
    person: User | None = None,
    actor: User | None = None,
    details: Mapping[str, object] | None = None,
) -> TimelineEvent:
    """Return an unsaved event, of now unless `happened_at` is given.

    `actor` is the user who caused it; None means that Battle.net showed it. `person` is the player concerned, by
    default the character's owner.
    """
    return TimelineEvent(
        guild_id=guild_id,
        kind=kind,
        happened_at=happened_at or timezone.now(),
        character=character,
        character_name=name_of(character) if character else "",
        person_id=person.pk if person else character.user_id if character else None,
        actor=actor,
        details=dict(details or {}),
    )


def record(events: Iterable[TimelineEvent]) -> None:
    """Add events to the timelines of their guilds, in one statement."""
    TimelineEvent.objects.bulk_create(events)


def name_of(character: Character) -> str:
    """Return the character's last known name, even if another character has the name by now."""
    return character.name.partition("~")[0]
