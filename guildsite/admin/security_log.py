"""The security log in the admin."""

from django.contrib import admin

from accounts.models import SecurityEvent
from accounts.readable_admin import ReadOnlyAdmin
from guilds.rights import LABELS


@admin.register(SecurityEvent)
class SecurityEventAdmin(ReadOnlyAdmin):
    """The security log, which nobody can change."""

    list_display = ("created_at", "event", "user_label", "actor_label", "address", "details")
    list_filter = ("event", "created_at")
    search_fields = ("user_label", "actor_label", "=address", "=guild_id")
    fields = ("created_at", "event", "user_label", "actor_label", "guild_id", "address", "details")
    date_hierarchy = "created_at"
    show_full_result_count = False
    value_words = LABELS
