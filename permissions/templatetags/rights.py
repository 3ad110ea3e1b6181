"""Rights, and what happened to them, in words."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import template
from django.template import Context
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts.models import User
from guilds.models import Guild, TimelineEvent, expires_soon
from guilds.templatetags.heraldry import rank_name
from permissions.effective_rights import standing
from permissions.labels import LABELS, in_words
from permissions.members import Person
from permissions.models import Rank

register = template.Library()
Details = dict[str, Any]

register.filter("in_words", in_words)


@register.filter
def right_name(right: str) -> str:
    """A single right, beginning with a capital letter."""
    return str(capfirst(str(LABELS.get(right, right))))


@register.filter
def shown(person: Person) -> SafeString:
    """A person by name, with the main; with the best character where no main is known."""
    return format_html(
        '<b class="person-name">{}</b> <span class="muted">({})</span>', person.name, person.main or person.character
    )


@register.filter
def called(rank: Rank) -> str:
    """The rank by its name, or by its number where the guild has not named it."""
    return rank_name({rank.rank_level: rank.rank_name}, rank.rank_level)


@register.simple_tag(takes_context=True)
def expiring_link(context: Context, guild: Guild) -> datetime | None:
    """Return when the reader's link to the guild expires, if that is soon. Costs no statement once rights are known."""
    user = context["request"].user
    if not isinstance(user, User) or user.is_superuser:
        return None
    expires_at = standing(user, guild).expires_at
    return expires_at if expires_soon(expires_at) else None


@register.simple_tag
def rights_change(event: TimelineEvent, *, with_reason: bool = False) -> str:
    """What somebody did to rights, to be read after their name. Reasons of grants are for those who manage ranks."""
    details: Details = event.details
    before, after = details.get("before"), details.get("after")
    match details.get("what"):
        case "rank" if before and after:
            return _rank_changed(details["rank"], before, after)
        case "set" if before or after:
            return _set_changed(before, after)
        case "grant" if before or after:
            return _grant_changed(event, before, after, with_reason=with_reason)
        case "grace":
            return _("set the hours for which leavers may read to %(after)d (before: %(before)d)") % details
        case "link_days":
            return _("set the days for which a sign-in lasts to %(after)d (before: %(before)d)") % details
    return event.get_kind_display()


def _rank_changed(level: int, before: Details, after: Details) -> str:
    parts = []
    if before["name"] != after["name"]:
        parts.append(
            _("named rank %(level)d “%(after)s” (before: “%(before)s”)")
            % {"level": level, "after": _named(level, after), "before": _named(level, before)}
        )
    if before["set"] != after["set"]:
        parts.append(
            _("gave rank %(rank)s the set “%(after)s” (before: “%(before)s”)")
            % {"rank": _named(level, after), "after": after["set"], "before": before["set"]}
        )
    return "; ".join([*parts, *_turned(before["rights"], after["rights"])])


def _set_changed(before: Details | None, after: Details | None) -> str:
    if after is None or before is None:
        words = _("made the set “%(name)s”: %(rights)s") if after else _("deleted the set “%(name)s”: %(rights)s")
        told = after or before or {}
        return words % {"name": told["name"], "rights": in_words(told["rights"])}
    name = {"before": before["name"], "after": after["name"]}
    renamed = _("renamed the set “%(before)s” to “%(after)s”") % name
    changed = _("changed the set “%(after)s”") % name
    return "; ".join(
        [renamed if name["before"] != name["after"] else changed, *_turned(before["rights"], after["rights"])]
    )


def _grant_changed(event: TimelineEvent, before: Details | None, after: Details | None, *, with_reason: bool) -> str:
    told = after or before or {}
    words = {
        "person": event.person.display_name if event.person else _("somebody whose account is gone"),
        "rights": in_words(told["rights"]),
        "until": _day(told["expires_at"]),
    }
    if after:
        text = _("granted %(person)s until %(until)s: %(rights)s") % words
    elif event.actor_id is not None and event.actor_id == event.person_id:
        text = _("gave a personal grant back: %(rights)s") % words
    else:
        text = _("ended the personal grant of %(person)s: %(rights)s") % words
    return f"{text} ({told['reason']})" if with_reason and told.get("reason") else text


def _turned(before: Iterable[str], after: Iterable[str]) -> list[str]:
    gained, lost = set(after) - set(before), set(before) - set(after)
    gains = _("gains: %(rights)s") % {"rights": in_words(gained)}
    loses = _("loses: %(rights)s") % {"rights": in_words(lost)}
    return [*([gains] if gained else []), *([loses] if lost else [])]


def _named(level: int, details: Details) -> str:
    return rank_name({level: details["name"]}, level)


def _day(moment: str) -> str:
    return date_format(timezone.localtime(datetime.fromisoformat(moment)), "DATE_FORMAT")
