"""The jobs of Destiny in the admin, for site admins."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.readable_admin import ReadOnlyAdmin
from sync.engine import transitions
from sync.models import BungieJob


@admin.register(BungieJob)
class BungieJobAdmin(ReadOnlyAdmin):
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
    actions = ("sync_again",)

    def has_sync_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)

    @admin.action(description=_("Sync selected now"), permissions=["sync"])
    def sync_again(self, request: HttpRequest, chosen: "QuerySet[BungieJob]") -> None:
        """Make the selected jobs due, also failed ones, but for those that are queued or running."""
        idle = BungieJob.objects.filter(pk__in=list(chosen.values_list("pk", flat=True))).idle()
        wanted = BungieJob.objects.filter(pk__in=list(idle.values_list("pk", flat=True)))
        count = transitions.mark_due(wanted, BungieJob.Priority.HIGH)
        done = ngettext("%(count)d job is due.", "%(count)d jobs are due.", count) % {"count": count}
        self.message_user(request, done, messages.SUCCESS)
