"""How old something is, and what went wrong, in words."""

from datetime import datetime, timedelta
from typing import Protocol

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

register = template.Library()

REASONS = {
    "not_found": gettext_lazy("Battle.net does not know it."),
    "forbidden": gettext_lazy("Battle.net does not show it."),
    "token_expired": gettext_lazy("the permission to read it has expired."),
    "rate_limited": gettext_lazy("Battle.net asked us to slow down."),
    "paused": gettext_lazy("Battle.net refuses such requests at the moment; they are sent again later."),
    "application_refused": gettext_lazy("Battle.net does not accept this site at the moment."),
    "unavailable": gettext_lazy("Battle.net did not answer."),
    "doubtful_roster": gettext_lazy("so many members are missing that a later roster has to confirm it."),
    "account_missing": gettext_lazy("Battle.net lists no characters there; we look again a day later to be sure."),
    "over_budget": gettext_lazy("it was fetched several times within the hour."),
    "guild_missing": gettext_lazy("the guild could not be found; we look again before we believe it."),
    "disbanded": gettext_lazy("the guild was disbanded."),
    "database": gettext_lazy("the answer could not be written down."),
    "defect": gettext_lazy("something went wrong on this site."),
    "bad_payload": gettext_lazy("Battle.net's answer could not be read."),
}


class Failure(Protocol):
    """The part of a ledger row that says what went wrong."""

    error_kind: str
    error_text: str


@register.simple_tag
def age(moment: datetime | None) -> SafeString:
    """Return "5 min ago" or "in 3 hours", with the exact time and zone on hover; a dash for None."""
    if moment is None:
        return format_html('<span aria-hidden="true">–</span><span class="visually-hidden">{}</span>', _("unknown"))
    return _time(moment, in_words(timezone.now() - moment))


@register.simple_tag
def as_of(moment: datetime) -> SafeString:
    """Return the time of day, with the date unless that is today, and the exact time and zone on hover."""
    local = timezone.localtime(moment)
    is_today = local.date() == timezone.localdate()
    return _time(moment, date_format(local, "TIME_FORMAT" if is_today else "DATETIME_FORMAT"))


@register.simple_tag
def day(moment: datetime) -> SafeString:
    """Return the date, with the exact time and zone on hover."""
    return _time(moment, date_format(timezone.localtime(moment)))


def _time(moment: datetime, text: str) -> SafeString:
    local = timezone.localtime(moment)
    exact = f"{date_format(local, 'DATETIME_FORMAT')} {local.tzname()}"
    return format_html('<time datetime="{}" title="{}">{}</time>', moment.isoformat(), exact, text)


def in_words(elapsed: timedelta) -> str:
    """The elapsed time in its largest unit; a negative one lies ahead."""
    seconds = abs(elapsed.total_seconds())
    ahead = elapsed < timedelta(0)
    if seconds < 60:
        return _("in a moment") if ahead else _("just now")
    span = _span(int(seconds // 60))
    return _("in %(span)s") % {"span": span} if ahead else _("%(span)s ago") % {"span": span}


@register.filter
def in_a_day(moment: datetime) -> datetime:
    """The same time on the next day."""
    return moment + timedelta(days=1)


@register.filter
def reason(ledger: Failure | None) -> str:
    """Why the last attempt failed, as a sentence; the ledger's own words for a cause without a name."""
    if ledger is None:
        return ""
    return str(REASONS.get(ledger.error_kind) or ledger.error_text or _("the cause is not known."))


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
