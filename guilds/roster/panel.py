"""The roster's filter panel, quick filters and summary of what is filtered."""

from collections.abc import Hashable
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from characters.models import Role
from guilds.roster.columns import COLUMNS
from guilds.roster.filters import BOUNDS, MAX_LEVEL, Facet
from guilds.roster.lines import Link
from guilds.roster.options import Options, OptionSource, options_of
from guilds.roster.page import Roster
from guilds.roster.query import PLAYERS, RosterQuery

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

# The days of the quick filters.
AWAY_DAYS = 30
JOINED_DAYS = 7


@dataclass(frozen=True, slots=True)
class Group:
    """A filter by options in the panel."""

    key: str
    label: "str | StrPromise"
    options: list[SafeString]


@dataclass(frozen=True, slots=True)
class Chip:
    """A link that adds a filter, or removes it if it is used."""

    label: str
    url: str
    is_used: bool = False
    count: int | None = None


@dataclass(frozen=True, slots=True)
class SortOption:
    """An option of the list "Sort by"."""

    value: str
    label: str
    is_chosen: bool


class Panel:
    """The filters of a roster with the number of results beside each option."""

    def __init__(self, roster: Roster) -> None:
        self.roster = roster
        self.query: RosterQuery = roster.query
        source = OptionSource(roster.lines, roster.words, roster.top_level)
        self.options: dict[str, Options] = {facet.key: options_of(facet.key, source) for facet in roster.facets}

    def groups(self) -> list[Group]:
        """Return the filters that have a choice."""
        return [
            Group(facet.key, facet.label, [self._option(facet, *option) for option in self.options[facet.key].items()])
            for facet in self.roster.facets
            if self._has_choice(facet)
        ]

    def numbers(self) -> list[tuple[str, "str | StrPromise", int | str]]:
        """Return key, label and value of the filters by a number."""
        return [(bound.key, bound.label, self.query.numbers.get(bound.key, "")) for bound in BOUNDS]

    def counts(self) -> SafeString:
        """Return all counts, to be swapped into the panel."""
        return mark_safe(  # noqa: S308  (numbers and known keys)
            "".join(
                self._count(facet, option, swap=' hx-swap-oob="true"')
                for facet in self.roster.facets
                if self._has_choice(facet)
                for option in self.options[facet.key]
            )
        )

    def chips(self) -> list[Chip]:
        """Return the quick filters: what officers ask most often."""
        chips = [
            self._chip("level", MAX_LEVEL, _("Max level")),
            *(self._chip("role", role.value, str(role.label)) for role in (Role.TANK, Role.HEALER)),
        ]
        if self.roster.reader.is_member and self.query.rows != PLAYERS:
            chips.append(self._chip("link", Link.MAIN, _("Mains")))
        chips.append(self._number_chip("away", AWAY_DAYS, _("Away for %(n)d days")))
        return [*chips, self._number_chip("joined", JOINED_DAYS, _("Joined in %(n)d days"))]

    def summary(self) -> list[Chip]:
        """Return what is filtered; each link removes it."""
        chips = []
        for facet in self.roster.facets:
            for option in self.query.options.get(facet.key, ()):
                label = self.options[facet.key].get(option, str(option))
                chips.append(Chip(f"{facet.label}: {label}", self.query.toggled(facet.key, option).url()))
        for bound in BOUNDS:
            if (number := self.query.numbers.get(bound.key)) is not None:
                words = str(bound.words) % {"n": number}
                chips.append(Chip(words[:1].upper() + words[1:], self.query.with_number(bound.key, None).url()))
        return chips

    def sorts(self) -> list[SortOption]:
        """Return the orders that a phone offers, where the table has no headings."""
        chosen = self.query.sort.removeprefix("-")
        return [
            SortOption(
                _order(column.key, descends=column.descends_first, query=self.query),
                str(column.label),
                column.key == chosen,
            )
            for column in COLUMNS
            if column.key in self.query.columns or column.key == chosen
        ]

    def _has_choice(self, facet: Facet) -> bool:
        needed = 1 if facet.key == "level" else 2
        return len(self.options[facet.key]) >= needed or facet.key in self.query.options

    def _option(self, facet: Facet, option: Hashable, label: str) -> SafeString:
        checked = " checked" if option in self.query.options.get(facet.key, ()) else ""
        return mark_safe(  # noqa: S308  (the label is escaped, all else is ours)
            f'<label><input type="checkbox" name="{facet.key}" value="{option}"{checked}> '
            f"<span>{escape(label)}</span> {self._count(facet, option)}</label>"
        )

    def _count(self, facet: Facet, option: Hashable, swap: str = "") -> str:
        count = self.roster.found.counts[facet.key][option]
        return f'<span class="count" id="count-{facet.key}-{option}"{swap}>{count}</span>'

    def _chip(self, key: str, option: Hashable, label: str) -> Chip:
        count = self.roster.found.counts[key][option]
        return Chip(label, self.query.toggled(key, option).url(), option in self.query.options.get(key, ()), count)

    def _number_chip(self, key: str, number: int, words: str) -> Chip:
        is_used = self.query.numbers.get(key) == number
        return Chip(words % {"n": number}, self.query.with_number(key, None if is_used else number).url(), is_used)


def _order(key: str, *, descends: bool, query: RosterQuery) -> str:
    if query.sort.removeprefix("-") == key:
        return query.sort
    return f"-{key}" if descends else key
