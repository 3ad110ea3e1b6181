"""The ledger in the admin: what is kept in step, and what failed."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.officers import ReadOnlyOfficersAdmin
from sync import ledger
from sync.models import LedgerEntry


@admin.register(LedgerEntry)
class LedgerEntryAdmin(ReadOnlyOfficersAdmin):
    """One row for each account, character, guild and region; for officers their guild's and its characters'."""

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
    actions = ("sync_again",)

    @admin.action(description=_("Sync again now"))
    def sync_again(self, request: HttpRequest, chosen: "QuerySet[LedgerEntry]") -> None:
        """Make the chosen rows due; what waits or runs already keeps its place."""
        idle = chosen.filter(state__in=(LedgerEntry.State.RESTING, LedgerEntry.State.FAILED))
        count = ledger.mark_due(LedgerEntry.objects.filter(pk__in=list(idle.values_list("pk", flat=True))))
        done = ngettext("%(count)d is due again.", "%(count)d are due again.", count) % {"count": count}
        self.message_user(request, done, messages.SUCCESS)
