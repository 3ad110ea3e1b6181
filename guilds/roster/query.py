"""The query of a roster address: rows, search, filters, columns and order."""

from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import dataclass, field, replace
from typing import Self
from urllib.parse import urlencode

from django.http import QueryDict

from guilds.roster.columns import COLUMN_OF, COLUMNS, Column
from guilds.roster.filters import BOUNDS, LARGEST_NUMBER, Facet, Needs, Test, chosen

CHARACTERS, PLAYERS = "characters", "players"
DEFAULT_SORT = "rank"
LONGEST_SEARCH = 64
# Shown besides the others where a line is a player.
COLUMN_OF_PLAYERS = "alts"
Can = Callable[[Needs], bool]


@dataclass(frozen=True, slots=True)
class RosterQuery:
    """A valid query; what is invalid in an address, or not allowed to the reader, is ignored."""

    rows: str = CHARACTERS
    text: str = ""
    options: Mapping[str, tuple[Hashable, ...]] = field(default_factory=dict)
    numbers: Mapping[str, int] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    sort: str = DEFAULT_SORT

    @classmethod
    def parse(cls, data: QueryDict, facets: Collection[Facet], can: Can) -> Self:
        """Read the query; `can` says what the reader can use."""
        rows = PLAYERS if data.get("rows") == PLAYERS and can(Needs.MEMBERSHIP) else CHARACTERS
        options = {one.key: one.parse(data.getlist(one.key)) for one in facets if one.key in data and can(one.needs)}
        numbers = {bound.key: number for bound in BOUNDS if (number := _number(data.get(bound.key))) is not None}
        sort = data.get("sort", "")
        return cls(
            rows=rows,
            text=data.get("q", "").strip()[:LONGEST_SEARCH],
            options={key: values for key, values in options.items() if values},
            numbers=numbers,
            columns=_columns(data.getlist("column"), rows, can),
            sort=sort if _can_sort(sort, can) else DEFAULT_SORT,
        )

    @property
    def is_filtered(self) -> bool:
        return bool(self.text or self.options or self.numbers)

    @property
    def filter_count(self) -> int:
        """Return how many filters are used, without the search."""
        return len(self.options) + len(self.numbers)

    @property
    def has_default_columns(self) -> bool:
        """Return whether the columns are the default ones that the reader can see."""
        default = default_columns(self.rows)
        public = tuple(key for key in default if COLUMN_OF[key].needs == Needs.NOTHING)
        return self.columns in (default, public)

    def tests(self, facets: Collection[Facet], now: float) -> dict[str, Test]:
        """Return the tests of the filters by their keys, without that of the search."""
        tests = {facet.key: chosen(facet, self.options[facet.key]) for facet in facets if facet.key in self.options}
        return tests | {one.key: one.test(self.numbers[one.key], now) for one in BOUNDS if one.key in self.numbers}

    def shown_columns(self) -> list[Column]:
        return [column for column in COLUMNS if column.key in self.columns]

    def by(self, rows: str) -> "RosterQuery":
        """Return the query for characters or players, with the default columns unless others were chosen."""
        columns = default_columns(rows) if self.has_default_columns else self.columns
        return replace(self, rows=rows, columns=columns)

    def toggled(self, key: str, option: Hashable) -> "RosterQuery":
        """Return the query with this option of a filter added, or removed if it is there."""
        before = self.options.get(key, ())
        after = tuple(one for one in before if one != option) if option in before else (*before, option)
        options = {name: values for name, values in (dict(self.options) | {key: after}).items() if values}
        return replace(self, options=options)

    def with_number(self, key: str, number: int | None) -> "RosterQuery":
        """Return the query with this number for a filter, or without the filter."""
        numbers = {name: value for name, value in self.numbers.items() if name != key}
        return replace(self, numbers=numbers if number is None else numbers | {key: number})

    def encoded(self) -> str:
        """Return the query string without what is the default."""
        parts: list[tuple[str, object]] = []
        if self.rows == PLAYERS:
            parts.append(("rows", self.rows))
        if self.text:
            parts.append(("q", self.text))
        parts += [(key, option) for key, options in self.options.items() for option in options]
        parts += self.numbers.items()
        if not self.has_default_columns:
            parts += [("column", key) for key in self.columns]
        if self.sort != DEFAULT_SORT:
            parts.append(("sort", self.sort))
        return urlencode(parts)

    def url(self, path: str = "") -> str:
        """Return the address, relative to the roster's page."""
        query = self.encoded()
        return f"{path}?{query}" if query else path or "?"


def default_columns(rows: str) -> tuple[str, ...]:
    """Return the keys of the columns that are shown unless others were chosen; the reader's rights limit them."""
    return tuple(one.key for one in COLUMNS if one.is_default or (rows == PLAYERS and one.key == COLUMN_OF_PLAYERS))


def allowed_columns(can: Can) -> list[Column]:
    """Return the columns that the reader can see."""
    return [column for column in COLUMNS if can(column.needs)]


def _columns(given: Collection[str], rows: str, can: Can) -> tuple[str, ...]:
    wanted = {"name", *(key for key in given if key in COLUMN_OF)}
    if len(wanted) == 1:
        wanted = set(default_columns(rows))
    return tuple(column.key for column in allowed_columns(can) if column.key in wanted)


def _can_sort(sort: str, can: Can) -> bool:
    column = COLUMN_OF.get(sort.removeprefix("-"))
    return column is not None and can(column.needs)


def _number(text: str | None) -> int | None:
    if not text or not text.isdecimal() or not text.isascii():
        return None
    number = int(text) if len(text) < 10 else LARGEST_NUMBER
    return number if number < LARGEST_NUMBER else None
