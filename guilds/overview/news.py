"""Groups of events in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from html import escape

from django.utils.formats import localize
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guilds.guild_url import guild_url
from guilds.models import Guild, TimelineEvent
from guilds.overview.activity import EventGroup
from guilds.timeline.icons import icon_of
from guilds.timeline.shown import ShownEvent

Kind = TimelineEvent.Kind


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the recent activity: a single event, or the sentence of a group."""

    icon: str
    class_id: int
    latest: datetime
    is_unseen: bool
    event: ShownEvent | None
    sentence: str


def lines(groups: Iterable[EventGroup], guild: Guild, *, is_member: bool) -> list[Line]:
    """Return a line for each group; names of members are links for members."""
    return [
        Line(
            icon=icon_of(group.kind),
            class_id=group.events[0].class_id or 0,
            latest=group.latest,
            is_unseen=bool(group.unseen),
            event=group.events[0] if group.count == 1 else None,
            sentence="" if group.count == 1 else _sentence(group, guild, is_member=is_member),
        )
        for group in groups
    ]


def changes(unseen: Mapping[str, int], guild: Guild, since: date) -> list[tuple[str, str, str]]:
    """Return icon, words and the timeline's address of each kind of event that the reader has not seen, most first."""
    return [
        (icon_of(kind), how_many(kind, count), _timeline(guild, kind, since))
        for kind, count in sorted(unseen.items(), key=lambda one: (-one[1], one[0]))
    ]


def how_many(kind: str, count: int) -> str:
    """Say how often something happened, such as "23 left"."""
    match kind:
        case Kind.JOINED:
            text = ngettext("%(n)s joined", "%(n)s joined", count)
        case Kind.LEFT:
            text = ngettext("%(n)s left", "%(n)s left", count)
        case Kind.PROMOTED:
            text = ngettext("%(n)s was promoted", "%(n)s were promoted", count)
        case Kind.DEMOTED:
            text = ngettext("%(n)s was demoted", "%(n)s were demoted", count)
        case Kind.RENAMED:
            text = ngettext("%(n)s was renamed", "%(n)s were renamed", count)
        case Kind.TRANSFERRED:
            text = ngettext("%(n)s changed realm or faction", "%(n)s changed realm or faction", count)
        case Kind.LINKED:
            text = ngettext("%(n)s character was linked", "%(n)s characters were linked", count)
        case Kind.RIGHTS_CHANGED:
            text = ngettext("%(n)s change of permissions", "%(n)s changes of permissions", count)
        case Kind.MAIN_CHOSEN:
            text = ngettext("%(n)s main was chosen", "%(n)s mains were chosen", count)
        case Kind.INFO_CHANGED:
            text = ngettext(
                "%(n)s change of the guild's information", "%(n)s changes of the guild's information", count
            )
        case Kind.FLAGGED_RETURN:
            text = ngettext("%(n)s flagged member is back", "%(n)s flagged members are back", count)
        case _:
            text = ngettext("%(n)s change of the guild", "%(n)s changes of the guild", count)
    return text % {"n": localize(count)}


def _sentence(group: EventGroup, guild: Guild, *, is_member: bool) -> SafeString:
    """Say what happened several times on a day, with the names of a few."""
    link = format_html('<a href="{}">{}</a>', _timeline(guild, group.kind, group.day, until=group.day), _words(group))
    names = [_name(event, guild, is_member=is_member) for event in group.events if event.character_name]
    if not names or group.kind == Kind.LINKED:
        return link
    shown = SafeString(", ".join(names))
    if more := group.count - len(names):
        words = {"names": shown, "n": localize(more)}
        shown = format_html(ngettext("{names} and {n} more", "{names} and {n} more", more), **words)
    return SafeString(_("{what}: {names}").format(what=link, names=shown))


def _words(group: EventGroup) -> str:
    event, words = group.events[0], {"n": localize(group.count)}
    if group.kind == Kind.LINKED and event.person:
        return _("%(name)s linked %(n)s characters") % {**words, "name": event.person}
    if group.kind == Kind.RIGHTS_CHANGED and event.actor:
        return _("%(name)s changed permissions %(n)s times") % {**words, "name": event.actor}
    if group.kind == Kind.INFO_CHANGED and event.actor:
        return _("%(name)s changed the guild's information %(n)s times") % {**words, "name": event.actor}
    return how_many(group.kind, group.count)


def _name(event: ShownEvent, guild: Guild, *, is_member: bool) -> str:
    css, name = f"class-{event.class_id or 0} class-colored", escape(event.character_name)
    if not is_member or event.guild_now is None:
        return f'<span class="{css}">{name}</span>'
    return f'<a class="{css}" href="{escape(guild_url("guilds:member", guild, event.character_id))}">{name}</a>'


def _timeline(guild: Guild, kind: str, since: date, until: date | None = None) -> str:
    end = f"&until={until.isoformat()}" if until else ""
    return f"{guild_url('guilds:timeline', guild)}?kind={kind}&since={since.isoformat()}{end}"
