"""The writes of rights. Each checks again, under a lock on the guild, that the actor can; each is on the timeline."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import security_log
from accounts.models import User
from guilds.edit_conflict import check_version, version_of
from guilds.models import GUILD_MASTER_RANK, LOWEST_RANK, Guild, Membership, TimelineEvent
from guilds.timeline.services import new_event, record
from permissions.effective_rights import authority_or_403
from permissions.models import Grant, PermissionSet, Rank
from permissions.prepared_sets import PreparedSet
from permissions.resolver import LONGEST_GRANT, Authority
from permissions.rights import DEFAULT_RIGHTS, EVERY_RIGHT, NO_RIGHTS, Rights


@transaction.atomic
def create_ranks(*, guild: Guild) -> None:
    """Give a new guild its ten ranks: every right for the guild master, the default rights for the others."""
    master = PermissionSet(guild=guild, name=_("Guild master"), rights=EVERY_RIGHT)
    others = PermissionSet(guild=guild, name=_("Members"), rights=DEFAULT_RIGHTS)
    PermissionSet.objects.bulk_create([master, others])
    Rank.objects.bulk_create(
        Rank(guild=guild, rank_level=level, permission_set=master if level == GUILD_MASTER_RANK else others)
        for level in range(GUILD_MASTER_RANK, LOWEST_RANK + 1)
    )


def ranks_version(guild: Guild) -> str:
    """Return the version of the guild's ranks and permission sets, which a change must still match."""
    return version_of(_content(guild))


def version_of_ranks(ranks: Iterable[Rank], sets: Iterable[PermissionSet]) -> str:
    """Return the same of rows that have been read."""
    return version_of(_content_of(ranks, sets))


@transaction.atomic
def change_ranks(
    *, guild: Guild, actor: User, names: Mapping[int, str], set_ids: Mapping[int, UUID], version: str
) -> int:
    """Rename ranks and choose their permission sets; return how many ranks changed. Other levels stay unchanged.

    Raises EditConflict, and PermissionDenied if the actor can't make one of the changes (none is made then).
    """
    authority = _lock_and_authorize(guild, actor)
    check_version(version, _content(guild))
    sets = {one.pk: one for one in guild.permission_sets.all()}
    changed = 0
    for rank in guild.ranks.select_related("permission_set"):
        name = names.get(rank.rank_level, rank.rank_name)
        chosen = sets.get(set_ids.get(rank.rank_level, rank.permission_set_id))
        if chosen is None:
            raise PermissionDenied(_("This permission set belongs to another guild."))
        if (name, chosen) == (rank.rank_name, rank.permission_set):
            continue
        _check_rank(authority, rank, name, chosen)
        before = _rank_details(rank)
        rank.rank_name, rank.permission_set = name, chosen
        rank.save()
        _record_change(guild, actor, what="rank", rank=rank.rank_level, before=before, after=_rank_details(rank))
        changed += 1
    return changed


@transaction.atomic
def set_up_ranks(
    *, guild: Guild, actor: User, names: Mapping[int, str], roles: Mapping[int, PreparedSet], version: str
) -> int:
    """Name the ranks and give each a prepared permission set, creating sets that are missing.

    A set with the same rights is used if there is one. Returns how many ranks changed; raises like `change_ranks`.
    """
    authority = _lock_and_authorize(guild, actor)
    check_version(version, _content(guild))
    by_rights = {one.rights: one for one in guild.permission_sets.all()}
    for prepared in dict.fromkeys(roles.values()):
        if prepared.rights not in by_rights:
            _check_rights(authority, prepared.rights)
            by_rights[prepared.rights] = _create_prepared(guild, actor, prepared)
    set_ids = {level: by_rights[prepared.rights].pk for level, prepared in roles.items()}
    return change_ranks(guild=guild, actor=actor, names=names, set_ids=set_ids, version=ranks_version(guild))


@transaction.atomic
def change_set(
    *, guild: Guild, actor: User, permission_set: PermissionSet, name: str, rights: Rights, version: str
) -> PermissionSet:
    """Rename a permission set or change its rights, for all ranks that use it.

    Raises EditConflict, PermissionDenied, and ValidationError if another set has the name.
    """
    authority = _lock_and_authorize(guild, actor)
    check_version(version, _content(guild))
    changed = guild.permission_sets.get(pk=permission_set.pk)
    before = _set_details(changed)
    _check_set(authority, changed)
    _check_rights(authority, rights)
    changed.name, changed.rights = name, rights
    if _set_details(changed) != before:
        changed.full_clean()
        changed.save()
        _record_change(guild, actor, what="set", set=changed.name, before=before, after=_set_details(changed))
    return changed


@transaction.atomic
def create_set(*, guild: Guild, actor: User, name: str, rights: Rights) -> PermissionSet:
    """Create a permission set that no rank uses yet. Raises PermissionDenied, and ValidationError for a taken name."""
    _check_rights(_lock_and_authorize(guild, actor), rights)
    created = PermissionSet(guild=guild, name=name, rights=rights)
    created.full_clean()
    created.save()
    _record_change(guild, actor, what="set", set=created.name, before=None, after=_set_details(created))
    return created


@transaction.atomic
def delete_set(*, guild: Guild, actor: User, permission_set: PermissionSet) -> None:
    """Delete a permission set. Raises PermissionDenied if a rank uses it, or if it includes rights the actor lacks."""
    authority = _lock_and_authorize(guild, actor)
    deleted = guild.permission_sets.get(pk=permission_set.pk)
    _check_set(authority, deleted)
    if deleted.ranks.exists():
        raise PermissionDenied(_("A rank uses this permission set."))
    _record_change(guild, actor, what="set", set=deleted.name, before=_set_details(deleted), after=None)
    deleted.delete()


@transaction.atomic
def give_grant(*, guild: Guild, actor: User, person: User, rights: Rights, reason: str, expires_at: datetime) -> Grant:
    """Grant some of the actor's rights to a member of a lower rank. Raises PermissionDenied and ValidationError."""
    authority = _lock_and_authorize(guild, actor)
    rank = Membership.objects.best_rank(person, guild)
    if rank is None or person == actor or not authority.can_grant_to(rank):
        raise PermissionDenied(_("You can only give a personal grant to a member of a lower rank."))
    _check_rights(authority, rights)
    if expires_at > timezone.now() + LONGEST_GRANT + timedelta(days=1):
        raise ValidationError(_("A personal grant can last %(days)d days at most.") % {"days": LONGEST_GRANT.days})
    grant = Grant(guild=guild, user=person, rights=rights, reason=reason, expires_at=expires_at, granted_by=actor)
    grant.full_clean()
    grant.save()
    _record_change(guild, actor, person, what="grant", before=None, after=_grant_details(grant))
    return grant


@transaction.atomic
def end_grant(*, guild: Guild, actor: User, grant: Grant) -> None:
    """End a personal grant. Raises PermissionDenied for an actor who neither has it nor could give it."""
    ended = guild.grants.select_for_update(of=("self",)).select_related("user").get(pk=grant.pk)
    if ended.user_id != actor.pk:
        authority = _lock_and_authorize(guild, actor)
        rank = Membership.objects.best_linked_rank(ended.user, guild)
        # An expired grant gives no rights.
        rights = ended.rights if ended.expires_at > timezone.now() else NO_RIGHTS
        if not authority.can_end_grant(rank, rights):
            raise PermissionDenied(_("You can't end a grant that you couldn't give."))
    _record_change(guild, actor, ended.user, what="grant", before=_grant_details(ended), after=None)
    ended.delete()


def _create_prepared(guild: Guild, actor: User, prepared: PreparedSet) -> PermissionSet:
    taken = set(guild.permission_sets.values_list("name", flat=True))
    names = (f"{prepared.set_name} {number}" if number > 1 else str(prepared.set_name) for number in count(1))
    name = next(one for one in names if one not in taken)
    return create_set(guild=guild, actor=actor, name=name, rights=prepared.rights)


def _lock_and_authorize(guild: Guild, actor: User) -> Authority:
    """Return what the actor can change, while nobody else changes the guild's rights or roster."""
    Guild.objects.select_for_update(no_key=True).get(pk=guild.pk)
    return authority_or_403(actor, guild)


def _content(guild: Guild) -> list[object]:
    return _content_of(guild.ranks.order_by("rank_level"), guild.permission_sets.all())


def _content_of(ranks: Iterable[Rank], sets: Iterable[PermissionSet]) -> list[object]:
    return [
        [(one.rank_level, one.rank_name, str(one.permission_set_id)) for one in ranks],
        sorted((str(one.pk), one.name, sorted(one.rights)) for one in sets),
    ]


def _check_rank(authority: Authority, rank: Rank, name: str, chosen: PermissionSet) -> None:
    if name != rank.rank_name and not authority.can_rename_rank(rank.rank_level):
        raise PermissionDenied(_("This rank is not below yours."))
    if chosen == rank.permission_set:
        return
    if not authority.can_change_rank(rank.rank_level):
        raise PermissionDenied(_("This rank is not below yours."))
    if not authority.can_switch_set(rank.rank_level, rank.permission_set.rights):
        raise PermissionDenied(_("The rank's permission set includes permissions that your rank lacks."))
    _check_rights(authority, chosen.rights)


def _check_set(authority: Authority, permission_set: PermissionSet) -> None:
    used_by = list(permission_set.ranks.values_list("rank_level", flat=True))
    if authority.can_edit_set(used_by, permission_set.rights):
        return
    if not authority.includes(permission_set.rights):
        raise PermissionDenied(_("This permission set includes permissions that your rank lacks."))
    raise PermissionDenied(_("A rank at or above yours uses this permission set."))


def _check_rights(authority: Authority, rights: Rights) -> None:
    if not authority.includes(rights):
        raise PermissionDenied(_("You can't give permissions that your rank lacks."))


def _record_change(guild: Guild, actor: User, person: User | None = None, **details: object) -> None:
    event = new_event(guild.pk, TimelineEvent.Kind.RIGHTS_CHANGED, actor=actor, person=person, details=details)
    record([event])
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


@receiver(post_save, sender=Guild, dispatch_uid="permissions.create_ranks")
def create_ranks_of_new_guild(sender: type[Guild], instance: Guild, created: bool, raw: bool, **kwargs: Any) -> None:
    """Create the ranks of a guild that is new, or reopened after its data was purged.

    Django's own signal: the sync, which finds guilds, doesn't know this app.
    """
    if raw or instance.deleted_at is not None:
        return
    is_reopened = "deleted_at" in (kwargs.get("update_fields") or ()) and not instance.ranks.exists()
    if created or is_reopened:
        create_ranks(guild=instance)
