"""A member's ranks and item levels over time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.formats import date_format
from django.utils.html import escape
from django.utils.safestring import SafeString

from characters.models import ItemLevelRecord
from guilds.models import TimelineEvent
from guilds.timeline.shown import ShownEvent

RANK_KINDS = (TimelineEvent.Kind.JOINED, TimelineEvent.Kind.PROMOTED, TimelineEvent.Kind.DEMOTED)
WIDTH, HEIGHT, TOP, LABELS = 360, 90, 24, 20


@dataclass(frozen=True, slots=True)
class RankSince:
    """A rank, and since when the member has or had it; None is before tracking began."""

    rank: int
    since: datetime | None


def rank_history(now: int, events: Iterable[ShownEvent]) -> list[RankSince]:
    """Return the ranks since the member last joined, latest first.

    `now` is the rank of today; `events` are those of the character, earliest first.
    """
    history: list[RankSince] = []
    for event in events:
        if event.kind not in RANK_KINDS:
            continue
        if event.kind == TimelineEvent.Kind.JOINED:
            history = [RankSince(event.details.get("rank", now), event.happened_at)]
            continue
        before, after = event.details.get("before"), event.details.get("after")
        if not history and before is not None:
            history.append(RankSince(before, None))
        if after is not None:
            history.append(RankSince(after, event.happened_at))
    if not history:
        history.append(RankSince(now, None))
    return history[::-1]


def item_level_chart(records: Sequence[ItemLevelRecord]) -> SafeString:
    """Draw the item level as a line over the days, with the first and last values; empty for fewer than two days."""
    if len(records) < 2:
        return SafeString("")
    days = [one.day for one in records]
    levels = [one.item_level for one in records]
    lowest, highest = min(levels), max(levels)
    span = max((days[-1] - days[0]).days, 1)
    points = [
        (
            (one.day - days[0]).days / span * WIDTH,
            TOP + (HEIGHT - TOP) * (highest - one.item_level) / max(highest - lowest, 1),
        )
        for one in records
    ]
    # The level stays until it changes, so the line has steps.
    path = f"M{points[0][0]:.1f} {points[0][1]:.1f}" + "".join(f"H{x:.1f}V{y:.1f}" for x, y in points[1:])
    first, last = points[0], points[-1]
    shapes = (
        f'<path class="line" d="{path}"/>'
        f'<circle class="dot" cx="{last[0]:.1f}" cy="{last[1]:.1f}" r="3"/>'
        f'<text class="start count" x="0" y="{first[1] - 8:.1f}">{levels[0]}</text>'
        f'<text class="end count" x="{WIDTH}" y="{last[1] - 8:.1f}">{levels[-1]}</text>'
        f'<text class="start" x="0" y="{HEIGHT + 16}">{_day(days[0])}</text>'
        f'<text class="end" x="{WIDTH}" y="{HEIGHT + 16}">{_day(days[-1])}</text>'
    )
    head = f'<svg class="drawing" viewBox="0 0 {WIDTH} {HEIGHT + LABELS}" aria-hidden="true">'
    return SafeString(f"{head}{shapes}</svg>")


def _day(day: date) -> str:
    return escape(date_format(day))
