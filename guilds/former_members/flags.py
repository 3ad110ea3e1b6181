"""The flag "do not re-invite": whom it concerns, its writes, and the warning when somebody comes back."""

from collections.abc import Collection
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import User
from guilds.access import lock_guild
from guilds.models import FormerMember, Guild, Membership, ReinviteFlag, TimelineEvent
from guilds.timeline.services import new_event, record

MANAGE = "guilds.manage_roster"


def flagged_members(guild: Guild) -> dict[UUID, str]:
    """Return the reason of the flag of each flagged member who is in the guild, by character."""
    return {member.character_id: reason for member, reason in flagged_memberships(guild)}


def flagged_memberships(guild: Guild) -> list[tuple[Membership, str]]:
    """Return the members whom a flag concerns, each with its reason, in one statement.

    Of a guild that `guild_page` found without any flag there are none, without a statement.
    A flag concerns its character, the other characters of its player, and those that officers noted as its alts or
    main.
    """
    if vars(guild).get("has_flags") is False:
        return []
    flags = ReinviteFlag.objects.filter(guild=guild)
    concerning = flags.filter(
        Q(character=OuterRef("character"))
        | Q(realm=OuterRef("character__realm"), blizzard_id=OuterRef("character__blizzard_id"))
        | Q(person=OuterRef("character__user"))
        | Q(character__user=OuterRef("character__user"))
    )
    # Without any flag PostgreSQL looks at no member.
    flagged = guild.memberships.order_by().filter(Exists(flags), Exists(concerning))
    mains = flagged.annotate(main=Coalesce("noted_main_id", "pk")).values("main")
    family = guild.memberships.filter(Q(pk__in=mains) | Q(noted_main__in=mains)).with_characters()
    found = list(family.annotate(reason=Subquery(concerning.values("reason")[:1])))
    reasons = {_main_of(member): member.reason for member in found if member.reason is not None}  # type: ignore[attr-defined]
    return [(member, reasons[_main_of(member)]) for member in found]


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
        back = [member for member, _reason in flagged_memberships(guild) if member.character_id in characters]
        kind, now = TimelineEvent.Kind.FLAGGED_RETURN, timezone.now()
        record(new_event(guild.pk, kind, happened_at=now, character=one.character) for one in back)


def _main_of(member: Membership) -> UUID:
    return member.noted_main_id or member.pk
