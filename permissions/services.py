"""The writes of rights. Each asks anew, under a lock on the guild, whether the person may; each is on the timeline."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import security_log
from accounts.models import User
from guilds.models import GUILD_MASTER_RANK, LOWEST_RANK, Guild, Membership, TimelineEvent
from guilds.timeline.services import new_event, record
from permissions.effective_rights import RESTRICTED, authority_of, standing_of
from permissions.models import EVERY_RIGHT, Grant, PermissionSet, Rank
from permissions.rules import LONGEST_GRANT, Authority, Rights


class Stale(Exception):
    """Somebody else changed the guild's ranks or sets since this person looked at them."""


@transaction.atomic
def open_ranks(*, guild: Guild) -> None:
    """Give a new guild its ten ranks: every right for the guild master, a restricted set for the others."""
    master = PermissionSet(guild=guild, name=_("Guild master"))
    master.rights = EVERY_RIGHT
    others = PermissionSet(guild=guild, name=_("Members"))
    others.rights = RESTRICTED
    PermissionSet.objects.bulk_create([master, others])
    Rank.objects.bulk_create(
        Rank(guild=guild, rank_level=level, permission_set=master if level == GUILD_MASTER_RANK else others)
        for level in range(GUILD_MASTER_RANK, LOWEST_RANK + 1)
    )


def state_of(guild: Guild) -> str:
    """A digest of the guild's ranks and sets: what somebody saw before they changed it."""
    ranks = guild.ranks.order_by("rank_level").values_list("rank_level", "rank_name", "permission_set_id")
    sets = guild.permission_sets.order_by("pk")
    lines = [*map(str, ranks), *(f"{one.pk} {one.name} {sorted(one.rights)}" for one in sets)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


@transaction.atomic
def change_ranks(*, guild: Guild, actor: User, names: Mapping[int, str], set_ids: Mapping[int, UUID], seen: str) -> int:
    """Name ranks, and choose the set of each; returns how many ranks changed.

    Levels that are not mentioned stay as they are. `seen` is `state_of` when the person looked. Raises Stale, and
    PermissionDenied for what the person may not do (nothing is changed then).
    """
    authority = _authority(guild, actor)
    _refuse_stale(guild, seen)
    sets = {one.pk: one for one in guild.permission_sets.all()}
    changed = 0
    for rank in guild.ranks.select_related("permission_set"):
        name = names.get(rank.rank_level, rank.rank_name)
        chosen = sets.get(set_ids.get(rank.rank_level, rank.permission_set_id))
        if chosen is None:
            raise PermissionDenied(_("This set is not one of the guild's."))
        if (name, chosen) == (rank.rank_name, rank.permission_set):
            continue
        _check_rank(authority, rank, name, chosen)
        before = _rank_details(rank)
        rank.rank_name, rank.permission_set = name, chosen
        rank.save()
        _tell(guild, actor, what="rank", rank=rank.rank_level, before=before, after=_rank_details(rank))
        changed += 1
    return changed


@transaction.atomic
def change_set(
    *, guild: Guild, actor: User, permission_set: PermissionSet, name: str, rights: Rights, seen: str
) -> PermissionSet:
    """Rename a set, or change its rights, for all the ranks that have it.

    Raises Stale, PermissionDenied, and ValidationError for a name that another set has.
    """
    authority = _authority(guild, actor)
    _refuse_stale(guild, seen)
    changed = guild.permission_sets.get(pk=permission_set.pk)
    before = _set_details(changed)
    _check_set(authority, changed)
    if not authority.holds(rights):
        raise PermissionDenied(_("You cannot give a right that your rank lacks."))
    changed.name, changed.rights = name, rights
    if _set_details(changed) != before:
        changed.full_clean()
        changed.save()
        _tell(guild, actor, what="set", set=changed.name, before=before, after=_set_details(changed))
    return changed


@transaction.atomic
def make_set(*, guild: Guild, actor: User, name: str, rights: Rights) -> PermissionSet:
    """A new set, which no rank has yet. Raises PermissionDenied, and ValidationError for a name that is taken."""
    if not _authority(guild, actor).holds(rights):
        raise PermissionDenied(_("You cannot give a right that your rank lacks."))
    made = PermissionSet(guild=guild, name=name)
    made.rights = rights
    made.full_clean()
    made.save()
    _tell(guild, actor, what="set", set=made.name, before=None, after=_set_details(made))
    return made


@transaction.atomic
def delete_set(*, guild: Guild, actor: User, permission_set: PermissionSet) -> None:
    """Remove a set. Raises PermissionDenied while a rank has it, and for one with rights that are not one's own."""
    authority = _authority(guild, actor)
    removed = guild.permission_sets.get(pk=permission_set.pk)
    _check_set(authority, removed)
    if removed.ranks.exists():
        raise PermissionDenied(_("A rank has this set."))
    _tell(guild, actor, what="set", set=removed.name, before=_set_details(removed), after=None)
    removed.delete()


@transaction.atomic
def give_grant(*, guild: Guild, actor: User, person: User, rights: Rights, reason: str, expires_at: datetime) -> Grant:
    """Give one member of a lower rank rights of one's own for a time. Raises PermissionDenied, and ValidationError."""
    authority = _authority(guild, actor)
    rank = Membership.objects.best_rank(person, guild)
    if rank is None or person == actor or not authority.may_grant_to(rank):
        raise PermissionDenied(_("A personal grant is for a member of a lower rank than yours."))
    if not authority.holds(rights):
        raise PermissionDenied(_("You cannot give a right that your rank lacks."))
    if expires_at > timezone.now() + LONGEST_GRANT + timedelta(days=1):
        raise ValidationError(_("A personal grant lasts for %(days)d days at most.") % {"days": LONGEST_GRANT.days})
    grant = Grant(guild=guild, user=person, reason=reason, expires_at=expires_at, granted_by=actor)
    grant.rights = rights
    grant.full_clean()
    grant.save()
    _tell(guild, actor, person, what="grant", before=None, after=_grant_details(grant))
    return grant


@transaction.atomic
def end_grant(*, guild: Guild, actor: User, grant: Grant) -> None:
    """Take a personal grant back. Raises PermissionDenied unless one could give it, or holds it oneself."""
    ended = guild.grants.select_for_update(of=("self",)).select_related("user").get(pk=grant.pk)
    if ended.user_id != actor.pk:
        authority = _authority(guild, actor)
        rank = Membership.objects.best_linked_rank(ended.user, guild)
        # An expired grant gives nothing any more.
        rights = ended.rights if ended.expires_at > timezone.now() else frozenset()
        if not authority.may_end_grant(rank, rights):
            raise PermissionDenied(_("You can't end a grant that you could not have given."))
    _tell(guild, actor, ended.user, what="grant", before=_grant_details(ended), after=None)
    ended.delete()


def _authority(guild: Guild, actor: User) -> Authority:
    """What the person may change, while nobody else changes the guild's rights or roster."""
    Guild.objects.select_for_update(no_key=True).get(pk=guild.pk)
    authority = authority_of(actor, guild)
    may = actor.is_superuser or "guilds.manage_ranks" in standing_of(actor, guild).rights
    if authority is None or not actor.is_active or not may:
        raise PermissionDenied
    return authority


def _refuse_stale(guild: Guild, seen: str) -> None:
    if seen != state_of(guild):
        raise Stale


def _check_rank(authority: Authority, rank: Rank, name: str, chosen: PermissionSet) -> None:
    if name != rank.rank_name and not authority.may_name_rank(rank.rank_level):
        raise PermissionDenied(_("The rank is not below yours."))
    if chosen == rank.permission_set:
        return
    if not authority.may_change_rank(rank.rank_level):
        raise PermissionDenied(_("The rank is not below yours."))
    if not authority.may_switch_rank(rank.rank_level, rank.permission_set.rights):
        raise PermissionDenied(_("The rank's set includes permissions that your rank lacks."))
    if not authority.holds(chosen.rights):
        raise PermissionDenied(_("You cannot give a right that your rank lacks."))


def _check_set(authority: Authority, one: PermissionSet) -> None:
    used_by = list(one.ranks.values_list("rank_level", flat=True))
    if authority.may_change_set(used_by, one.rights):
        return
    if not authority.holds(one.rights):
        raise PermissionDenied(_("This set includes permissions that your rank lacks."))
    raise PermissionDenied(_("A rank at or above yours has this set."))


def _tell(guild: Guild, actor: User, person: User | None = None, **details: object) -> None:
    record([new_event(guild.pk, TimelineEvent.Kind.RIGHTS_CHANGED, actor=actor, person=person, details=details)])
    # Without names and reasons, which people typed.
    security_log.record(
        security_log.Event.RIGHTS_CHANGED,
        user=person,
        actor=actor,
        guild_id=guild.pk,
        what=details["what"],
        rank=details.get("rank"),
        before=_rights_in(details["before"]),
        after=_rights_in(details["after"]),
    )


def _rights_in(details: object) -> object:
    return details.get("rights") if isinstance(details, dict) else None


def _rank_details(rank: Rank) -> dict[str, object]:
    return {"name": rank.rank_name, **_set_details(rank.permission_set, "set")}


def _set_details(permission_set: PermissionSet, name: str = "name") -> dict[str, object]:
    return {name: permission_set.name, "rights": sorted(permission_set.rights)}


def _grant_details(grant: Grant) -> dict[str, object]:
    return {"rights": sorted(grant.rights), "reason": grant.reason, "expires_at": grant.expires_at.isoformat()}
