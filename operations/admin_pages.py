"""Two pages of the admin for site admins: how the sync is doing now, and what its schedules cost a day."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, path, reverse
from django.urls.resolvers import URLPattern
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers
from django_htmx.middleware import HtmxDetails

from operations.capacity import FULL, Capacity, capacities
from operations.health.sync_work import label_of
from operations.health.watched import findings, gather_facts
from operations.status import JobStatus, ProviderStatus, SyncStatus
from sync.engine.jobs import Job
from sync.engine.rate_limiter import Lane

# The columns of what is left, besides all of it.
LANES = (Lane.RIGHTS, Lane.BACKGROUND)


@dataclass(frozen=True, slots=True)
class FailedLine:
    """Rows that failed in the same way."""

    kind: str
    error: str
    rows: int
    query: str


def urls(site: admin.AdminSite) -> list[URLPattern]:
    """Return the URLs of both pages, to come before the admin's own."""
    return [
        path("status/", site.admin_view(status), name="status"),
        path("capacity/", site.admin_view(capacity), name="capacity"),
    ]


def menu() -> dict[str, Any]:
    """Return both pages for the admin's menu, as if they were models that can only be viewed."""
    pages = ((_("Status"), "status"), (_("Capacity"), "capacity"))
    return {
        "name": _("Operations"),
        "app_label": "operation",
        "app_url": reverse("admin:status"),
        "has_module_perms": True,
        "models": [
            {
                "name": name,
                "object_name": view,
                "perms": {"view": True},
                "admin_url": reverse(f"admin:{view}"),
                "add_url": None,
                "view_only": True,
            }
            for name, view in pages
        ],
    }


@require_safe
@vary_on_headers("HX-Request")
def status(request: HttpRequest) -> HttpResponse:
    """The state of the sync; the page refreshes itself unless it is paused."""
    _site_admins_only(request)
    facts = gather_facts(outside=False)
    current = facts.sync
    htmx = HtmxDetails(request)
    is_fragment = bool(htmx) and not htmx.history_restore_request
    context = {
        **admin.site.each_context(request),
        "title": _("Status"),
        "status": current,
        "version": settings.VERSION,
        "problems": list(findings(facts)),
        **_ages(current),
        "providers": [_section(one) for one in current.providers],
        "is_paused": "pause" in request.GET,
        "is_fragment": is_fragment,
    }
    return render(request, "operations/status.html#status" if is_fragment else "operations/status.html", context)


@require_safe
def capacity(request: HttpRequest) -> HttpResponse:
    """Show what `manage.py sync_capacity` prints."""
    _site_admins_only(request)
    context = {
        **admin.site.each_context(request),
        "title": _("Capacity"),
        "capacities": [_capacity_section(one) for one in capacities()],
        "full": round(100 * FULL),
    }
    return render(request, "operations/capacity.html", context)


def _ages(current: SyncStatus) -> dict[str, Any]:
    if current.liveness is None:
        return {}
    dispatch, oldest_due = current.liveness.dispatch, current.liveness.oldest_due
    return {
        "dispatched_at": current.at - dispatch if dispatch is not None else None,
        "oldest_due": [(queue, current.at - age if age else None) for queue, age in oldest_due.items()],
    }


def _section(one: ProviderStatus) -> dict[str, Any]:
    left = one.budget.left if one.budget else ()
    return {
        "label": one.provider.label,
        "status": one,
        "jobs_url": _jobs_url(one.provider.jobs),
        "failed": _failed_lines(one.provider.jobs, one.jobs) if one.jobs else [],
        "budget": [
            (label_of(window), window, number, [window.left_for(lane, number) for lane in LANES])
            for window, number in zip(one.provider.windows, left, strict=False)
        ],
    }


def _capacity_section(one: Capacity) -> dict[str, Any]:
    return {
        "capacity": one,
        "share": 100 * one.share,
        "lines": [(line, 100 * one.share_of(line.requests_a_day)) for line in one.schedules],
    }


def _failed_lines(model: type[Job], jobs: JobStatus) -> list[FailedLine]:
    """Failures by kind and cause, the most first, each with the query that lists it in the admin."""
    labels = dict(model._meta.get_field("kind").flatchoices)
    return [
        FailedLine(
            kind=str(labels.get(kind, kind)),
            error=error,
            rows=rows,
            query=f"state__exact=FAILED&kind__exact={kind}&error_kind={error}",
        )
        for (kind, error), rows in jobs.failed.most_common()
    ]


def _jobs_url(model: type[Job]) -> str:
    """The list of a provider's jobs in the admin, if it is there."""
    with suppress(NoReverseMatch):
        return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    return ""


def _site_admins_only(request: HttpRequest) -> None:
    if not request.user.is_superuser:
        raise PermissionDenied
