"""Stats of several items side by side."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from destiny.inventory.details import ItemDetails


@dataclass(frozen=True, slots=True)
class Value:
    """A value of one item, None if it does not have the stat; `is_best` if no other is higher and one is lower."""

    value: int | None
    share: int
    is_best: bool


@dataclass(frozen=True, slots=True)
class ComparedStat:
    """A stat with the values of all items, in their order."""

    name: str
    is_bar: bool
    values: list[Value]


def compared(items: Sequence[ItemDetails]) -> list[ComparedStat]:
    """Return power, all stats that one of the items has, and the total of armor."""
    rows = [_row(_("Power"), [one.item.power for one in items])]
    names = dict.fromkeys(stat.name for one in items for stat in one.stats)
    by_name = [{stat.name: stat for stat in one.stats} for one in items]
    for name in names:
        found = [stats.get(name) for stats in by_name]
        is_bar = all(one is None or one.is_bar for one in found)
        shares = [one.share if one else 0 for one in found]
        rows.append(_row(name, [one.value if one else None for one in found], shares, is_bar=is_bar))
    rows.append(_row(_("Total"), [one.total for one in items]))
    return [row for row in rows if any(one.value is not None for one in row.values)]


def compared_sockets(items: Sequence[ItemDetails]) -> list[tuple[str, list[list[str]]]]:
    """Return what is in the sockets of all items, by what the game calls them together."""
    titles = dict.fromkeys(group.title for one in items for group in one.groups)
    return [(title, [_in_use(one, title) for one in items]) for title in titles]


def _in_use(item: ItemDetails, title: str) -> list[str]:
    return [plug for group in item.groups if group.title == title for plug in group.in_use]


def _row(
    name: str, values: Sequence[int | None], shares: Sequence[int] | None = None, *, is_bar: bool = False
) -> ComparedStat:
    known = [one for one in values if one is not None]
    best = max(known) if known and min(known) < max(known) else None
    shown = zip(values, shares or [0] * len(values), strict=True)
    return ComparedStat(
        name, is_bar, [Value(value, share, value is not None and value == best) for value, share in shown]
    )
