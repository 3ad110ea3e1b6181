"""Recent events of a guild in groups: "23 left", "Jörunn linked 7 characters"."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any
from uuid import UUID

from django.db import connection

from accounts.models import User
from guilds.models import Guild, TimelineEvent
from guilds.timeline.shown import ShownEvent

RECENT = timedelta(days=30)

# One row for each day, kind and, for what people did here, person; with the latest four of the group's events.
GROUPS = """
SELECT
    day,
    kind,
    count(*),
    max(happened_at),
    count(*) FILTER (WHERE happened_at > %(seen_until)s AND actor_id IS DISTINCT FROM %(reader)s),
    (
        array_agg(
            json_build_object(
                'id', event.id,
                'name', event.character_name,
                'character', member.id,
                'class', member.playable_class_id,
                'is_member', membership.id IS NOT NULL,
                'person', split_part(person.battletag, '#', 1),
                'person_id', event.person_id,
                'actor_id', event.actor_id,
                'actor', split_part(actor.battletag, '#', 1),
                'details', event.details
            ) ORDER BY happened_at DESC, event.created_at DESC
        )
    )[1:4]
FROM (
    SELECT
        *,
        (happened_at AT TIME ZONE %(zone)s)::date AS day,
        CASE
            WHEN kind = 'LINKED' THEN person_id
            WHEN kind IN ('RIGHTS_CHANGED', 'INFO_CHANGED') THEN actor_id
        END AS subject_id
    FROM guilds_timelineevent
    WHERE guild_id = %(guild)s AND happened_at >= %(since)s AND kind = ANY(%(kinds)s)
) AS event
LEFT JOIN characters_character AS member ON member.id = event.character_id
LEFT JOIN guilds_membership AS membership
    ON membership.character_id = event.character_id AND membership.guild_id = event.guild_id
LEFT JOIN accounts_user AS person ON person.id = event.person_id
LEFT JOIN accounts_user AS actor ON actor.id = event.actor_id
GROUP BY day, kind, subject_id
ORDER BY 4 DESC, kind
"""


@dataclass(frozen=True, slots=True)
class EventGroup:
    """Events of one kind and day: how many, how many of them the reader has not seen, and the latest four."""

    day: date
    kind: str
    count: int
    latest: datetime
    unseen: int
    events: Sequence[ShownEvent]


def read_activity(
    guild: Guild, kinds: Iterable[str], *, now: datetime, zone: tzinfo, reader: User | None, seen_until: datetime | None
) -> list[EventGroup]:
    """Return the groups of the last 30 days, latest first, in one statement.

    What happened after `seen_until` is unseen, unless the reader did it.
    """
    known: dict[str, Any] = {
        "guild": guild.pk,
        "kinds": list(kinds),
        "since": now - RECENT,
        "zone": str(zone),
        "reader": reader and reader.pk,
        "seen_until": seen_until,
    }
    with connection.cursor() as cursor:
        cursor.execute(GROUPS, known)
        rows = cursor.fetchall()
    return [
        EventGroup(day, kind, count, latest, unseen, [_event(guild, kind, latest, one) for one in shown])
        for day, kind, count, latest, unseen, shown in rows
    ]


def unseen_by_kind(groups: Iterable[EventGroup]) -> Counter[str]:
    """Return how many events of each kind the reader has not seen."""
    found: Counter[str] = Counter()
    for group in groups:
        if group.unseen:
            found[group.kind] += group.unseen
    return found


def joined_or_left_since(day: date, groups: Iterable[EventGroup]) -> int:
    """Return how many members joined or left on this day or later."""
    kinds = (TimelineEvent.Kind.JOINED, TimelineEvent.Kind.LEFT)
    return sum(group.count for group in groups if group.kind in kinds and group.day >= day)


def _event(guild: Guild, kind: str, happened_at: datetime, row: dict[str, Any]) -> ShownEvent:
    return ShownEvent(
        id=UUID(row["id"]),
        guild_id=guild.pk,
        kind=kind,
        happened_at=happened_at,
        details=row["details"],
        character_id=_uuid(row["character"]),
        character_name=row["name"],
        class_id=row["class"],
        guild_now=guild.pk if row["is_member"] else None,
        person_id=_uuid(row["person_id"]),
        person=row["person"],
        actor_id=_uuid(row["actor_id"]),
        actor=row["actor"],
    )


def _uuid(text: str | None) -> UUID | None:
    return None if text is None else UUID(text)
