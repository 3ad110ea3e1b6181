"""What site admins do with sync jobs, whichever provider's: retry failures, and sync at once."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.readable_admin import ReadableAdmin
from sync.engine import transitions
from sync.engine.jobs import Job, JobQuerySet
from sync.engine.refresh import retry


class JobActions(ReadableAdmin):
    """A list of jobs with a button that retries all failures, and actions for selected jobs."""

    actions = ("retry_chosen", "sync_again")
    change_list_template = "sync/job_list.html"

    def get_urls(self) -> list[Any]:
        again = path("retry-failed/", self.admin_site.admin_view(self.retry_failed), name=f"{self._name}_retry_failed")
        return [again, *super().get_urls()]

    def has_retry_permission(self, request: HttpRequest) -> bool:
        """Return whether the user is a site admin. Officers have the sync page, where retries are limited."""
        return bool(request.user.is_active and request.user.is_superuser)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        may_retry = self.has_retry_permission(request)
        more = {"retry_url": f"admin:{self._name}_retry_failed" if may_retry else ""}
        return super().changelist_view(request, {**(extra_context or {}), **more})

    def retry_failed(self, request: HttpRequest) -> HttpResponse:
        if not self.has_retry_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        self._say(request, retry(failed=JobQuerySet(self.model)))
        return redirect(f"admin:{self._name}_changelist")

    @admin.action(description=_("Retry selected failures"), permissions=["retry"])
    def retry_chosen(self, request: HttpRequest, chosen: "QuerySet[Job]") -> None:
        self._say(request, retry(failed=self._jobs(chosen)))

    @admin.action(description=_("Sync selected now"), permissions=["retry"])
    def sync_again(self, request: HttpRequest, chosen: "QuerySet[Job]") -> None:
        """Make the selected jobs due, but for those that are queued or running."""
        wanted = self._jobs(self._jobs(chosen).idle())
        self._say(request, transitions.mark_due(wanted, Job.Priority.HIGH))

    @property
    def _name(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}"

    def _jobs(self, chosen: "QuerySet[Job]") -> JobQuerySet[Any]:
        """Return the chosen rows without the joins of the list, which can't be locked or updated."""
        return JobQuerySet(self.model).filter(pk__in=list(chosen.values_list("pk", flat=True)))

    def _say(self, request: HttpRequest, count: int) -> None:
        done = ngettext("%(count)d job is due.", "%(count)d jobs are due.", count) % {"count": count}
        self.message_user(request, done, messages.SUCCESS)
