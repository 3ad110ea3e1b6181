"""Rows and headings of the roster's table."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from html import escape
from typing import TYPE_CHECKING

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from guilds.game_names import game_name
from guilds.roster.cells import Words
from guilds.roster.columns import Column
from guilds.roster.lines import Line
from guilds.roster.query import RosterQuery

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading of a column: the address that sorts by it, and the current direction, if any."""

    key: str
    css: str
    label: "str | StrPromise"
    url: str
    direction: str


def headings(query: RosterQuery) -> list[Heading]:
    """Return the headings of the shown columns."""
    return [_heading(column, query) for column in query.shown_columns()]


def rows(lines: Iterable[Line], columns: list[Column], words: Words, *, can_select: bool) -> list[SafeString]:
    """Return a table row for each line; every cell names its column for phones, where the table has no headings."""
    labels = [(column, f'<span class="cell-label">{escape(str(column.label))} </span>') for column in columns[1:]]
    select = escape(_("Select %(name)s"))
    return [_row(line, columns[0], labels, words, select if can_select else "") for line in lines]


def _row(line: Line, name: Column, labels: list[tuple[Column, str]], words: Words, select: str) -> SafeString:
    box = _checkbox(line, words, select) if select else ""
    parts = [
        f'<tr class="class-{line.member.class_id or 0}">{box}',
        f'<th scope="row" class="{name.css}">{name.cell(line, words)}</th>',
    ]
    for column, label in labels:
        content = column.cell(line, words)
        parts.append(f'<td class="{column.css}">{label if content else ""}{content}</td>')
    parts.append("</tr>")
    return mark_safe("".join(parts))  # noqa: S308  (each cell escapes what it shows)


def _checkbox(line: Line, words: Words, label: str) -> str:
    member = line.member
    shown = game_name(member.name, member.realm, is_home=member.realm_id == words.realm_id)
    return (
        f'<td class="select-cell"><input type="checkbox" name="member" form="selection" value="{member.character}" '
        f'aria-label="{label % {"name": escape(member.name)}}" data-name="{escape(shown)}"></td>'
    )


def _heading(column: Column, query: RosterQuery) -> Heading:
    up, down = column.key, f"-{column.key}"
    direction = {up: "ascending", down: "descending"}.get(query.sort, "")
    first, second = (down, up) if column.descends_first else (up, down)
    wanted = second if query.sort == first else first
    return Heading(column.key, column.css, column.label, replace(query, sort=wanted).url(), direction)
