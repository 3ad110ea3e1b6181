"""Preview of a change of ranks or permission sets, before it is saved."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db import transaction

from guilds.models import Guild
from permissions.members import Player, member_counts, players_of, ranks_of, rights_of_sets
from permissions.models import Rank
from permissions.resolver import Change, changes, rights_of_ranks
from permissions.rights import Rights


@dataclass(frozen=True, slots=True)
class RankChange:
    """A rank that would get another name, permission set or rights."""

    before: Rank
    after: Rank
    gains: Rights
    loses: Rights

    @property
    def is_renamed(self) -> bool:
        return self.before.rank_name != self.after.rank_name

    @property
    def has_other_set(self) -> bool:
        return self.before.permission_set.name != self.after.permission_set.name


@dataclass(frozen=True, slots=True)
class Preview:
    """The ranks and players that would change, and the number of characters concerned that have no known player."""

    ranks: list[RankChange]
    players: list[tuple[Change, list[Player]]]
    unlinked: int


def preview(*, guild: Guild, write: Callable[[], object]) -> Preview:
    """Call `write` and roll it back: the preview shows what saving does, and refuses what saving refuses."""
    ranks = ranks_of(guild)
    with transaction.atomic():
        write()
        ranks_after = ranks_of(guild)
        transaction.set_rollback(True)
    sets, sets_after = rights_of_sets(ranks), rights_of_sets(ranks_after)
    rights, rights_after = rights_of_ranks(sets), rights_of_ranks(sets_after)
    changed = [
        RankChange(
            before,
            after,
            rights_after[after.rank_level] - rights[before.rank_level],
            rights[before.rank_level] - rights_after[after.rank_level],
        )
        for before, after in zip(ranks, ranks_after, strict=True)
        if _shown(before) != _shown(after)
    ]
    players = players_of(guild)
    found = changes({pk: player.sources for pk, player in players.items()}, sets, sets_after)
    concerned = {change.after.rank_level for change in changed if change.gains or change.loses}
    return Preview(
        ranks=changed,
        players=_grouped((found[pk], player) for pk, player in players.items() if pk in found),
        unlinked=sum(count.unlinked for level, count in member_counts(guild).items() if level in concerned),
    )


def _shown(rank: Rank) -> tuple[str, str, Rights]:
    return rank.rank_name, rank.permission_set.name, rank.permission_set.rights


def _grouped(pairs: Iterable[tuple[Change, Player]]) -> list[tuple[Change, list[Player]]]:
    groups: dict[Change, list[Player]] = {}
    for change, player in pairs:
        groups.setdefault(change, []).append(player)
    return list(groups.items())
