"""Guilds in the admin."""

from typing import cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.admin import ReadOnlyAdmin
from accounts.models import User
from guilds.deletion import reopen
from guilds.models import Guild, Membership, TimelineEvent


@admin.register(Guild)
class GuildAdmin(admin.ModelAdmin):
    """What officers say about their guild is theirs to edit; the rest is Battle.net's."""

    list_display = ("name", "realm", "faction", "member_count", "visibility", "last_synced_at", "deleted_at")
    list_filter = ("region", "faction", "visibility", ("deleted_at", admin.EmptyFieldListFilter))
    actions = ("reopen",)
    search_fields = ("name", "realm__name", "=blizzard_id")
    list_select_related = ("realm",)
    readonly_fields = (
        "name",
        "slug",
        "region",
        "realm",
        "faction",
        "blizzard_id",
        "member_count",
        "achievement_points",
        "founded_at",
        "crest",
        "deleted_at",
        "deleted_by",
        "purged_at",
        "doubted_roster",
        "last_modified",
        "last_synced_at",
        "created_at",
        "updated_at",
    )

    def has_add_permission(self, request: object) -> bool:
        """Guilds come from Battle.net only."""
        return False

    def has_reopen_permission(self, request: HttpRequest) -> bool:
        """Site admins only: a guild that deleted its data wants to be left alone."""
        return bool(request.user.is_superuser)

    @admin.action(description=_("Reopen after a deletion of its data"), permissions=("reopen",))
    def reopen(self, request: HttpRequest, chosen: "QuerySet[Guild]") -> None:
        """What was not purged yet is back; of the rest, the roster begins anew."""
        deleted = list(chosen.exclude(deleted_at=None))
        for guild in deleted:
            reopen(guild=guild, actor=cast(User, request.user))
        done = ngettext("%(count)d guild is open again.", "%(count)d guilds are open again.", len(deleted))
        self.message_user(request, done % {"count": len(deleted)}, messages.SUCCESS)


@admin.register(Membership)
class MembershipAdmin(ReadOnlyAdmin):
    """Who stands where, as the rosters say."""

    list_display = ("character", "guild", "rank", "is_main", "main_of", "joined_seen_at")
    list_filter = ("is_main", "rank", "guild")
    search_fields = ("character__name", "guild__name", "main_of__battletag")
    list_select_related = ("character", "guild", "main_of")


@admin.register(TimelineEvent)
class TimelineEventAdmin(ReadOnlyAdmin):
    """What happened; append-only."""

    list_display = ("happened_at", "guild", "character_name", "kind", "actor", "details")
    list_filter = ("kind", "guild")
    search_fields = ("character_name", "guild__name")
    list_select_related = ("guild", "actor")
    date_hierarchy = "happened_at"
