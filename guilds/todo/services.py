"""The writes of to-do lists: officers add and remove items, and rosters show which are done."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from guilds.access import lock_guild
from guilds.models import Guild, Membership, TodoItem

# Items that nobody did in this time expire.
EXPIRES_AFTER = timedelta(days=28)


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


@dataclass(frozen=True, slots=True)
class AddedItems:
    """The items that were added, and why others were not."""

    items: list[TodoItem]
    refused: list[str]


@transaction.atomic
def add_items(
    *, guild: Guild, actor: User, members: Iterable[Membership], kind: str, to_rank: int | None, reason: str
) -> AddedItems:
    """Add the same item for each of these members, in a constant number of statements.

    Refused, with the reason, are members with an open item and those whose rank would not change that way.
    Raises PermissionDenied, and ValidationError without a rank for a promotion or demotion.
    """
    lock_guild(guild, actor, "guilds.manage_roster")
    close_items(guild=guild, now=timezone.now())
    places = guild.memberships.filter(pk__in=[member.pk for member in members]).select_related("character")
    open_items = {one.character_id: one for one in guild.todo_items.open().select_related("added_by")}
    items, refused = [], []
    for place in places.order_by("character__name"):
        if listed := open_items.get(place.character_id):
            refused.append(_listed_already(place, listed))
        elif not _changes_rank(kind, place.rank, to_rank):
            refused.append(_not_that_way(place, kind, to_rank))
        else:
            items.append(_new_item(guild, actor, place, kind, to_rank, reason))
    return AddedItems(TodoItem.objects.bulk_create(items), refused)


@transaction.atomic
def remove_items(*, guild: Guild, actor: User, items: Iterable[TodoItem]) -> int:
    """Take items off the list; return how many were still open. Raises PermissionDenied."""
    lock_guild(guild, actor, "guilds.manage_roster")
    still_open = guild.todo_items.open().filter(pk__in=[one.pk for one in items])
    return still_open.update(state=TodoItem.State.REMOVED, closed_at=timezone.now())


def close_items(*, guild: Guild, now: datetime) -> None:
    """Tick off what the roster shows done, and close what has expired or can no longer be done.

    One statement if nothing closes, and three at most, however long the list is.
    """
    rank_now = Membership.objects.filter(guild=guild, character=OuterRef("character")).values("rank")
    closing: dict[TodoItem.State, list[UUID]] = {}
    lines = guild.todo_items.open().annotate(rank_now=Subquery(rank_now))
    for pk, kind, to_rank, rank, expires_at in lines.values_list("pk", "kind", "to_rank", "rank_now", "expires_at"):
        state = closing_state(kind, to_rank=to_rank, rank_now=rank, expires_at=expires_at, now=now)
        if state is not None:
            closing.setdefault(state, []).append(pk)
    for state, ids in closing.items():
        guild.todo_items.filter(pk__in=ids).update(state=state, closed_at=now)


def _changes_rank(kind: str, rank: int, to_rank: int | None) -> bool:
    if kind == TodoItem.Kind.REMOVE:
        return True
    if to_rank is None:
        raise ValidationError(_("Choose a rank."))
    return to_rank < rank if kind == TodoItem.Kind.PROMOTE else to_rank > rank


def _new_item(guild: Guild, actor: User, place: Membership, kind: str, to_rank: int | None, reason: str) -> TodoItem:
    return TodoItem(
        guild=guild,
        character_id=place.character_id,
        kind=kind,
        from_rank=place.rank,
        to_rank=None if kind == TodoItem.Kind.REMOVE else to_rank,
        reason=reason,
        added_by=actor,
        expires_at=timezone.now() + EXPIRES_AFTER,
    )


def _not_that_way(place: Membership, kind: str, to_rank: int | None) -> str:
    """Say why a member can't be promoted or demoted to a rank."""
    words = {"name": place.character.name, "rank": place.rank, "to": to_rank}
    if place.rank == to_rank:
        return _("%(name)s: rank %(rank)d already.") % words
    if kind == TodoItem.Kind.PROMOTE:
        return _("%(name)s: rank %(to)d is below their rank %(rank)d. Choose demote instead.") % words
    return _("%(name)s: rank %(to)d is above their rank %(rank)d. Choose promote instead.") % words


def _listed_already(place: Membership, listed: TodoItem) -> str:
    return _("%(name)s: already on the to-do list (%(kind)s, by %(who)s).") % {
        "name": place.character.name,
        "kind": listed.get_kind_display(),
        "who": listed.added_by.display_name if listed.added_by else "–",
    }
