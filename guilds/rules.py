"""What becomes of a plan, and who may change a note: pure rules, without a database."""

from datetime import datetime

from guilds.models import LOWEST_RANK, PlannedChange

Kind, State = PlannedChange.Kind, PlannedChange.State
# Whoever has left stands below everybody, a site admin above.
NO_RANK = LOWEST_RANK + 1
ABOVE_ALL_RANKS = -1


def outcome(
    kind: str, *, to_rank: int | None, rank_now: int | None, lapses_at: datetime, now: datetime
) -> PlannedChange.State | None:
    """What became of a planned change, by the roster; None while it is still to be done.

    `rank_now` is None for somebody who is no longer in the guild.
    """
    if rank_now is None:
        return State.DONE if kind == Kind.REMOVE else State.LAPSED
    if kind == Kind.PROMOTE and to_rank is not None and rank_now <= to_rank:
        return State.DONE
    if kind == Kind.DEMOTE and to_rank is not None and rank_now >= to_rank:
        return State.DONE
    return State.LAPSED if lapses_at <= now else None


def may_change_note(*, is_author: bool, rank: int, authors_rank: int) -> bool:
    """A note is its author's, and that of whoever stands above them."""
    return is_author or rank < authors_rank
