"""The roster's filters: what they test, and how many lines each of their options has."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from operator import attrgetter
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from characters.models import Role
from guilds.max_level import max_level
from guilds.roster.lines import Line, Link

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

Test = Callable[[Line], bool]
DAY = 24 * 3600
# Battle.net's ids and all levels are far below.
LARGEST_NUMBER = 10**6
MAX_LEVEL = "max"


class Needs(StrEnum):
    """The right that a filter or a column requires."""

    NOTHING = "nothing"
    MEMBERSHIP = "membership"
    NOTES = "notes"


@dataclass(frozen=True, slots=True)
class Facet:
    """A filter by options, of which several can be chosen; `value` is a line's option."""

    key: str
    label: "str | StrPromise"
    value: Callable[[Line], Hashable]
    is_number: bool = False
    needs: Needs = Needs.NOTHING

    def parse(self, given: Iterable[str]) -> tuple[Hashable, ...]:
        """Return the options in a query string; what can't be one is left out."""
        texts = tuple(dict.fromkeys(text for text in given if text))
        if not self.is_number:
            return tuple(text for text in texts if text in KNOWN_OPTIONS.get(self.key, ()))
        return tuple(int(text) for text in texts if text.isdecimal() and len(text) < 7)


@dataclass(frozen=True, slots=True)
class Bound:
    """A filter by a number; `test` makes the test of lines from the number and the time in seconds."""

    key: str
    label: "str | StrPromise"
    test: Callable[[int, float], Test]
    words: "str | StrPromise"


KNOWN_OPTIONS: Mapping[str, tuple[str, ...]] = {
    "role": tuple(Role.values),
    "level": (MAX_LEVEL,),
    "link": tuple(Link),
    "signed-in": ("yes", "no"),
    "note": ("yes", "no"),
    "faction": ("ALLIANCE", "HORDE", "NEUTRAL"),
}


def facets(top_level: int | None) -> tuple[Facet, ...]:
    """Return the filters by options in a guild with this maximum level."""
    return (
        Facet("rank", _("Rank"), attrgetter("member.rank"), is_number=True),
        Facet("role", _("Role"), attrgetter("member.role")),
        Facet("class", _("Class"), attrgetter("member.class_id"), is_number=True),
        Facet("spec", _("Specialization"), attrgetter("member.spec_id"), is_number=True),
        Facet("level", _("Level"), lambda line: MAX_LEVEL if line.member.level == top_level else None),
        Facet("link", _("Main or alt"), attrgetter("link"), needs=Needs.MEMBERSHIP),
        Facet(
            "signed-in",
            _("Player signed in"),
            lambda line: "no" if line.member.owner is None else "yes",
            needs=Needs.MEMBERSHIP,
        ),
        Facet("note", _("Officer note"), lambda line: "yes" if line.has_note else "no", needs=Needs.NOTES),
        Facet("realm", _("Realm"), attrgetter("member.realm_id"), is_number=True),
        Facet("faction", _("Faction"), attrgetter("member.faction")),
    )


def _at_least(value: Callable[[Line], int | None]) -> Callable[[int, float], Test]:
    return lambda number, now: lambda line: (found := value(line)) is not None and found >= number


def _at_most(value: Callable[[Line], int | None]) -> Callable[[int, float], Test]:
    return lambda number, now: lambda line: (found := value(line)) is not None and found <= number


def _within_days(value: Callable[[Line], int | None]) -> Callable[[int, float], Test]:
    return lambda days, now: _at_least(value)(int(now - days * DAY), now)


def _before_days(value: Callable[[Line], int | None]) -> Callable[[int, float], Test]:
    return lambda days, now: _at_most(value)(int(now - days * DAY), now)


BOUNDS = (
    Bound("level-from", _("Level from"), _at_least(lambda line: line.member.level), _("level from %(n)d")),
    Bound("level-to", _("Level to"), _at_most(lambda line: line.member.level), _("level up to %(n)d")),
    Bound("ilvl-from", _("Item level from"), _at_least(lambda line: line.item_level), _("item level from %(n)d")),
    Bound("ilvl-to", _("Item level to"), _at_most(lambda line: line.item_level), _("item level up to %(n)d")),
    Bound(
        "away",
        _("Away for … days"),
        _before_days(lambda line: line.last_login),
        _("away for %(n)d days"),
    ),
    Bound(
        "seen",
        _("Seen in the last … days"),
        _within_days(lambda line: line.last_login),
        _("seen in the last %(n)d days"),
    ),
    Bound("joined", _("Joined in the last … days"), _within_days(lambda line: line.joined), _("joined in %(n)d days")),
)


@dataclass(frozen=True, slots=True)
class Found:
    """The lines that pass all tests, and how many lines each option would show with the other filters kept."""

    lines: list[Line]
    counts: dict[str, Counter[Hashable]]


def find(lines: Sequence[Line], facets: Iterable[Facet], tests: Mapping[str, Test]) -> Found:
    """Apply the tests, which have the key of their filter: one pass over the lines, one count for each facet."""
    passing = list(lines) if not tests else []
    # Lines that fail one test only still count for the options of that filter.
    failing: dict[str, list[Line]] = {key: [] for key in tests}
    for line in lines if tests else ():
        failed = [key for key, test in tests.items() if not test(line)]
        if not failed:
            passing.append(line)
        elif len(failed) == 1:
            failing[failed[0]].append(line)
    counts = {}
    for facet in facets:
        counted = Counter(map(facet.value, passing))
        counted.update(map(facet.value, failing.get(facet.key, ())))
        counts[facet.key] = counted
    return Found(passing, counts)


def chosen(facet: Facet, options: Iterable[Hashable]) -> Test:
    """Return the test for lines with one of the options."""
    value, wanted = facet.value, frozenset(options)
    return lambda line: value(line) in wanted


def top_level(lines: Iterable[Line]) -> int | None:
    """Return the maximum level of these lines."""
    return max_level(Counter(line.member.level for line in lines if line.member.level))
