"""Leaves: members announce their own, officers note them, and both spare a player from the guild's rules."""

from datetime import date, timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from characters.models import Character
from guilds.access import lock_guild
from guilds.away.models import LeaveQuerySet
from guilds.away.rule import player_of
from guilds.models import Guild, Leave, Membership

MOST_LEAVES = 10
# The reason can be about somebody's health: it is not kept for long.
KEPT_AFTER_END = timedelta(days=30)


def leaves_today(guild: Guild) -> dict[UUID, Leave]:
    """Return today's leaves of the guild's members, by player (`player_of`), in one statement.

    Of several, the one that ends last.
    """
    found: dict[UUID, Leave] = {}
    for leave in _of_guild(guild).on(timezone.localdate()).order_by("ends_on"):
        found[_player(leave)] = leave
    return found


def coming_leaves(guild: Guild) -> dict[UUID, list[Leave]]:
    """Return the leaves of the guild's members that are not over, by player, in one statement."""
    found: dict[UUID, list[Leave]] = {}
    for leave in _of_guild(guild).not_over(timezone.localdate()):
        found.setdefault(_player(leave), []).append(leave)
    return found


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
    """Delete leaves that have been over for long enough; return how many."""
    return Leave.objects.filter(ends_on__lt=timezone.localdate() - KEPT_AFTER_END).delete()[0]


def _of_guild(guild: Guild) -> LeaveQuerySet:
    players = Character.objects.filter(membership__guild=guild, user__isnull=False).values("user")
    noted = Q(guild=guild, character__membership__guild=guild)
    return Leave.objects.filter(Q(person__in=players) | noted).annotate(
        place=F("character__membership"),
        owner=F("character__user"),
        noted_main=F("character__membership__noted_main"),
        owner_of_main=F("character__membership__noted_main__character__user"),
    )


def _player(leave: Leave) -> UUID:
    if leave.person_id is not None:
        return leave.person_id
    names = ("place", "owner", "noted_main", "owner_of_main")
    return player_of(**{name: getattr(leave, name) for name in names})
