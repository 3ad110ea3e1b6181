"""Dates and ages on pages, with the exact time and zone on hover."""

from datetime import datetime, timedelta
from functools import lru_cache
from html import escape

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

register = template.Library()


@register.simple_tag
def age(moment: datetime | None) -> SafeString:
    """Return "5 min ago" or "in 3 hours", with the exact time and zone on hover; a dash for None."""
    if moment is None:
        return format_html('<span aria-hidden="true">–</span><span class="visually-hidden">{}</span>', _("unknown"))
    return _time(moment, age_in_words(moment))


@register.simple_tag
def upcoming(moment: datetime) -> SafeString:
    """Return "in 3 hours", with the exact time and zone on hover; what is due already happens "in a moment"."""
    return _time(moment, in_words(min(timezone.now() - moment, -timedelta.resolution)))


@register.simple_tag
def as_of(moment: datetime) -> SafeString:
    """Return the time of day, with the date unless that is today, and the exact time and zone on hover."""
    local = timezone.localtime(moment)
    is_today = local.date() == timezone.localdate()
    return _time(moment, _formatted(local, "TIME_FORMAT" if is_today else "DATETIME_FORMAT"))


@register.simple_tag
def time_of_day(moment: datetime) -> SafeString:
    """Return the time of day, with the exact time and zone on hover."""
    return _time(moment, _formatted(timezone.localtime(moment), "TIME_FORMAT"))


@register.simple_tag
def day(moment: datetime) -> SafeString:
    """Return the date, with the exact time and zone on hover."""
    return _time(moment, _formatted(timezone.localtime(moment), "DATE_FORMAT"))


def age_in_words(moment: datetime) -> str:
    """Return "5 min ago" or "in 3 hours" as text."""
    return in_words(timezone.now() - moment)


@register.filter
def exact_time(moment: datetime) -> str:
    """Return the time to the minute in the reader's zone, with the zone."""
    local = timezone.localtime(moment)
    return f"{_formatted(local, 'DATETIME_FORMAT')} {local.tzname()}"


def _time(moment: datetime, text: str) -> SafeString:
    exact = escape(exact_time(moment))
    return SafeString(f'<time datetime="{moment.isoformat()}" title="{exact}">{escape(text)}</time>')


def _formatted(local: datetime, form: str) -> str:
    """Return a time in one of the reader's formats, kept for the next page that shows the same minute."""
    return _formatted_minute(local.replace(second=0, microsecond=0), str(local.tzinfo), form, get_language())


@lru_cache(maxsize=8192)
def _formatted_minute(local: datetime, zone: str, form: str, language: str | None) -> str:
    # Times of two zones can be equal, and look different.
    return date_format(local, form)


def in_words(elapsed: timedelta) -> str:
    """The elapsed time in its largest unit; a negative one lies ahead."""
    seconds = abs(elapsed.total_seconds())
    ahead = elapsed < timedelta(0)
    if seconds < 60:
        return _("in a moment") if ahead else _("just now")
    if not ahead:
        return _("%(span)s ago") % {"span": _span(int(seconds // 60))}
    # To the nearest day: something that expires after 28 days has 28 days left a second later, not 27.
    days = round(seconds / 86_400) if seconds > 86_340 else 0
    return _("in %(span)s") % {"span": _span(days * 1440 or int(seconds // 60))}


def _span(minutes: int) -> str:
    hours, days = minutes // 60, minutes // 1440
    if hours < 1:
        return ngettext("%(n)d min", "%(n)d min", minutes) % {"n": minutes}
    if days < 1:
        return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
    if days < 60:
        return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}
    if days < 365:
        return ngettext("%(n)d month", "%(n)d months", days // 30) % {"n": days // 30}
    return ngettext("%(n)d year", "%(n)d years", days // 365) % {"n": days // 365}
