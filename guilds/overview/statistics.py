"""A guild in numbers: its members' ranks, levels, roles, items and logins, and who joined and left."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any, NamedTuple

from django.db import connection

from characters.models import Role
from guilds.max_level import max_level
from guilds.models import Guild

ACTIVE_DAYS = 30
WEEKS = 26
HOURS_A_WEEK = 7 * 24
MOST_STEPS = 16
# Each of the last logins' spans ends after so many days.
LOGIN_DAYS = (1, 7, 30, 90, 365)
DAY = 86_400

# One statement and one row: the members column by column, in the same order in each array. A row per member costs four
# times as much processor time.
MEMBERS_AND_WEEKS = """
SELECT
    array_agg(membership.rank),
    array_agg(member.level),
    array_agg(member.role),
    array_agg(class.id),
    array_agg(class.name),
    array_agg(member.equipped_item_level),
    array_agg(extract(epoch FROM member.last_login_at)::bigint),
    array_agg(
        ((extract(isodow FROM member.last_login_at AT TIME ZONE %(zone)s) - 1) * 24
        + extract(hour FROM member.last_login_at AT TIME ZONE %(zone)s))::integer
    ),
    array_agg(member.user_id::text),
    (
        SELECT json_agg(week) FROM (
            SELECT
                date_trunc('week', happened_at AT TIME ZONE %(zone)s)::date AS start,
                count(*) FILTER (WHERE kind = 'JOINED') AS joined,
                count(*) FILTER (WHERE kind = 'LEFT') AS departed
            FROM guilds_timelineevent
            WHERE guild_id = %(guild)s AND happened_at >= %(since)s AND kind IN ('JOINED', 'LEFT')
            GROUP BY 1
        ) AS week
    )
FROM guilds_membership AS membership
JOIN characters_character AS member ON member.id = membership.character_id
LEFT JOIN characters_playableclass AS class ON class.id = member.playable_class_id
WHERE membership.guild_id = %(guild)s
"""


class Member(NamedTuple):
    """The values of a member that the statistics use."""

    rank: int
    level: int | None
    role: str
    class_id: int | None
    class_name: str | None
    item_level: int | None
    # Unix time.
    login: int | None
    # Hours from Monday, 0:00, to the last login, in the reader's time zone.
    hour: int | None
    player: str | None


class Week(NamedTuple):
    """Who joined and left in a week, and the number of members at its end."""

    start: date
    joined: int
    left: int
    members: int


class Step(NamedTuple):
    """A bar of a histogram: the values from `low` to `high`."""

    low: int
    high: int
    size: int


@dataclass(frozen=True, slots=True)
class Statistics:
    """The numbers on the overview. `active` and `finished` count characters; those finished are active at max level."""

    characters: int
    players: int
    active: int
    max_level: int | None
    finished: int
    item_level: int | None
    ranks: list[tuple[int, int]]
    roles: list[tuple[Role, int]]
    classes: list[tuple[int, str, int]]
    item_levels: list[Step]
    # One for each of LOGIN_DAYS, then longer ago, then unknown.
    logins: list[int]
    # Of the active characters, for each hour of the week.
    hours: list[int]
    weeks: list[Week]


def read_statistics(guild: Guild, *, now: datetime, zone: tzinfo) -> Statistics:
    """Return the guild's statistics, in one statement; days, weeks and hours are those of the time zone."""
    first = first_week(guild.created_at, now, zone)
    since = datetime.combine(first, datetime.min.time(), zone)
    with connection.cursor() as cursor:
        cursor.execute(MEMBERS_AND_WEEKS, {"guild": guild.pk, "zone": str(zone), "since": since})
        *columns, changes = cursor.fetchone()
    members = list(map(Member._make, zip(*columns, strict=True))) if columns[0] else []
    return statistics(members, weeks(changes or (), first, now.astimezone(zone).date(), len(members)), now=now)


def statistics(members: Sequence[Member], weeks: list[Week], *, now: datetime) -> Statistics:
    """Return the statistics of these members."""
    level = max_level(Counter(one.level for one in members if one.level))
    active_since = now.timestamp() - ACTIVE_DAYS * DAY
    active = [one for one in members if one.login is not None and one.login >= active_since]
    finished = [one for one in active if one.level == level]
    # Item level 0 is that of a character without items, such as one that only keeps gold.
    item_levels = [one.item_level for one in finished if one.item_level]
    roles = Counter(one.role for one in finished)
    classes = Counter((one.class_id, one.class_name or f"#{one.class_id}") for one in finished if one.class_id)
    hours = Counter(one.hour for one in active)
    return Statistics(
        characters=len(members),
        players=len({one.player for one in members if one.player}),
        active=len(active),
        max_level=level,
        finished=len(finished),
        item_level=round(sum(item_levels) / len(item_levels)) if item_levels else None,
        ranks=sorted(Counter(one.rank for one in members).items()),
        roles=[(role, roles[role]) for role in Role if roles[role]],
        classes=[(class_id, name, count) for (class_id, name), count in classes.most_common()],
        item_levels=histogram(item_levels),
        logins=login_spans((one.login for one in members), now),
        hours=[hours[hour] for hour in range(HOURS_A_WEEK)],
        weeks=weeks,
    )


def histogram(values: Sequence[int]) -> list[Step]:
    """Return the numbers of values in steps of equal, round width, from the lowest value to the highest."""
    if not values:
        return []
    lowest, highest = min(values), max(values)
    width = next(width for width in _round_widths() if highest // width - lowest // width < MOST_STEPS)
    counts = Counter(value // width for value in values)
    return [
        Step(step * width, step * width + width - 1, counts[step])
        for step in range(lowest // width, highest // width + 1)
    ]


def _round_widths() -> Iterable[int]:
    power = 1
    while True:
        yield from (power, 2 * power, 5 * power)
        power *= 10


def login_spans(logins: Iterable[int | None], now: datetime) -> list[int]:
    """Return how many of these Unix times are in each span of LOGIN_DAYS, longer ago, and unknown."""
    moment = now.timestamp()
    ends = [days * DAY for days in LOGIN_DAYS]
    spans = Counter(len(ends) + 1 if login is None else sum(moment - login > end for end in ends) for login in logins)
    return [spans[span] for span in range(len(ends) + 2)]


def first_week(tracked_since: datetime, now: datetime, zone: tzinfo) -> date:
    """Return the Monday of the first week to show: at most WEEKS weeks, and none before tracking began."""
    return max(_monday(tracked_since.astimezone(zone).date()), _monday(now.astimezone(zone).date()) - _weeks(WEEKS - 1))


def weeks(changes: Iterable[dict[str, Any]], first: date, today: date, members: int) -> list[Week]:
    """Return all weeks from the first to this one, counted back from today's number of members.

    `changes` are the weeks in which somebody joined or departed, each with its `start` as a date in ISO format.
    """
    known = {one["start"]: (one["joined"], one["departed"]) for one in changes}
    found = []
    start = _monday(today)
    while start >= first:
        joined, left = known.get(start.isoformat(), (0, 0))
        found.append(Week(start, joined, left, max(members, 0)))
        members += left - joined
        start -= _weeks(1)
    return found[::-1]


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _weeks(number: int) -> timedelta:
    return timedelta(weeks=number)
