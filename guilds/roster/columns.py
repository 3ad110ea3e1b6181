"""The roster's columns: how each sorts, what it shows and what it exports."""

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from accounts.plain_text import plain
from characters.models import Role
from guilds.roster import cells
from guilds.roster.cells import Words
from guilds.roster.filters import Needs
from guilds.roster.lines import Line
from guilds.roster.members import moment

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

ROLE_ORDER = {role: place for place, role in enumerate(Role.values)}


@dataclass(frozen=True, slots=True)
class Column:
    """A column. `value` is what is exported, `sort` what sorts (None last), `cell` the content of a cell in HTML."""

    key: str
    label: "str | StrPromise"
    value: Callable[[Line, Words], Any]
    sort: Callable[[Line], Any]
    cell: Callable[[Line, Words], str]
    css: str = ""
    descends_first: bool = False
    is_default: bool = True
    needs: Needs = Needs.NOTHING
    # Whether it says who plays a character. Notes have a permission of their own.
    is_personal: bool = False


def _text(value: str | int | None) -> str:
    return cells.DASH if value in (None, "") else escape(str(value))


def _name_of(line: Line) -> str:
    return plain(line.member.name)


def _time(seconds: int | None) -> str | None:
    return None if seconds is None else moment(seconds).isoformat()


COLUMNS = (
    Column("name", _("Name"), lambda line, words: line.member.name, _name_of, cells.name, "name-cell"),
    Column(
        "player",
        _("Player"),
        lambda line, words: cells.player_words(line, words),
        lambda line: plain(line.member.player) if line.member.player else None,
        cells.player,
        "player",
        needs=Needs.MEMBERSHIP,
        is_personal=True,
    ),
    Column(
        "alts",
        _("Alts"),
        lambda line, words: ", ".join(alt.name for alt in line.alts),
        lambda line: len(line.alts) or None,
        cells.alts,
        "alts",
        descends_first=True,
        is_default=False,
        needs=Needs.MEMBERSHIP,
        is_personal=True,
    ),
    Column(
        "rank",
        _("Rank"),
        lambda line, words: words.ranks[line.member.rank],
        lambda line: line.member.rank,
        lambda line, words: words.shields[line.member.rank],
        "rank-cell",
    ),
    Column(
        "level",
        _("Level"),
        lambda line, words: line.member.level,
        lambda line: line.member.level,
        lambda line, words: _text(line.member.level),
        "number level",
        descends_first=True,
    ),
    Column(
        "class",
        _("Class"),
        lambda line, words: cells.class_words(line.member),
        lambda line: line.member.class_name or None,
        lambda line, words: _text(cells.class_words(line.member)),
        "class",
    ),
    Column(
        "role",
        _("Role"),
        lambda line, words: words.roles[line.member.role],
        lambda line: ROLE_ORDER[line.member.role],
        lambda line, words: words.role_icons[line.member.role],
        "role-cell",
    ),
    Column(
        "item-level",
        _("Item level"),
        lambda line, words: line.item_level,
        lambda line: line.item_level,
        cells.item_level,
        "number item-level",
        descends_first=True,
    ),
    Column(
        "last-login",
        _("Last login"),
        lambda line, words: _time(line.last_login),
        lambda line: line.last_login,
        cells.last_login,
        "number last-login",
        descends_first=True,
    ),
    Column(
        "joined",
        _("Joined"),
        lambda line, words: _time(line.joined),
        lambda line: line.joined,
        cells.joined,
        "number joined",
        descends_first=True,
        is_default=False,
    ),
    Column(
        "realm",
        _("Realm"),
        lambda line, words: line.member.realm,
        lambda line: plain(line.member.realm) or None,
        lambda line, words: _text(line.member.realm),
        "realm-cell",
        is_default=False,
    ),
    Column(
        "faction",
        _("Faction"),
        lambda line, words: words.factions.get(line.member.faction, ""),
        lambda line: line.member.faction or None,
        lambda line, words: _text(words.factions.get(line.member.faction)),
        "faction-cell",
        is_default=False,
    ),
    Column(
        "notes",
        _("Notes"),
        cells.note_words,
        lambda line: "" if line.has_note else None,
        cells.notes,
        "notes-cell",
        is_default=False,
        needs=Needs.NOTES,
    ),
)
COLUMN_OF = {column.key: column for column in COLUMNS}


def sorted_lines(lines: list[Line], order: str) -> list[Line]:
    """Return the lines sorted by a column's key, with a minus in front for descending; unknown values come last."""
    sort = COLUMN_OF[order.removeprefix("-")].sort
    by_name = sorted(lines, key=_name_of)
    keyed = [(sort(line), line) for line in by_name]
    known = [pair for pair in keyed if pair[0] is not None]
    known.sort(key=lambda pair: pair[0], reverse=order.startswith("-"))
    return [line for _key, line in known] + [line for key, line in keyed if key is None]
