"""The pure rule that decides whether a to-do item is done."""

from datetime import datetime

from guilds.todo.models import TodoItem


def closing_state(
    kind: str, *, to_rank: int | None, rank_now: int | None, expires_at: datetime, now: datetime
) -> TodoItem.State | None:
    """Return the state in which an item closes, or None while it is still to do.

    `rank_now` is None for a character that is no longer in the guild.
    """
    if rank_now is None:
        return TodoItem.State.DONE if kind == TodoItem.Kind.REMOVE else TodoItem.State.EXPIRED
    if kind == TodoItem.Kind.PROMOTE and to_rank is not None and rank_now <= to_rank:
        return TodoItem.State.DONE
    if kind == TodoItem.Kind.DEMOTE and to_rank is not None and rank_now >= to_rank:
        return TodoItem.State.DONE
    return TodoItem.State.EXPIRED if expires_at <= now else None
