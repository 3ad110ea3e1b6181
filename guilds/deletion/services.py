"""Deleting a guild's data: hidden at once, brought back for some days, then gone but for a tombstone."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts import security_log
from accounts.models import User
from guilds.access import lock_guild
from guilds.deletion.guild_masters import can_restore, deletion_by
from guilds.models import Guild, TimelineEvent
from guilds.timeline.services import new_event, record

Kind = TimelineEvent.Kind
# What is left for good: public names, so that a roster or a character which names the guild does not bring it back.
TOMBSTONE_FIELDS = ("id", "blizzard_id", "name", "slug", "region", "realm_id", "deleted_at")


@transaction.atomic
def delete_data(*, guild: Guild, actor: User) -> None:
    """Hide the guild from everybody, until the deletion is undone or final.

    For its guild master, once rosters have shown them as such for a day. Raises PermissionDenied.
    """
    locked = lock_guild(guild, actor, "guilds.delete")
    if locked.deleted_at is not None:
        return
    if not deletion_by(User.objects.get(pk=actor.pk), locked).is_possible:
        raise PermissionDenied
    _mark(locked, actor, deleted=True)


@transaction.atomic
def restore_data(*, guild: Guild, actor: User) -> None:
    """Undo the deletion: everything is there again, rights included. Raises PermissionDenied, also when it is late."""
    locked = Guild.objects.select_for_update(no_key=True).get(pk=guild.pk)
    if not can_restore(User.objects.get(pk=actor.pk), locked):
        raise PermissionDenied
    if locked.deleted_at is None:
        return
    if not locked.is_restorable:
        raise PermissionDenied
    _mark(locked, actor, deleted=False)


@transaction.atomic
def reopen(*, guild: Guild, actor: User) -> None:
    """Let the site know the guild again, whatever is left of it. For site admins; raises PermissionDenied."""
    locked = lock_guild(guild, actor, "guilds.delete")
    if not actor.is_superuser:
        raise PermissionDenied
    if locked.deleted_at is not None:
        _mark(locked, actor, deleted=False)


def purge_deleted() -> int:
    """Remove for good what was deleted and not brought back in time; returns of how many guilds."""
    return sum(_purge(guild) for guild in Guild.objects.to_purge())


@transaction.atomic
def _purge(guild: Guild) -> bool:
    """Deleting the row takes along all that points to it, whichever app's; then the tombstone takes its place."""
    dead = Guild.objects.to_purge().select_for_update().filter(pk=guild.pk).first()
    if dead is None:
        return False
    tombstone = Guild(purged_at=timezone.now(), **{name: getattr(dead, name) for name in TOMBSTONE_FIELDS})
    # The database does not let sets of rights go while ranks have them.
    dead.ranks.all().delete()
    dead.delete()
    tombstone.save(force_insert=True)
    return True


def _mark(guild: Guild, actor: User, *, deleted: bool) -> None:
    """The save says which fields it is about: other apps listen for `deleted_at`."""
    now = timezone.now()
    guild.deleted_at = now if deleted else None
    guild.deleted_by = actor if deleted else None
    guild.purged_at = None
    guild.save(update_fields=("deleted_at", "deleted_by", "purged_at", "updated_at"))
    kind = Kind.DATA_DELETED if deleted else Kind.DATA_RESTORED
    record([new_event(guild.pk, kind, happened_at=now, actor=actor)])
    event = security_log.Event.GUILD_DATA_DELETED if deleted else security_log.Event.GUILD_DATA_RESTORED
    security_log.record(event, actor=actor, guild_id=guild.pk)
