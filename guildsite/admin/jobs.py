"""Sync jobs in the admin."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from guildsite.admin.officers import OfficersAdmin
from sync.engine import transitions
from sync.models import BlizzardJob
from sync.wow.refresh import retry


@admin.register(BlizzardJob)
class BlizzardJobAdmin(OfficersAdmin):
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
    actions = ("retry_chosen", "sync_again")
    change_list_template = "sync/job_list.html"

    def get_urls(self) -> list[Any]:
        again = path(
            "retry-failed/", self.admin_site.admin_view(self.retry_failed), name="sync_blizzardjob_retry_failed"
        )
        return [again, *super().get_urls()]

    def has_retry_permission(self, request: HttpRequest) -> bool:
        """Return whether the user is a site admin. Officers have the sync page, where retries are limited."""
        return bool(request.user.is_active and request.user.is_superuser)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        more = {"may_retry": self.has_retry_permission(request)}
        return super().changelist_view(request, {**(extra_context or {}), **more})

    def retry_failed(self, request: HttpRequest) -> HttpResponse:
        if not self.has_retry_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        self._say(request, retry(failed=BlizzardJob.objects.all()))
        return redirect("admin:sync_blizzardjob_changelist")

    @admin.action(description=_("Retry selected failures"), permissions=["retry"])
    def retry_chosen(self, request: HttpRequest, chosen: "QuerySet[BlizzardJob]") -> None:
        self._say(request, retry(failed=BlizzardJob.objects.filter(pk__in=list(chosen.values_list("pk", flat=True)))))

    @admin.action(description=_("Sync selected now"), permissions=["retry"])
    def sync_again(self, request: HttpRequest, chosen: "QuerySet[BlizzardJob]") -> None:
        """Make the selected jobs due, but for those that are queued or running."""
        idle = BlizzardJob.objects.filter(pk__in=chosen.values("pk")).idle()
        wanted = BlizzardJob.objects.filter(pk__in=list(idle.values_list("pk", flat=True)))
        self._say(request, transitions.mark_due(wanted, BlizzardJob.Priority.HIGH))

    def _say(self, request: HttpRequest, count: int) -> None:
        done = ngettext("%(count)d job is due.", "%(count)d jobs are due.", count) % {"count": count}
        self.message_user(request, done, messages.SUCCESS)
