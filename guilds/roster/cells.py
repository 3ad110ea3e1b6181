"""Cells of the roster in HTML. What is the same in many rows is prepared once for the page."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html import escape
from urllib.parse import quote

from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from accounts.templatetags.freshness import age
from characters.models import Faction, Role
from guilds.models import Guild
from guilds.ranks import rank_name
from guilds.roster.filters import DAY
from guilds.roster.lines import Line
from guilds.roster.members import Member, moment
from guilds.templatetags.away import leave_badge
from guilds.templatetags.ranks import rank

SHOWN_ALTS = 4
NOTE_LENGTH = 80
# The last login by heat, from hot to cold: the longest time ago in days.
LOGIN_HEATS = (7, 30, 90, 365)
# Item levels by heat: how many below the guild's best.
ITEM_LEVEL_HEATS = (15, 35, 60, 100)
NO_UUID = "00000000-0000-0000-0000-000000000000"


@dataclass(slots=True)
class Words:
    """The values that all cells of a page share: names, icons and words in the reader's language, and the time."""

    realm_id: int
    # Empty for visitors, who can't open a member's page.
    member_url: str
    ranks: dict[int, str]
    shields: dict[int, SafeString]
    roles: dict[str, str]
    role_icons: dict[str, SafeString]
    factions: dict[str, str]
    best_item_level: int
    notes: Mapping[str, str]
    # The reasons of flags, by the ids of characters.
    flags: Mapping[str, str]
    # Where each line is a player, their mains need no badge.
    is_by_player: bool
    flagged: str = field(default_factory=lambda: escape(_("Do not re-invite")))
    main: str = field(default_factory=lambda: escape(_("Main")))
    main_is: str = field(default_factory=lambda: escape(_("main:")))
    alt_of: str = field(default_factory=lambda: _("alt of %(name)s"))
    noted: str = field(default_factory=lambda: escape(_("Noted by officers")))
    unknown: str = field(default_factory=lambda: age(None))
    now: float = field(default_factory=lambda: timezone.now().timestamp())


def words_for(
    guild: Guild,
    lines: Iterable[Line],
    *,
    is_member: bool,
    is_by_player: bool,
    notes: Mapping[str, str],
    flags: Mapping[str, str],
) -> Words:
    """Prepare the values that cells share; `notes` are texts by the ids of characters and players, `flags` reasons."""
    names: dict[int, str] = {}
    best = 0
    for line in lines:
        best = max(best, line.item_level or 0)
        names.setdefault(line.member.rank, line.member.rank_name or "")
    ranks = {level: rank_name(names, level) for level in names}
    roles = {role.value: str(role.label) for role in Role}
    return Words(
        realm_id=guild.realm_id,
        member_url=reverse("guilds:member", args=(guild, NO_UUID)) if is_member else "",
        ranks=ranks,
        shields={level: rank(level, ranks) for level in ranks},
        roles=roles,
        role_icons={role: _role_icon(role, label) for role, label in roles.items()},
        factions={faction.value: str(faction.label) for faction in Faction},
        best_item_level=best,
        notes=notes,
        flags=flags,
        is_by_player=is_by_player,
    )


def _role_icon(role: str, label: str) -> SafeString:
    return format_html(
        '<span class="role role-{}"><svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg> '
        '<span class="role-word">{}</span></span>',
        role,
        static("img/icons.svg"),
        role.lower(),
        label,
    )


DASH = "–"


def name(line: Line, words: Words) -> str:
    """Return the name with its realm, linked for members, and the badge of a main."""
    member, shown = line.member, escape(line.member.name)
    if words.member_url:
        shown = f'<a class="name" href="{_url(member, words)}" hx-boost="false">{shown}</a>'
    else:
        shown = f'<span class="name">{shown}</span>'
    if member.realm_id != words.realm_id:
        shown += f'<span class="realm">-{escape(member.realm)}</span>'
    if words.member_url and member.is_main and not words.is_by_player:
        shown += f' <span class="badge">{words.main}</span>'
    if reason := words.flags.get(member.character):
        shown += f' <span class="badge badge-bad" title="{escape(reason)}">{words.flagged}</span>'
    return shown + leave_badge(line.leave_until) if line.leave_until else shown


def player(line: Line, words: Words) -> str:
    """Return the player and their main, or whose alt it is noted to be."""
    shown, main = line.member.player, line.main
    if shown and main is not None:
        title = f'<span class="visually-hidden">{words.main_is}</span>({escape(main.name)})'
        return f'{escape(shown)} <span class="detail">{title}</span>'
    if shown:
        return escape(shown)
    if main is None:
        return ""
    return f'<span class="detail" title="{words.noted}">{escape(words.alt_of % {"name": main.name})}</span>'


def player_words(line: Line, words: Words) -> str:
    """Return the same in words."""
    shown, main = line.member.player or "", line.main
    if main is None:
        return shown
    return f"{shown} ({main.name})" if shown else words.alt_of % {"name": main.name}


def alts(line: Line, words: Words) -> str:
    """Return the first alts, linked, and how many more there are."""
    shown = [
        f'<a class="class-{alt.class_id or 0} class-colored" href="{_url(alt, words)}" hx-boost="false">'
        f"{escape(alt.name)}</a>"
        for alt in line.alts[:SHOWN_ALTS]
    ]
    more = len(line.alts) - len(shown)
    return ", ".join(shown) + (f' <span class="detail">+{more}</span>' if more > 0 else "")


def class_words(member: Member) -> str:
    """Return specialization and class, such as "Frost Mage"."""
    known = member.class_name or (f"#{member.class_id}" if member.class_id else "")
    return f"{member.spec or ''} {known}".strip() if known else ""


def item_level(line: Line, words: Words) -> str:
    """Return the item level, with the heat of its distance from the guild's best."""
    if line.item_level is None:
        return DASH
    heat = _heat(words.best_item_level - line.item_level, ITEM_LEVEL_HEATS)
    return f'<span class="heat heat-{heat}">{line.item_level}</span>'


def last_login(line: Line, words: Words) -> str:
    """Return how long ago the last login was, with the heat of that time."""
    if line.last_login is None:
        return words.unknown
    days = (words.now - line.last_login) / DAY
    return f'<span class="heat heat-{_heat(days, LOGIN_HEATS)}">{age(moment(line.last_login))}</span>'


def joined(line: Line, words: Words) -> str:
    """Return how long ago the character joined."""
    return words.unknown if line.joined is None else age(moment(line.joined))


def note_words(line: Line, words: Words) -> str:
    """Return the officer notes about the characters of a line and their player."""
    members = [line.member, *line.alts]
    subjects = dict.fromkeys(one for member in members for one in (member.character, member.owner) if one)
    return "\n".join(words.notes[one] for one in subjects if one in words.notes)


def notes(line: Line, words: Words) -> str:
    """Return the beginning of the notes."""
    return escape(Truncator(note_words(line, words)).chars(NOTE_LENGTH))


def _heat(distance: float, steps: tuple[int, ...]) -> int:
    return next((heat for heat, step in enumerate(steps) if distance <= step), len(steps))


def _url(member: Member, words: Words) -> str:
    return words.member_url.replace(NO_UUID, quote(member.character))
