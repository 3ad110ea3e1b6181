"""Two pages of the admin for site admins: how the sync is doing now, and what its schedules cost a day."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, path, reverse
from django.urls.resolvers import URLPattern
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers
from django_htmx.middleware import HtmxDetails

from operations.capacity import FULL, Capacity, capacities
from operations.status import JobStatus, ProviderStatus, SyncStatus, gather
from sync.engine.circuit_breaker import WINDOW, Pause
from sync.engine.jobs import Job
from sync.engine.liveness import Liveness
from sync.engine.rate_limiter import Window

# A job that has been due for longer is stuck.
STUCK = timedelta(hours=2)
# Windows up to this many seconds are always full while there is much to do.
SHORT_WINDOW = 60


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
    current = gather()
    htmx = HtmxDetails(request)
    is_fragment = bool(htmx) and not htmx.history_restore_request
    context = {
        **admin.site.each_context(request),
        "title": _("Status"),
        "status": current,
        "problems": list(problems(current)),
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


def problems(current: SyncStatus) -> Iterator[str]:
    """Yield what is wrong, a sentence each, the worst first."""
    if current.liveness is None:
        yield _("The database does not answer.")
    else:
        yield from map(str, current.liveness.missing)
        yield from _stuck_queues(current.liveness)
    for one in current.providers:
        yield from _request_problems(one)
        if one.jobs and (count := one.jobs.failed.total()):
            yield ngettext("%(count)d job failed.", "%(count)d jobs failed.", count) % {"count": count}


def _request_problems(one: ProviderStatus) -> Iterator[str]:
    label = one.provider.label
    if one.counts is None:
        yield _("Redis does not answer: nothing is sent to %(provider)s.") % {"provider": label}
    elif one.budget is None:
        yield _("The rate limiter does not answer: nothing is sent to %(provider)s.") % {"provider": label}
    else:
        for window, left in zip(one.provider.windows, one.budget.left, strict=True):
            if left == 0 and window.seconds > SHORT_WINDOW:
                yield _("No requests to %(provider)s are left of the %(limit)s per %(window)s.") % {
                    "provider": label,
                    "limit": intcomma(window.requests),
                    "window": _label_of(window),
                }
    for pause in one.pauses or []:
        yield paused_text(label, pause)


def _stuck_queues(liveness: Liveness) -> Iterator[str]:
    now = timezone.now()
    for queue, age in liveness.oldest_due.items():
        if age > STUCK:
            span = timesince(now - age, now, depth=1)
            yield _("Jobs in the queue %(queue)s have been due for %(span)s.") % {"queue": queue, "span": span}


def paused_text(label: str, pause: Pause) -> str:
    """Return which kind of request is paused, and why."""
    statuses = ", ".join(map(str, pause.statuses))
    if not pause.endpoint:
        return _("All requests are paused: %(provider)s refuses the application's id or token (HTTP %(statuses)s).") % {
            "provider": label,
            "statuses": statuses,
        }
    return _(
        "Requests to %(endpoint)s (%(region)s) are paused: %(refused)d of %(window)d answers were refusals"
        " (HTTP %(statuses)s)."
    ) % {
        "endpoint": pause.endpoint,
        "region": pause.region,
        "refused": pause.refused,
        "window": WINDOW,
        "statuses": statuses,
    }


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
            (_label_of(window), window, number) for window, number in zip(one.provider.windows, left, strict=False)
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


def _label_of(window: Window) -> str:
    names = {"second": _("second"), "minute": _("minute"), "hour": _("hour"), "day": _("day")}
    return names.get(window.name, window.name)


def _jobs_url(model: type[Job]) -> str:
    """The list of a provider's jobs in the admin, if it is there."""
    with suppress(NoReverseMatch):
        return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    return ""


def _site_admins_only(request: HttpRequest) -> None:
    if not request.user.is_superuser:
        raise PermissionDenied
