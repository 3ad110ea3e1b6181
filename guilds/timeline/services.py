"""The writer of timelines. Every app adds events through here, each with who or what caused it."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts.models import User
from characters.models import Character
from guilds.models.membership import Membership
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
        character_name=character.last_known_name if character else "",
        person_id=person.pk if person else character.user_id if character else None,
        actor=actor,
        details=dict(details or {}),
    )


def record(events: Iterable[TimelineEvent]) -> None:
    """Add events to the timelines of their guilds, in one statement."""
    TimelineEvent.objects.bulk_create(events)


def left_event(membership: Membership, *, now: datetime) -> TimelineEvent:
    """Return an unsaved event for a member who leaves; the character must be loaded."""
    return new_event(
        membership.guild_id,
        TimelineEvent.Kind.LEFT,
        happened_at=now,
        character=membership.character,
        details={"rank": membership.rank},
    )


def identity_changes(
    character: Character, *, name: str, blizzard_id: int, realm_id: int, faction: str
) -> Iterator[tuple[TimelineEvent.Kind, dict[str, Any]]]:
    """Yield kind and details for a character that Battle.net lists like this now: renamed, transferred."""
    if character.last_known_name != name:
        yield TimelineEvent.Kind.RENAMED, {"before": character.last_known_name, "after": name}
    if (character.blizzard_id, character.realm_id) != (blizzard_id, realm_id):
        yield TimelineEvent.Kind.TRANSFERRED, {"before": character.faction, "after": faction or character.faction}
