"""Jobs in the admin: their state and why they failed."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from guildsite.admin.officers import ReadOnlyOfficersAdmin
from sync.engine import transitions
from sync.models import BlizzardJob
from sync.wow.refresh import retry


@admin.register(BlizzardJob)
class BlizzardJobAdmin(ReadOnlyOfficersAdmin):
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
    actions = ("retry_chosen", "sync_again")
    change_list_template = "sync/job_list.html"

    def get_urls(self) -> list[Any]:
        """With the button that sends all failures again."""
        again = path(
            "retry-failed/", self.admin_site.admin_view(self.retry_failed), name="sync_blizzardjob_retry_failed"
        )
        return [again, *super().get_urls()]

    def has_retry_permission(self, request: HttpRequest) -> bool:
        """Site admins; officers have a page for it, where asking is limited."""
        return bool(request.user.is_active and request.user.is_superuser)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """With that button, for those who may."""
        more = {"may_retry": self.has_retry_permission(request)}
        return super().changelist_view(request, {**(extra_context or {}), **more})

    def retry_failed(self, request: HttpRequest) -> HttpResponse:
        """Make everything due again that failed."""
        if not self.has_retry_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        self._say(request, retry(failed=BlizzardJob.objects.all()))
        return redirect("admin:sync_blizzardjob_changelist")

    @admin.action(description=_("Try again what failed of the selected"), permissions=["retry"])
    def retry_chosen(self, request: HttpRequest, chosen: "QuerySet[BlizzardJob]") -> None:
        """Make those of the chosen rows due again that failed."""
        self._say(request, retry(failed=BlizzardJob.objects.filter(pk__in=list(chosen.values_list("pk", flat=True)))))

    @admin.action(description=_("Sync again now"), permissions=["retry"])
    def sync_again(self, request: HttpRequest, chosen: "QuerySet[BlizzardJob]") -> None:
        """Make the chosen rows due; what waits or runs already keeps its place."""
        idle = BlizzardJob.objects.filter(pk__in=chosen.values("pk")).idle()
        wanted = BlizzardJob.objects.filter(pk__in=list(idle.values_list("pk", flat=True)))
        self._say(request, transitions.mark_due(wanted, BlizzardJob.Priority.HIGH))

    def _say(self, request: HttpRequest, count: int) -> None:
        done = ngettext("%(count)d is due again.", "%(count)d are due again.", count) % {"count": count}
        self.message_user(request, done, messages.SUCCESS)
