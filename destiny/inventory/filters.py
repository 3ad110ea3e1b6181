"""The filters of the inventory: read from the address, and applied to items in memory."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from django.http import QueryDict
from django.utils.http import urlencode

from accounts.plain_text import plain
from destiny import game
from destiny.inventory.owned import OwnedItem

LONGEST_TEXT = 60
# What an address can have, described for programs.
KEYS = {
    "name": "Words of the name, in the language of Accept-Language.",
    "perk": "Words of the name of a perk or mod that it has.",
    "slot": "The hash of the bucket in which it is worn.",
    "element": "Bungie's number of the damage type.",
    "tier": "Bungie's number of the tier, 6 for exotics.",
    "class": "Who can wear it: 0 Titan, 1 Hunter, 2 Warlock.",
    "from": "The lowest power.",
    "to": "The highest power.",
    "locked": "yes or no.",
    "duplicates": "Only items of which you have several.",
}
Predicate = Callable[[OwnedItem], bool]
_plain = lru_cache(maxsize=20_000)(plain)


@dataclass(frozen=True, slots=True)
class Filters:
    """What somebody looks for; empty texts, None and False do not matter. Unknown values in an address are left out."""

    name: str = ""
    perk: str = ""
    slot: int | None = None
    element: int | None = None
    tier: int | None = None
    class_type: int | None = None
    power_from: int | None = None
    power_to: int | None = None
    is_locked: bool | None = None
    duplicates_only: bool = False

    @classmethod
    def from_query(cls, query: QueryDict) -> "Filters":
        """Read the filters of an address."""
        return cls(
            name=_text(query, "name"),
            perk=_text(query, "perk"),
            slot=_number(query, "slot", game.SLOTS),
            element=_number(query, "element", game.ELEMENTS),
            tier=_number(query, "tier", range(1, game.EXOTIC + 1)),
            class_type=_number(query, "class", range(game.ANY_CLASS)),
            power_from=_number(query, "from", range(100_000)),
            power_to=_number(query, "to", range(100_000)),
            is_locked={"yes": True, "no": False}.get(query.get("locked", "")),
            duplicates_only="duplicates" in query,
        )

    @property
    def is_active(self) -> bool:
        return self != Filters()

    def chosen(
        self, items: Sequence[OwnedItem], counts: Counter[int], with_perk: Collection[UUID]
    ) -> Sequence[OwnedItem]:
        """Return the items that match all filters. `with_perk` are those that have the wanted perk."""
        predicates = list(self._predicates(counts, with_perk))
        return [one for one in items if all(matches(one) for matches in predicates)] if predicates else items

    def _predicates(self, counts: Counter[int], with_perk: Collection[UUID]) -> Iterable[Predicate]:
        words = plain(self.name).split()
        if words:
            yield lambda one: all(word in _plain(one.name) for word in words)
        if self.perk:
            yield lambda one: one.key in with_perk
        if self.slot is not None:
            yield lambda one: one.slot == self.slot
        if self.element is not None:
            yield lambda one: one.element == self.element
        if self.tier is not None:
            yield lambda one: one.definition.tier_type == self.tier
        if self.class_type is not None:
            yield lambda one: one.slot in game.SLOTS and one.definition.class_type == self.class_type
        yield from self._rare_predicates(counts)

    def _rare_predicates(self, counts: Counter[int]) -> Iterable[Predicate]:
        least, most = self.power_from, self.power_to
        if least is not None:
            yield lambda one: one.power >= least
        if most is not None:
            yield lambda one: 0 < one.power <= most
        if self.is_locked is not None:
            yield lambda one: one.is_instance and one.is_locked is self.is_locked
        if self.duplicates_only:
            yield lambda one: one.is_instance and one.hash in counts


def perks_named(text: str, names: Mapping[int, str]) -> set[int]:
    """Return the hashes of the plugs whose names contain all words of the text."""
    words = plain(text).split()
    return {found for found, name in names.items() if words and all(word in _plain(name) for word in words)}


def address_without(query: QueryDict, key: str) -> str:
    """Return the query of the address without one filter, to remove it."""
    left = [(name, value) for name, values in query.lists() if name != key for value in values if value]
    return urlencode(left)


def _text(query: QueryDict, key: str) -> str:
    return query.get(key, "").strip()[:LONGEST_TEXT]


def _number(query: QueryDict, key: str, known: Collection[int]) -> int | None:
    text = query.get(key, "")
    is_number = text.isascii() and text.isdecimal() and len(text) < 12
    return int(text) if is_number and int(text) in known else None
