"""The charts of the overview: what each shows, in words."""

from collections.abc import Iterator, Sequence

from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.formats import date_format, localize
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from guilds.overview.charts import Bar, Chart, bars, heat_map, table, week_chart
from guilds.overview.statistics import ACTIVE_DAYS, Statistics, Week

HOURS = 24
# The spans of LOGIN_DAYS, longer ago, and unknown: label, label in the table, color.
LOGIN_SPANS = (
    (gettext_lazy("1 day"), gettext_lazy("Less than 1 day ago"), "recent"),
    (gettext_lazy("7 days"), gettext_lazy("1 to 7 days ago"), "recent"),
    (gettext_lazy("30 days"), gettext_lazy("7 to 30 days ago"), "recent"),
    (gettext_lazy("90 days"), gettext_lazy("30 to 90 days ago"), "away"),
    (gettext_lazy("1 year"), gettext_lazy("90 days to 1 year ago"), "away"),
    (gettext_lazy("longer"), gettext_lazy("More than 1 year ago"), "gone"),
    (gettext_lazy("unknown"), gettext_lazy("Unknown"), "unknown"),
)


def chart_list(statistics: Statistics) -> list[Chart]:
    """Return the charts that have something to show."""
    return [
        *_item_levels(statistics),
        _last_logins(statistics.logins),
        _members(statistics.weeks),
        *_hours(statistics),
    ]


def finished_note(statistics: Statistics) -> str:
    """Say which characters count as active and of max level."""
    return ngettext(
        "%(count)s character of level %(level)s, active in the last %(days)s days",
        "%(count)s characters of level %(level)s, active in the last %(days)s days",
        statistics.finished,
    ) % {"count": localize(statistics.finished), "level": statistics.max_level, "days": ACTIVE_DAYS}


def _item_levels(statistics: Statistics) -> Iterator[Chart]:
    drawn = [
        Bar(str(step.low), str(step.low) if step.low == step.high else f"{step.low}–{step.high}", step.size)
        for step in statistics.item_levels
    ]
    if drawn:
        yield _bar_chart("item-levels", _("Item level"), finished_note(statistics), drawn)


def _last_logins(logins: Sequence[int]) -> Chart:
    drawn = [
        Bar(str(label), str(title), count, css) for count, (label, title, css) in zip(logins, LOGIN_SPANS, strict=True)
    ]
    return _bar_chart("last-logins", _("Last login"), _("All characters, by how long ago they were last seen"), drawn)


def _bar_chart(key: str, title: str, note: str, drawn: Sequence[Bar]) -> Chart:
    numbers = table((title, _("Characters")), [(one.title, one.count) for one in drawn])
    return Chart(key, title, note, bars(drawn), numbers)


def _members(weeks: Sequence[Week]) -> Chart:
    days = [date_format(week.start) for week in weeks]
    joined, left = (sum(getattr(week, name) for week in weeks) for name in ("joined", "left"))
    note = ngettext(
        "%(joined)s joined and %(left)s left in %(n)s week",
        "%(joined)s joined and %(left)s left in %(n)s weeks",
        len(weeks),
    ) % {"joined": joined, "left": left, "n": len(weeks)}
    rows = [(day, *week[1:]) for day, week in zip(days, weeks, strict=True)]
    numbers = table((_("Week from"), _("Joined"), _("Left"), _("Members at its end")), reversed(rows))
    return Chart("members", _("Members"), note, week_chart(weeks, days), numbers)


def _hours(statistics: Statistics) -> Iterator[Chart]:
    hours = statistics.hours
    if not any(hours):
        return
    busiest = max(range(len(hours)), key=hours.__getitem__)
    note = _("Last logins of active characters; most on %(day)s at %(hour)s:00") % {
        "day": WEEKDAYS[busiest // HOURS],
        "hour": busiest % HOURS,
    }
    rows = [(WEEKDAYS[day], *hours[day * HOURS : (day + 1) * HOURS]) for day in range(len(WEEKDAYS))]
    numbers = table((_("Day"), *range(HOURS)), rows)
    drawing = heat_map(hours, [str(label) for label in WEEKDAYS_ABBR.values()])
    yield Chart("hours", _("Activity by weekday and hour"), note, drawing, numbers)
