"""Sync jobs in the admin."""

from django.contrib import admin

from guildsite.admin.job_actions import JobActions
from guildsite.admin.officers import OfficersAdmin
from sync.models import BlizzardJob


@admin.register(BlizzardJob)
class BlizzardJobAdmin(JobActions, OfficersAdmin):
    """Jobs of accounts, characters, guilds and regions; for officers those of their guild and its characters."""

    guild_paths = ("guild", "character__membership__guild")
    view_rights = ("guilds.refresh",)
    list_display = (
        "subject",
        "kind",
        "state",
        "attempted_at",
        "succeeded_at",
        "changed_at",
        "tries",
        "error_kind",
        "http_status",
        "next_due_at",
    )
    list_filter = ("kind", "state", "error_kind", "http_status")
    search_fields = ("character__name", "guild__name")
    site_search_fields = ("user__battletag",)
    site_fields = ("user", "awaited_by")
    list_select_related = ("user", "character", "guild")
    date_hierarchy = "attempted_at"
    show_full_result_count = False
