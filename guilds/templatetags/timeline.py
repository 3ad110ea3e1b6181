"""Events of the timeline in words."""

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from characters.models import Faction
from guilds.models import TimelineEvent
from guilds.ranks import rank_name
from guilds.templatetags.guild_info import info_labels

register = template.Library()


@register.simple_tag
def event_sentence(event: TimelineEvent, ranks: dict[int, str]) -> SafeString:
    """Say what happened, except for changed permissions, which `rights_change` describes."""
    if event.is_of_guild:
        return _guild_sentence(event)
    name = event.character_name or (event.actor.display_name if event.actor else _("Someone with a deleted account"))
    subject = format_html('<span class="class-colored">{}</span>', name)
    if event.kind == TimelineEvent.Kind.MAIN_CHOSEN and not event.details.get("choice"):
        return format_html("{}: {}", subject, _automatic_main(event.details))
    return format_html("{} {}", subject, _predicate(event, ranks))


def _predicate(event: TimelineEvent, ranks: dict[int, str]) -> str:
    details: dict[str, Any] = event.details
    after = details.get("after")
    match event.kind:
        case TimelineEvent.Kind.PROMOTED if after is not None:
            return _("was promoted to %(rank)s") % {"rank": rank_name(ranks, after)}
        case TimelineEvent.Kind.DEMOTED if after is not None:
            return _("was demoted to %(rank)s") % {"rank": rank_name(ranks, after)}
        case TimelineEvent.Kind.RENAMED if after:
            return _("was renamed to %(name)s") % {"name": after}
        case TimelineEvent.Kind.LINKED if event.person:
            return _("was linked to %(name)s") % {"name": event.person.display_name}
        case TimelineEvent.Kind.MAIN_CHOSEN:
            return _main_chosen(details)
        case TimelineEvent.Kind.INFO_CHANGED:
            return f"{event.get_kind_display()}: {', '.join(info_labels(details))}"
    return event.get_kind_display()


def _main_chosen(details: dict[str, Any]) -> str:
    before = details.get("before")
    if before and before != details.get("after"):
        return _("was chosen as main instead of %(name)s") % {"name": before}
    return _("was chosen as main")


def _automatic_main(details: dict[str, Any]) -> str:
    before = details.get("before")
    if before and before != details.get("after"):
        return _("main set back to automatic (was %(name)s)") % {"name": before}
    return _("main set back to automatic")


def _guild_sentence(event: TimelineEvent) -> SafeString:
    details: dict[str, Any] = event.details
    happened = event.get_kind_display()
    happened = happened[:1].upper() + happened[1:]
    if not details.get("after"):
        return format_html("{}", happened)
    words = {"before": _with_faction(details.get("before")), "after": _with_faction(details["after"])}
    return format_html("{} {}", happened, _("from %(before)s to %(after)s") % words)


def _with_faction(value: Any) -> str:
    return str(Faction(value).label) if value in Faction.values else str(value)
