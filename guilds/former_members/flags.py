"""The flag "do not re-invite": whom it concerns, its writes, and the warning when somebody comes back."""

from collections.abc import Collection
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from characters.models import Character
from guilds.access import lock_guild
from guilds.models import FormerMember, Guild, Membership, ReinviteFlag, TimelineEvent
from guilds.timeline.services import new_event, record

MANAGE = "guilds.manage_roster"


def flagged_members(guild: Guild) -> dict[UUID, str]:
    """Return the reason of the flag of each flagged member who is in the guild, by character.

    A flag concerns its character, the other characters of its player, and those that officers noted as its alts or
    main. One statement if the guild has no flags, three otherwise.
    """
    return {member.character_id: flag.reason for member, flag in flagged_memberships(guild)}


def flagged_memberships(guild: Guild) -> list[tuple[Membership, ReinviteFlag]]:
    """Return the members whom `flagged_members` finds, each with the flag, in as many statements."""
    flags = list(guild.reinvite_flags.select_related("character"))
    return _flagged(guild, flags) if flags else []


@transaction.atomic
def flag_former_member(*, guild: Guild, actor: User, former: FormerMember, reason: str) -> ReinviteFlag:
    """Flag a former member, or replace the reason of their flag. Raises PermissionDenied."""
    lock_guild(guild, actor, MANAGE)
    owner = former.character.user if former.character is not None else None
    values = {"character": former.character, "name": former.name, "reason": reason, "flagged_by": actor}
    flag, _is_new = ReinviteFlag.objects.update_or_create(
        guild=guild,
        realm=former.realm,
        blizzard_id=former.blizzard_id,
        defaults=values,
        create_defaults={**values, "person": owner or former.person},
    )
    return flag


@transaction.atomic
def remove_flag(*, guild: Guild, actor: User, flag: ReinviteFlag) -> None:
    """Delete a flag. Raises PermissionDenied."""
    lock_guild(guild, actor, MANAGE)
    guild.reinvite_flags.filter(pk=flag.pk).delete()


def warn_of_returns(characters: Collection[UUID]) -> None:
    """Tell the timelines of guilds in which these characters are flagged that they are back.

    Call this when characters joined guilds, or were linked to players. One statement where no guild has a flag.
    """
    guilds = Guild.objects.filter(memberships__character__in=characters).exclude(reinvite_flags=None).distinct()
    for guild in guilds:
        back = [member for member, _flag in flagged_memberships(guild) if member.character_id in characters]
        kind, now = TimelineEvent.Kind.FLAGGED_RETURN, timezone.now()
        record(new_event(guild.pk, kind, happened_at=now, character=one.character) for one in back)


def concerns(flag: ReinviteFlag, character: Character) -> bool:
    """Return whether it is the flagged character, or one of the same player; `flag.character` must be loaded."""
    if character.pk == flag.character_id:
        return True
    if (character.realm_id, character.blizzard_id) == (flag.realm_id, flag.blizzard_id):
        return True
    return character.user_id is not None and character.user_id in _people(flag)


def _people(flag: ReinviteFlag) -> set[UUID]:
    owner = flag.character.user_id if flag.character is not None else None
    return {person for person in (flag.person_id, owner) if person is not None}


def _flagged(guild: Guild, flags: Collection[ReinviteFlag]) -> list[tuple[Membership, ReinviteFlag]]:
    """Return the members whom a flag concerns, each with the flag."""
    same = Q()
    for flag in flags:
        same |= Q(character=flag.character_id) | Q(character__user__in=_people(flag))
        same |= Q(character__realm=flag.realm_id, character__blizzard_id=flag.blizzard_id)
    of_main = {
        member.noted_main_id or member.pk: next(flag for flag in flags if concerns(flag, member.character))
        for member in guild.memberships.filter(same).select_related("character")
    }
    family = guild.memberships.filter(Q(pk__in=of_main) | Q(noted_main__in=of_main)).with_characters()
    return [(member, of_main[member.noted_main_id or member.pk]) for member in family]
