"""Leaves: members announce their own, officers note them, and both spare a player from the guild's rules."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import cast
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import DateField, Expression, ExpressionWrapper, F, Func, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.compiled_queries import CompiledQuery
from accounts.models import User
from characters.models import Character
from guilds.access import lock_guild
from guilds.away.models import LeaveQuerySet
from guilds.away.rule import player_of
from guilds.models import Guild, Leave, Membership

MOST_LEAVES = 10
# The reason can be about somebody's health: it is not kept for long.
KEPT_AFTER_END = timedelta(days=30)
# The dates are: the days of a leave are no days of an absence, however long that lasts.
DATES_KEPT_AFTER_END = timedelta(days=365)


def leave_until(guild: Guild, day: date) -> Expression:
    """Return the last day of a leave that includes this day, as a column of the guild's memberships.

    Of an own leave of the player, or one noted about this character; not of one noted about another character.
    """
    own = Q(person=OuterRef("character__user_id"))
    noted = Q(guild=guild, character=OuterRef("character_id"))
    leaves = Leave.objects.on(day).filter(own | noted).order_by()
    # Not sorted to take the first: PostgreSQL would sort once for each member.
    last_day = Func(F("ends_on"), function="max", output_field=DateField())
    return ExpressionWrapper(Subquery(leaves.values_list(last_day)), DateField())


def coming_leaves(guild: Guild) -> dict[UUID, list[Leave]]:
    """Return the leaves of the guild's members that are not over, by player, in one statement."""
    return _by_player(_COMING(guild=guild.pk, day=timezone.localdate()))


def known_leaves(guild: Guild) -> dict[UUID, list[Leave]]:
    """Return all leaves of the guild's members, past ones too, by player, in one statement."""
    return _by_player(_KNOWN(guild=guild.pk))


def leaves_of(guild: Guild, member: Membership) -> list[Leave]:
    """Return the leaves of a member's player that are not over; the character and the noted main must be loaded."""
    main = member.noted_main
    player = player_of(
        character=member.character_id,
        owner=member.character.user_id,
        noted_main=main.character_id if main else None,
        owner_of_main=main.character.user_id if main else None,
    )
    return coming_leaves(guild).get(player, [])


@transaction.atomic
def add_own_leave(*, person: User, starts_on: date, ends_on: date, reason: str) -> Leave:
    """Announce a leave of the person, for all their characters. Raises ValidationError if they have too many."""
    User.objects.select_for_update(of=("self",), no_key=True).get(pk=person.pk)
    if Leave.objects.filter(person=person).not_over(timezone.localdate()).count() >= MOST_LEAVES:
        raise ValidationError(_("You have %(count)d leaves already. Delete one first.") % {"count": MOST_LEAVES})
    return Leave.objects.create(person=person, starts_on=starts_on, ends_on=ends_on, reason=reason)


def delete_own_leave(*, person: User, leave_id: UUID) -> bool:
    """Delete a leave that the person announced; return False if there is none."""
    return bool(Leave.objects.filter(person=person, pk=leave_id).delete()[0])


@transaction.atomic
def note_leave(
    *, guild: Guild, actor: User, membership: Membership, starts_on: date, ends_on: date, reason: str
) -> Leave:
    """Note a leave of a member, for all characters of its player in the guild. Raises PermissionDenied."""
    lock_guild(guild, actor, "guilds.manage_roster")
    return Leave.objects.create(
        guild=guild,
        character_id=membership.character_id,
        noted_by=actor,
        starts_on=starts_on,
        ends_on=ends_on,
        reason=reason,
    )


@transaction.atomic
def delete_noted_leave(*, guild: Guild, actor: User, leave: Leave) -> None:
    """Delete a leave that an officer noted. Raises PermissionDenied."""
    lock_guild(guild, actor, "guilds.manage_roster")
    guild.noted_leaves.filter(pk=leave.pk).delete()


def forget_leaves() -> int:
    """Delete leaves and reasons that have been over for long enough; return how many leaves or reasons."""
    today = timezone.localdate()
    deleted = Leave.objects.filter(ends_on__lt=today - DATES_KEPT_AFTER_END).delete()[0]
    return deleted + Leave.objects.filter(ends_on__lt=today - KEPT_AFTER_END).exclude(reason="").update(reason="")


def _by_player(leaves: Iterable[Leave]) -> dict[UUID, list[Leave]]:
    found: dict[UUID, list[Leave]] = {}
    for leave in leaves:
        found.setdefault(_player(leave), []).append(leave)
    return found


def _of_guild(guild: UUID) -> LeaveQuerySet:
    players = Character.objects.filter(membership__guild=guild, user__isnull=False).values("user")
    noted = Q(guild=guild, character__membership__guild=guild)
    found = Leave.objects.filter(Q(person__in=players) | noted).select_related("noted_by")
    return found.annotate(
        owner=F("character__user"),
        noted_main=F("character__membership__noted_main__character"),
        owner_of_main=F("character__membership__noted_main__character__user"),
    )


_KNOWN = CompiledQuery(_of_guild, guild=UUID)
_COMING = CompiledQuery(lambda guild, day: _of_guild(guild).not_over(day), guild=UUID, day=date)


def _player(leave: Leave) -> UUID:
    if leave.character_id is None:
        return cast(UUID, leave.person_id)
    names = ("owner", "noted_main", "owner_of_main")
    return player_of(character=leave.character_id, **{name: getattr(leave, name) for name in names})
