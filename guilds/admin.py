"""Guilds in the admin."""

from django.contrib import admin

from accounts.admin import ReadOnlyAdmin
from guilds.models import Guild, Membership, TimelineEvent


@admin.register(Guild)
class GuildAdmin(admin.ModelAdmin):
    """What officers say about their guild is theirs to edit; the rest is Battle.net's."""

    list_display = ("name", "realm", "faction", "member_count", "visibility", "last_synced_at")
    list_filter = ("region", "faction", "visibility")
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
        "doubted_roster",
        "last_modified",
        "last_synced_at",
        "created_at",
        "updated_at",
    )

    def has_add_permission(self, request: object) -> bool:
        """Guilds come from Battle.net only."""
        return False


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
