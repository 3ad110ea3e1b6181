"""Changes of a guild as a whole: a new name, realm or faction, its end, and two rows that are one guild."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q

from guilds.former_members.services import merge_former_members, remember
from guilds.mains import lock_memberships
from guilds.models import (
    FormerMember,
    Guild,
    Leave,
    Membership,
    OfficerNote,
    RosterRule,
    RosterView,
    TimelineEvent,
    TodoItem,
)
from guilds.timeline.services import left_event, new_event, record
from guilds.todo.services import close_items
from sync.engine import transitions
from sync.engine.bulk import update_row
from sync.models import BlizzardJob
from sync.wow.game_data import ensure_game_data
from sync.wow.guild_lookup import FetchedGuild, guild_slug
from sync.wow.jobs import roster_job
from sync.wow.roster_guard import doubt_columns


def follow_identity(guild: Guild, fetched: FetchedGuild) -> None:
    """Tell of the guild's new name, realm or faction before they are written; the guild is locked.

    Another guild that we have at the new address makes room, or is merged if it is the same one.
    """
    profile = fetched.profile
    if (guild.realm_id, guild.slug) != (fetched.realm.id, fetched.slug):
        ensure_game_data(region=guild.region, realms=[fetched.realm])
        _clear_address(guild, fetched)
        if guild_slug(guild.name) != fetched.slug:
            _record(guild, TimelineEvent.Kind.GUILD_RENAMED, before=guild.name, after=profile.name)
        if guild.realm_id != fetched.realm.id:
            before, after = guild.realm.name or guild.realm.slug, fetched.realm.name or fetched.realm.slug
            _record(guild, TimelineEvent.Kind.GUILD_MOVED, before=before, after=after)
    if profile.faction and guild.faction and profile.faction != guild.faction:
        _record(guild, TimelineEvent.Kind.GUILD_FACTION, before=guild.faction, after=profile.faction)


def disband(guild: Guild, *, now: datetime) -> int:
    """End all memberships of the locked guild and keep its history; returns how many members it had."""
    lock_memberships(Q(guild=guild))
    members = list(Membership.objects.filter(guild=guild).select_related("character").order_by("pk"))
    left = [left_event(one, now=now) for one in members]
    record([*left, new_event(guild.pk, TimelineEvent.Kind.GUILD_DISBANDED, happened_at=now)])
    remember({FormerMember.Reason.DISBANDED: members}, now=now)
    Membership.objects.filter(guild=guild).delete()
    close_items(guild=guild, now=now)
    ended = {"disbanded_at": now, "not_found_since": None, "member_count": 0, "last_modified": None}
    update_row(guild, {**ended, **doubt_columns(None)})
    return len(members)


def merge_guilds(kept: Guild, duplicates: Iterable[Guild]) -> None:
    """Move members, notes and history of the same guild's other rows to the kept one, and delete them.

    The permissions of ranks stay as they are in the kept one. All rows are locked.
    """
    for duplicate in duplicates:
        lock_memberships(Q(guild=duplicate))
        Membership.objects.filter(guild=duplicate).update(guild=kept, main_of=None)
        for model in (TimelineEvent, OfficerNote, RosterRule, Leave):
            model._default_manager.filter(guild=duplicate).update(guild=kept)
        planned = TodoItem.objects.filter(guild=kept).open().values("character")
        TodoItem.objects.filter(guild=duplicate).exclude(character__in=planned).update(guild=kept)
        names = RosterView.objects.filter(guild=kept).values("name")
        RosterView.objects.filter(guild=duplicate).exclude(name__in=names).update(guild=kept)
        merge_former_members(kept=kept, double=duplicate)
        roster_job(kept).awaited_by.add(*roster_job(duplicate).awaited_by.all())
        # The database protects permission sets that ranks have.
        duplicate.ranks.all().delete()
        duplicate.delete()


def release_address(guild: Guild) -> None:
    """Free the address for another guild: this one has left it, and its new one is not known yet.

    No guild's name contains `~`, so the placeholder never is a real address.
    """
    update_row(guild, {"slug": f"{guild.slug}~{guild.blizzard_id}"})
    if guild.disbanded_at is None and guild.deleted_at is None:
        transitions.mark_due(BlizzardJob.objects.filter(guild=guild), BlizzardJob.Priority.HIGH)


def _clear_address(guild: Guild, fetched: FetchedGuild) -> None:
    taken = Guild.objects.at(guild.region, fetched.realm.slug, fetched.slug).exclude(pk=guild.pk)
    for other in taken.select_for_update(no_key=True):
        if other.blizzard_id == fetched.profile.id:
            merge_guilds(guild, [other])
        else:
            release_address(other)


def _record(guild: Guild, kind: TimelineEvent.Kind, **details: Any) -> None:
    """Add an event, unless this is the guild's first roster, where its history begins."""
    if guild.last_synced_at is not None:
        record([new_event(guild.pk, kind, details=details)])
