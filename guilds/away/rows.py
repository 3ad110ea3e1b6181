"""Lines of the list in HTML. What is the same in many lines is prepared once for the page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from uuid import UUID

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.templatetags.freshness import age
from guilds.away.members import Line, Member
from guilds.away.rule import Measure
from guilds.models import Guild
from guilds.templatetags.ranks import rank

MOST_NAMES = 10
NO_UUID = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, slots=True)
class Row:
    """A line, and what the page says of it."""

    line: Line
    shown: SafeString


class Words:
    """The values that all lines of a page share, in the reader's language."""

    def __init__(self, guild: Guild, ranks: dict[int, str]) -> None:
        self.member_url = reverse("guilds:member", args=(guild, NO_UUID))
        self.rank = lru_cache(maxsize=None)(lambda level: rank(level, ranks))
        self.age = lru_cache(maxsize=None)(age)
        self.others = escape(_("and"))
        self.seen = escape(_("last seen"))
        self.checked = escape(_("profiles checked"))
        self.unknown = escape(_("unknown:"))

    def url(self, character: UUID) -> str:
        return self.member_url.replace(NO_UUID, str(character))


def rows(lines: Iterable[Line], guild: Guild, ranks: dict[int, str]) -> list[Row]:
    """Return each line with its HTML."""
    words = Words(guild, ranks)
    return [Row(line, mark_safe(_shown(line, words))) for line in lines]  # noqa: S308  (each part escapes what it shows)


def in_days(measure: str, days: int) -> str:
    """Say for how long somebody was not seen, or has been in the guild."""
    if measure == Measure.IN_GUILD:
        return ngettext("in the guild for %(n)d day", "in the guild for %(n)d days", days) % {"n": days}
    return ngettext("not seen for %(n)d day", "not seen for %(n)d days", days) % {"n": days}


def _shown(line: Line, words: Words) -> str:
    member, match = line.member, line.match
    parts = [
        f'<a class="name" href="{words.url(member.place.character_id)}">{escape(member.name)}</a>',
        words.rank(member.place.rank),
    ]
    if member.player_name:
        parts.append(f'<span class="muted">{escape(member.player_name)}</span>')
    if match.days is not None:
        parts.append(f'<b class="nowrap">{escape(in_days(match.rule.measure, match.days))}</b>')
    if line.others:
        parts.append(f'<small class="others">{words.others} {_names(line.others)}</small>')
    parts.append(f'<small class="muted details">{_details(line, words)}</small>')
    return " ".join(parts)


def _details(line: Line, words: Words) -> str:
    """Say which rule it is, when the player was last seen, and how old that is."""
    parts = [
        escape(line.rule.name),
        f"{words.seen} {words.age(line.seen_at)}",
        f"{words.checked} {words.age(line.checked_at)}",
    ]
    if line.unknown and (line.others or line.unknown != [line.member]):
        parts.append(f"{words.unknown} {_names(line.unknown)}")
    return " · ".join(parts)


def _names(members: Sequence[Member]) -> str:
    shown = ", ".join(
        f'<span class="class-{one.class_id}"><span class="class-colored">{escape(one.name)}</span></span>'
        for one in members[:MOST_NAMES]
    )
    more = len(members) - MOST_NAMES
    return f"{shown} +{more}" if more > 0 else shown
