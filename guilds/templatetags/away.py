"""Roster rules, matches and leaves in words."""

from datetime import date

from django import template
from django.template.defaultfilters import date as date_filter
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guilds.away.forms import LEVELS
from guilds.away.rows import in_days
from guilds.away.rule import Action
from guilds.models import Leave, RosterRule
from guilds.ranks import rank_name

register = template.Library()


@register.simple_tag
def rule_action(rule: RosterRule, ranks: dict[int, str]) -> str:
    """Say what a rule wants to do: "promote to Veteran"."""
    if rule.to_rank is None:
        return str(rule.get_action_display())
    words = {"rank": rank_name(ranks, rule.to_rank)}
    return _("promote to %(rank)s") % words if rule.action == Action.PROMOTE else _("demote to %(rank)s") % words


@register.simple_tag
def rule_terms(rule: RosterRule, ranks: dict[int, str]) -> str:
    """Say whom a rule is about: "Players not seen for 90 days · ranks: Trial · below level 70"."""
    parts = [capfirst(_subject(rule) + " " + in_days(rule.measure, rule.days))]
    if len(rule.ranks) < len(LEVELS):
        parts.append(_("ranks: %(ranks)s") % {"ranks": ", ".join(rank_name(ranks, one) for one in sorted(rule.ranks))})
    if rule.below_level is not None:
        parts.append(_("below level %(level)d") % {"level": rule.below_level})
    if rule.joined_within is not None:
        days = ngettext("%(n)d day", "%(n)d days", rule.joined_within) % {"n": rule.joined_within}
        parts.append(_("not if joined within %(days)s") % {"days": days})
    return " · ".join(parts)


@register.simple_tag
def leave_dates(leave: Leave) -> str:
    """Return the first and the last day."""
    first, last = date_filter(leave.starts_on), date_filter(leave.ends_on)
    return first if first == last else f"{first} – {last}"


@register.simple_tag
def leave_badge(last_day: date | str | None) -> SafeString:
    """Mark somebody who is on leave, with a space before the badge."""
    if not last_day:
        return SafeString("")
    words = _("On leave until %(day)s") % {"day": date_filter(last_day)}
    return format_html(' <span class="badge badge-leave">{}</span>', words)


def _subject(rule: RosterRule) -> str:
    return _("players") if rule.per_player else _("characters")
