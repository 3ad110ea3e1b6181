"""Events of a timeline in words."""

from html import escape, unescape
from typing import Any

from django.utils.html import strip_tags
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from characters.models import Faction
from guilds.guild_url import guild_url
from guilds.models import Guild, TimelineEvent
from guilds.ranks import rank_name
from guilds.timeline.shown import ShownEvent

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


def plain_sentence(event: ShownEvent, ranks: dict[int, str]) -> str:
    """Return what happened as text, for files and feeds."""
    return unescape(strip_tags(event_sentence(event, ranks)))


def event_sentence(event: ShownEvent, ranks: dict[int, str], guild: Guild | None = None) -> SafeString:
    """Say what happened, except for changed permissions, which `rights_change` describes.

    With `guild`, names of its members are links.
    """
    if event.kind in TimelineEvent.GUILD_KINDS:
        return SafeString(escape(_guild_sentence(event)))
    name = event.character_name or event.actor or gettext("Someone with a deleted account")
    is_automatic = event.kind == TimelineEvent.Kind.MAIN_CHOSEN and not event.details.get("choice")
    colon = ":" if is_automatic else ""
    return SafeString(f"{_subject(escape(name), event, guild)}{colon} {escape(_predicate(event, ranks))}")


def event_line(event: ShownEvent, ranks: dict[int, str], guild: Guild, is_member: bool) -> SafeString:
    """Say what happened and, to members, who caused it."""
    sentence = event_sentence(event, ranks, guild if is_member else None)
    if not (event.actor and event.character_name and is_member):
        return SafeString(f"<span>{sentence}</span>")
    words = gettext("by %(name)s") % {"name": escape(event.actor)}
    return SafeString(f'<span>{sentence} <span class="muted">{words}</span></span>')


def _subject(name: str, event: ShownEvent, guild: Guild | None) -> str:
    if guild is None or event.guild_now is None or event.guild_now != event.guild_id:
        return f'<span class="class-colored">{name}</span>'
    address = escape(guild_url("guilds:member", guild, event.character_id))
    return f'<a class="class-colored" href="{address}" hx-boost="false">{name}</a>'


def _predicate(event: ShownEvent, ranks: dict[int, str]) -> str:
    details = event.details
    after = details.get("after")
    match event.kind:
        case TimelineEvent.Kind.PROMOTED if after is not None:
            return gettext("was promoted to %(rank)s") % {"rank": rank_name(ranks, after)}
        case TimelineEvent.Kind.DEMOTED if after is not None:
            return gettext("was demoted to %(rank)s") % {"rank": rank_name(ranks, after)}
        case TimelineEvent.Kind.RENAMED if after:
            return gettext("was renamed to %(name)s") % {"name": after}
        case TimelineEvent.Kind.LINKED if event.person:
            return gettext("was linked to %(name)s") % {"name": event.person}
        case TimelineEvent.Kind.MAIN_CHOSEN:
            return _main_chosen(details)
        case TimelineEvent.Kind.INFO_CHANGED:
            changed = [info_label(name) for name, _before, _after in before_and_after(details)]
            return f"{kind_label(event)}: {', '.join(changed)}"
    return kind_label(event)


def kind_label(event: ShownEvent) -> str:
    """Return what happened without any detail, or the name of a kind that no longer exists."""
    return str(TimelineEvent.Kind(event.kind).label) if event.kind in TimelineEvent.Kind else event.kind


def _main_chosen(details: dict[str, Any]) -> str:
    before = details.get("before")
    is_automatic = not details.get("choice")
    if before and before != details.get("after"):
        words = {"name": before}
        if is_automatic:
            return gettext("main set back to automatic (was %(name)s)") % words
        return gettext("was chosen as main instead of %(name)s") % words
    return gettext("main set back to automatic") if is_automatic else gettext("was chosen as main")


def _guild_sentence(event: ShownEvent) -> str:
    happened, details = kind_label(event), event.details
    happened = happened[:1].upper() + happened[1:]
    if not details.get("after"):
        return happened
    words = {"before": _with_faction(details.get("before")), "after": _with_faction(details["after"])}
    return f"{happened} {gettext('from %(before)s to %(after)s') % words}"


def _with_faction(value: Any) -> str:
    return str(Faction(value).label) if value in Faction.values else str(value)
