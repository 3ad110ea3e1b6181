"""Events of a timeline in words."""

from html import unescape
from typing import Any

from django.utils.html import format_html, strip_tags
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from characters.models import Faction
from guilds.guild_url import guild_url
from guilds.models import Guild, TimelineEvent
from guilds.ranks import rank_name

# The settings of a guild, in the order of their form.
LABELS = {
    "description": _("about the guild"),
    "recruiting": _("recruiting"),
    "links": _("links"),
    "visibility": _("who can see the guild"),
    "hours": _("hours"),
    "days": _("days"),
}


def info_label(name: str) -> str:
    """Return a field's label, or its name if it no longer exists."""
    return str(LABELS.get(name, name))


def before_and_after(details: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    """Return each changed field in the order of the form: name, value before, value after."""
    before, after = details.get("before") or {}, details.get("after") or {}
    return [(name, before.get(name), after[name]) for name in LABELS if name in after]


def plain_sentence(event: TimelineEvent, ranks: dict[int, str]) -> str:
    """Return what happened as text, for files and feeds."""
    return unescape(strip_tags(event_sentence(event, ranks)))


def event_sentence(event: TimelineEvent, ranks: dict[int, str], guild: Guild | None = None) -> SafeString:
    """Say what happened, except for changed permissions, which `rights_change` describes.

    With `guild`, names of its members are links; events have to be loaded `with_people`.
    """
    if event.is_of_guild:
        return _guild_sentence(event)
    name = event.character_name or (
        event.actor.display_name if event.actor else gettext("Someone with a deleted account")
    )
    subject = _subject(name, event, guild)
    is_automatic = event.kind == TimelineEvent.Kind.MAIN_CHOSEN and not event.details.get("choice")
    return format_html("{}: {}" if is_automatic else "{} {}", subject, _predicate(event, ranks))


def _subject(name: str, event: TimelineEvent, guild: Guild | None) -> SafeString:
    # Not read without a guild: that would cost a statement.
    place = getattr(event.character, "membership", None) if guild is not None else None
    if guild is None or place is None or place.guild_id != event.guild_id:
        return format_html('<span class="class-colored">{}</span>', name)
    address = guild_url("guilds:member", guild, event.character_id)
    return format_html('<a class="class-colored" href="{}" hx-boost="false">{}</a>', address, name)


def _predicate(event: TimelineEvent, ranks: dict[int, str]) -> str:
    details: dict[str, Any] = event.details
    after = details.get("after")
    match event.kind:
        case TimelineEvent.Kind.PROMOTED if after is not None:
            return gettext("was promoted to %(rank)s") % {"rank": rank_name(ranks, after)}
        case TimelineEvent.Kind.DEMOTED if after is not None:
            return gettext("was demoted to %(rank)s") % {"rank": rank_name(ranks, after)}
        case TimelineEvent.Kind.RENAMED if after:
            return gettext("was renamed to %(name)s") % {"name": after}
        case TimelineEvent.Kind.LINKED if event.person:
            return gettext("was linked to %(name)s") % {"name": event.person.display_name}
        case TimelineEvent.Kind.MAIN_CHOSEN:
            return _main_chosen(details)
        case TimelineEvent.Kind.INFO_CHANGED:
            changed = [info_label(name) for name, _before, _after in before_and_after(details)]
            return f"{event.get_kind_display()}: {', '.join(changed)}"
    return event.get_kind_display()


def _main_chosen(details: dict[str, Any]) -> str:
    before = details.get("before")
    is_automatic = not details.get("choice")
    if before and before != details.get("after"):
        words = {"name": before}
        if is_automatic:
            return gettext("main set back to automatic (was %(name)s)") % words
        return gettext("was chosen as main instead of %(name)s") % words
    return gettext("main set back to automatic") if is_automatic else gettext("was chosen as main")


def _guild_sentence(event: TimelineEvent) -> SafeString:
    details: dict[str, Any] = event.details
    happened = event.get_kind_display()
    happened = happened[:1].upper() + happened[1:]
    if not details.get("after"):
        return format_html("{}", happened)
    words = {"before": _with_faction(details.get("before")), "after": _with_faction(details["after"])}
    return format_html("{} {}", happened, gettext("from %(before)s to %(after)s") % words)


def _with_faction(value: Any) -> str:
    return str(Faction(value).label) if value in Faction.values else str(value)
