"""The composition of a guild: how many members have each role, class and rank."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from characters.models import Role
from guilds.models import Guild
from guilds.ranks import rank_name


@dataclass(frozen=True, slots=True)
class Share:
    """A part of the members: how many it has, and how many are in the parts before it."""

    key: Any
    label: str
    count: int
    before: int


@dataclass(frozen=True, slots=True)
class Composition:
    """How many members have each role, class and rank."""

    total: int
    roles: list[Share]
    classes: list[Share]
    ranks: list[Share]

    def choices(self) -> dict[str, list[tuple[str, str]]]:
        """Return the choices of the roster's filters, with the number of members of each."""
        parts = {"role": self.roles, "class": self.classes, "rank": self.ranks}
        return {name: [(str(one.key), f"{one.label} ({one.count})") for one in part] for name, part in parts.items()}


def composition(guild: Guild, ranks: Mapping[int, str]) -> Composition:
    """Return the guild's composition, in one statement."""
    roles: Counter[str] = Counter()
    classes: Counter[tuple[int, str]] = Counter()
    levels: Counter[int] = Counter()
    combinations = guild.memberships.order_by().values_list(
        "character__role", "character__playable_class", "character__playable_class__name", "rank"
    )
    for role, class_id, class_name, rank, count in combinations.annotate(count=Count("pk")):
        roles[role] += count
        levels[rank] += count
        if class_id is not None:
            classes[class_id, class_name or f"#{class_id}"] += count
    return Composition(
        total=roles.total(),
        roles=_shares((role, str(role.label), roles[role]) for role in Role if roles[role]),
        classes=_shares((key, name, count) for (key, name), count in classes.most_common()),
        ranks=_shares((level, rank_name(ranks, level), levels[level]) for level in sorted(levels)),
    )


def _shares(parts: Iterable[tuple[Any, str, int]]) -> list[Share]:
    shares: list[Share] = []
    before = 0
    for key, label, count in parts:
        shares.append(Share(key, label, count, before))
        before += count
    return shares
