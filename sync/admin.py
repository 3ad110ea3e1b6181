"""The ledger in the admin: what is kept in step, and what failed."""

from django.contrib import admin

from accounts.admin import ReadOnlyAdmin
from sync.models import LedgerEntry


@admin.register(LedgerEntry)
class LedgerEntryAdmin(ReadOnlyAdmin):
    """One row for each account, character, guild and region."""

    list_display = (
        "subject",
        "kind",
        "state",
        "attempted_at",
        "succeeded_at",
        "changed_at",
        "error_kind",
        "http_status",
        "next_due_at",
    )
    list_filter = ("kind", "state", "error_kind", "http_status")
    search_fields = ("character__name", "guild__name", "user__battletag")
    list_select_related = ("user", "character", "guild")
    date_hierarchy = "attempted_at"
    show_full_result_count = False
