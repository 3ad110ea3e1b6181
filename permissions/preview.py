"""What a change would do, by name, before anybody makes it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from django.db import transaction

from guilds.models import Guild
from permissions.effective_rights import rights_of_ranks
from permissions.members import Person, people_of, ranks_of, seats
from permissions.models import Rank
from permissions.rules import Change, Rights, changes

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RankChange:
    """A rank that would get another name, another set, or other rights."""

    before: Rank
    after: Rank
    gains: Rights
    loses: Rights


@dataclass(frozen=True, slots=True)
class Preview:
    """What would become of the ranks, and of the people."""

    ranks: list[RankChange]
    people: list[tuple[Change, list[Person]]]
    unknown: int


def preview(*, guild: Guild, write: Callable[[], object]) -> Preview:
    """Do `write` and take it back at once: so the preview says what saving does, and refuses what saving refuses."""
    ranks, rights = ranks_of(guild), rights_of_ranks(guild)
    with transaction.atomic():
        write()
        ranks_after, rights_after = ranks_of(guild), rights_of_ranks(guild)
        transaction.set_rollback(True)
    changed = [
        RankChange(
            before,
            after,
            rights_after[after.rank_level] - rights[before.rank_level],
            rights[before.rank_level] - rights_after[after.rank_level],
        )
        for before, after in zip(ranks, ranks_after, strict=True)
        if _look(before) != _look(after)
    ]
    known = people_of(guild)
    found = changes({pk: one.holder for pk, one in known.items()}, rights, rights_after)
    concerned = {one.after.rank_level for one in changed if one.gains or one.loses}
    return Preview(
        ranks=changed,
        people=_together((found[pk], one) for pk, one in known.items() if pk in found),
        unknown=sum(counted.unknown for level, counted in seats(guild).items() if level in concerned),
    )


def _look(rank: Rank) -> tuple[str, str, Rights]:
    return rank.rank_name, rank.permission_set.name, rank.permission_set.rights


def _together(pairs: Iterable[tuple[Change, Person]]) -> list[tuple[Change, list[Person]]]:
    """People for whom the same changes, in one group."""
    groups: dict[Change, list[Person]] = {}
    for change, person in pairs:
        groups.setdefault(change, []).append(person)
    return list(groups.items())
