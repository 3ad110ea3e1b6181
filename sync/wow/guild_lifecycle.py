"""What befalls a guild as a whole: another name, realm or faction, its end; and two rows that turn out to be one."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q

from guilds.former_members.services import merge_former_members, remember
from guilds.mains.recompute import lock_memberships
from guilds.models import FormerMember, Guild, Membership, OfficerNote, TimelineEvent, TodoItem
from guilds.timeline.services import new_event, record
from guilds.todo.services import close_items
from sync.engine import transitions
from sync.models import BlizzardJob
from sync.wow.game_data import ensure_known
from sync.wow.guild_lookup import FetchedGuild, guild_slug
from sync.wow.jobs import roster_job
from sync.wow.roster_guard import store_doubt
from sync.wow.timeline_events import left_event

Kind = TimelineEvent.Kind


def settle(guild: Guild, sighting: FetchedGuild) -> None:
    """Let the guild be where and what it was seen, and tell of it; `guild` is locked, and saved by the caller.

    Nothing is told of a guild whose first roster this is: that is where its history begins.
    """
    profile = sighting.profile
    if (guild.realm_id, guild.slug) != (sighting.realm.id, sighting.slug):
        ensure_known(region=guild.region, realms=[sighting.realm])
        _clear_address(guild, sighting)
        if guild_slug(guild.name) != sighting.slug:
            _tell(guild, Kind.GUILD_RENAMED, before=guild.name, after=profile.name)
        if guild.realm_id != sighting.realm.id:
            before, after = guild.realm.name or guild.realm.slug, sighting.realm.name or sighting.realm.slug
            _tell(guild, Kind.GUILD_MOVED, before=before, after=after)
        guild.realm_id, guild.slug = sighting.realm.id, sighting.slug
    if profile.faction and guild.faction and profile.faction != guild.faction:
        _tell(guild, Kind.GUILD_FACTION, before=guild.faction, after=profile.faction)
    guild.blizzard_id = profile.id
    guild.name = profile.name
    guild.faction = profile.faction or guild.faction
    guild.disbanded_at = None


def disband(guild: Guild, *, now: datetime) -> int:
    """End all memberships, told; returns how many. What happened in the guild is kept. `guild` is locked."""
    lock_memberships(Q(guild=guild))
    members = list(Membership.objects.filter(guild=guild).select_related("character").order_by("pk"))
    leaving = [left_event(one, now=now) for one in members]
    record([*leaving, new_event(guild.pk, Kind.GUILD_DISBANDED, happened_at=now)])
    remember({FormerMember.Reason.DISBANDED: members}, now=now)
    Membership.objects.filter(guild=guild).delete()
    close_items(guild=guild, now=now)
    guild.disbanded_at, guild.not_found_since = now, None
    store_doubt(guild, None)
    guild.member_count, guild.last_modified = 0, None
    guild.save()
    return len(members)


def merge(kept: Guild, doubles: Iterable[Guild]) -> None:
    """Make one row of several that are the same guild: people, notes and history go to the one that is kept.

    What ranks may do stays as it is in the one that is kept. All rows are locked.
    """
    for double in doubles:
        lock_memberships(Q(guild=double))
        Membership.objects.filter(guild=double).update(guild=kept, main_of=None)
        for model in (TimelineEvent, OfficerNote):
            model._default_manager.filter(guild=double).update(guild=kept)
        planned = TodoItem.objects.filter(guild=kept).open().values("character")
        TodoItem.objects.filter(guild=double).exclude(character__in=planned).update(guild=kept)
        merge_former_members(kept=kept, double=double)
        entry = roster_job(kept)
        entry.awaited_by.add(*roster_job(double).awaited_by.all())
        # The database does not let sets of rights go while ranks have them.
        double.ranks.all().delete()
        double.delete()


def give_up_address(guild: Guild) -> None:
    """Let another guild have the address: this one has left it, and nobody has said yet for where.

    No guild's name holds such a mark, so that nobody is ever sent there.
    """
    guild.slug = f"{guild.slug}~{guild.blizzard_id}"
    guild.save(update_fields=("slug", "updated_at"))
    if guild.disbanded_at is None and guild.deleted_at is None:
        transitions.mark_due(BlizzardJob.objects.filter(guild=guild), BlizzardJob.Priority.HIGH)


def _clear_address(guild: Guild, sighting: FetchedGuild) -> None:
    taken = Guild.objects.at(guild.region, sighting.realm.slug, sighting.slug).exclude(pk=guild.pk)
    for other in taken.select_for_update(no_key=True):
        if other.blizzard_id == sighting.profile.id:
            merge(guild, [other])
        else:
            give_up_address(other)


def _tell(guild: Guild, kind: Kind, **details: object) -> None:
    if guild.last_synced_at is not None:
        record([new_event(guild.pk, kind, details=details)])
