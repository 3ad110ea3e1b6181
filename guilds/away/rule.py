"""Roster rules as pure functions: which members match a rule now, and for which of them nobody can say.

Battle.net shows a last login only with a profile, and the profiles of inactive characters are fetched once a week. So
an absence is counted up to the last check, and data that is missing or old is "unknown", never an absence.
See docs/decisions/0052-rules-for-members-who-are-away.md.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

# Two weekly fetches of inactive characters.
STALE_AFTER = timedelta(days=14)
# Battle.net has no profile of characters of a low level, so that nobody knows when they were played. Nobody documents
# where it ends; below this level, an unknown character says nothing about its player.
LOWEST_LEVEL_WITH_PROFILE = 10


# The first and the last day of a leave.
Period = tuple[date, date]
NO_LEAVES: Mapping[UUID, Sequence[Period]] = {}


class Action(models.TextChoices):
    """The action for a member who matches, the most urgent first."""

    REMOVE = "REMOVE", _("remove")
    DEMOTE = "DEMOTE", _("demote")
    WARN = "WARN", _("warn")
    PROMOTE = "PROMOTE", _("promote")


class Measure(models.TextChoices):
    """The days that a rule counts."""

    NOT_SEEN = "NOT_SEEN", _("not seen")
    IN_GUILD = "IN_GUILD", _("in the guild")


URGENCY = {action: place for place, action in enumerate(Action)}


@dataclass(frozen=True, slots=True)
class Rule:
    """The terms of a rule. `exempt` are ids of characters; their players' other characters are exempt, too."""

    id: UUID
    action: str
    days: int
    ranks: frozenset[int]
    measure: str = Measure.NOT_SEEN
    per_player: bool = True
    to_rank: int | None = None
    below_level: int | None = None
    joined_within: int | None = None
    exempt: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Place:
    """A character in the guild. `player` is the same for all characters of one player (`player_of`).

    `member_since` is a time at which the character was a member already; `joined_at` is when a sync saw it join.
    """

    id: UUID
    character_id: UUID
    player: UUID
    rank: int
    level: int | None
    last_login_at: datetime | None
    checked_at: datetime | None
    member_since: datetime
    joined_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """A player or character to whom a rule applies, with the characters concerned; `days` is None if unknown."""

    rule: Rule
    player: UUID
    places: tuple[Place, ...]
    days: int | None


@dataclass(slots=True)
class Result:
    """The members who match, those of whom nobody can say, and those who match but are on leave."""

    matches: list[Match] = field(default_factory=list)
    unknown: list[Match] = field(default_factory=list)
    on_leave: list[Match] = field(default_factory=list)


def player_of(*, character: UUID, owner: UUID | None, noted_main: UUID | None, owner_of_main: UUID | None) -> UUID:
    """Return the key of a character's player: the known owner, or else whose alt it is noted to be.

    `noted_main` is a character. Ids of users and characters never collide.
    """
    return owner or owner_of_main or noted_main or character


def is_unknown(place: Place, now: datetime) -> bool:
    """Return whether nobody can say when the character was last played."""
    return place.last_login_at is None or place.checked_at is None or now - place.checked_at > STALE_AFTER


def days_not_seen(places: Iterable[Place], now: datetime, leaves: Sequence[Period] = ()) -> int | None:
    """Return for how many days, up to the last checks, none of these was played; None if one of them is unknown.

    Days of the player's leaves do not count, those before and after them do. Characters too low for a profile do not
    count, unless there are no others.
    """
    places = list(places)
    counted = [one for one in places if one.last_login_at or not _is_too_low(one)] or places
    if any(is_unknown(one, now) for one in counted):
        return None
    spans = [
        (one.checked_at - one.last_login_at).days
        - days_on_leave(leaves, one.last_login_at.date(), one.checked_at.date())
        for one in counted
        if one.checked_at and one.last_login_at
    ]
    return max(0, min(spans))


def days_on_leave(leaves: Iterable[Period], after: date, until: date) -> int:
    """Return how many days after the first date, up to the second one, are part of a leave; no day counts twice."""
    days = 0
    for first, last in sorted(leaves):
        first, last = max(first, after + timedelta(days=1)), min(last, until)
        if first <= last:
            days += (last - first).days + 1
            after = last
    return days


def evaluate(
    rule: Rule,
    players: Mapping[UUID, Sequence[Place]],
    *,
    on_leave: AbstractSet[UUID],
    now: datetime,
    leaves: Mapping[UUID, Sequence[Period]] = NO_LEAVES,
) -> Result:
    """Return to whom the rule applies. `players` are all members by player; `on_leave` are players.

    `leaves` are all known leaves by player, past ones too.
    """
    result = Result()
    for player, places in players.items():
        if rule.exempt and not rule.exempt.isdisjoint(one.character_id for one in places):
            continue
        for subject in [places] if rule.per_player else [[one] for one in places]:
            covered = tuple(one for one in subject if _covers(rule, one, now))
            if covered and _can_match(rule, subject, now):
                days = _days(rule, subject, now, leaves.get(player, ()))
                if days is None or days >= rule.days:
                    kind = result.unknown if days is None else result.matches
                    (result.on_leave if player in on_leave else kind).append(Match(rule, player, covered, days))
    return result


def most_urgent(matches: Iterable[Match]) -> list[Match]:
    """Return the matches by urgency, each character only in the most urgent one."""
    taken: set[UUID] = set()
    found = []
    for match in sorted(matches, key=_urgency):
        places = tuple(one for one in match.places if one.id not in taken)
        if places:
            taken |= {one.id for one in places}
            found.append(replace(match, places=places))
    return found


def _urgency(match: Match) -> tuple[int, int]:
    return URGENCY[Action(match.rule.action)], -(match.days or 0)


def _covers(rule: Rule, place: Place, now: datetime) -> bool:
    """Return whether the rule is about such a character at all; a level that nobody knows is not below any."""
    if place.rank not in rule.ranks or not _changes_rank(rule, place.rank):
        return False
    if rule.below_level is not None and (place.level is None or place.level >= rule.below_level):
        return False
    if rule.joined_within is None or place.joined_at is None:
        return True
    return now - place.joined_at >= timedelta(days=rule.joined_within)


def _changes_rank(rule: Rule, rank: int) -> bool:
    if rule.to_rank is None:
        return True
    return rule.to_rank < rank if rule.action == Action.PROMOTE else rule.to_rank > rank


def _can_match(rule: Rule, subject: Sequence[Place], now: datetime) -> bool:
    """Return False for somebody who was seen in time on any character, whatever is unknown of the others."""
    if rule.measure == Measure.IN_GUILD:
        return True
    return all(one.last_login_at is None or (now - one.last_login_at).days >= rule.days for one in subject)


def _days(rule: Rule, subject: Sequence[Place], now: datetime, leaves: Sequence[Period]) -> int | None:
    if rule.measure == Measure.NOT_SEEN:
        return days_not_seen(subject, now, leaves)
    return (now - min(one.member_since for one in subject)).days


def _is_too_low(place: Place) -> bool:
    return place.level is not None and place.level < LOWEST_LEVEL_WITH_PROFILE
