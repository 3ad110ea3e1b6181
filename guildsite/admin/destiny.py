"""The jobs of Destiny in the admin, for site admins."""

from django.contrib import admin

from accounts.readable_admin import ReadOnlyAdmin
from guildsite.admin.job_actions import JobActions
from sync.models import BungieJob


@admin.register(BungieJob)
class BungieJobAdmin(JobActions, ReadOnlyAdmin):
    """Jobs of Bungie accounts, memberships and the whole game."""

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
    search_fields = ("account__name", "account__user__battletag", "membership__name")
    list_select_related = ("account", "membership")
    date_hierarchy = "attempted_at"
    show_full_result_count = False
