"""Two pages of the admin for site admins: how the sync is doing now, and what its schedules cost a day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.urls.resolvers import URLPattern
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers
from django_htmx.middleware import HtmxDetails

from sync.engine.circuit_breaker import Pause
from sync.engine.outage_rule import WINDOW
from sync.models import BlizzardJob
from sync.operations import capacity as planning
from sync.operations.status import Figures, Ledger, gather

# What has been due for so long is not waiting any more, it is stuck.
STUCK = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class FailedLine:
    """Rows that failed in the same way."""

    kind: str
    error: str
    rows: int
    query: str


def urls(site: admin.AdminSite) -> list[URLPattern]:
    """The addresses of both, to stand before the admin's own."""
    return [
        path("status/", site.admin_view(status), name="status"),
        path("plan/", site.admin_view(plan), name="plan"),
    ]


def menu() -> dict[str, Any]:
    """Both in the admin's menu, which takes them for models that can only be looked at."""
    pages = ((_("Status"), "status"), (_("Plan"), "plan"))
    return {
        "name": _("Operation"),
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
    """The figures of this moment; the page asks for them again by itself unless it is told to keep still."""
    _site_admins_only(request)
    figures = gather()
    htmx = HtmxDetails(request)
    is_fragment = bool(htmx) and not htmx.history_restore_request
    context = {
        **admin.site.each_context(request),
        "title": _("Status"),
        "figures": figures,
        "troubles": list(troubles(figures)),
        "failed": failed_lines(figures.ledger) if figures.ledger else [],
        "limits": {"second": settings.BLIZZARD_RATE_PER_SECOND, "hour": settings.BLIZZARD_RATE_PER_HOUR},
        "is_still": "still" in request.GET,
        "is_fragment": is_fragment,
    }
    return render(request, "sync/status.html#figures" if is_fragment else "sync/status.html", context)


@require_safe
def plan(request: HttpRequest) -> HttpResponse:
    """What `manage.py sync_plan` prints."""
    _site_admins_only(request)
    lines = planning.plan()
    allowed = planning.calls_allowed_a_day()
    calls = sum(line.calls_a_day for line in lines)
    context = {
        **admin.site.each_context(request),
        "title": _("Plan"),
        "lines": [(line, 100 * line.share) for line in lines],
        "calls": calls,
        "share": 100 * calls / allowed,
        "allowed": allowed,
        "fits": planning.fits(lines),
        "full": round(100 * planning.FULL),
    }
    return render(request, "sync/plan.html", context)


def troubles(figures: Figures) -> Iterator[str]:
    """What is wrong, a sentence each, the worst first."""
    if figures.ledger is None:
        yield _("The database does not answer.")
    else:
        yield from map(str, figures.ledger.dead)
    if figures.counts is None:
        yield _("Redis does not answer: nothing is sent to Battle.net.")
    elif figures.budget is None:
        yield _("The throttle does not answer: nothing is sent to Battle.net.")
    elif figures.budget.hour_left == 0:
        yield _("The hour's limit is spent.")
    yield from map(paused_text, figures.pauses or [])
    if figures.ledger is None:
        return
    oldest = figures.ledger.oldest_due
    if oldest is not None and figures.at - oldest > STUCK:
        yield _("Work has been due for %(span)s.") % {"span": timesince(oldest, figures.at, depth=1)}
    if count := figures.ledger.failed.total():
        yield ngettext("%(count)d thing failed.", "%(count)d things failed.", count) % {"count": count}


def paused_text(pause: Pause) -> str:
    """Return which kind of request is paused, and why."""
    statuses = ", ".join(map(str, pause.statuses))
    if not pause.endpoint:
        return _("All requests are paused: Battle.net refuses the application's id or token (HTTP %(statuses)s).") % {
            "statuses": statuses
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


def failed_lines(ledger: Ledger) -> list[FailedLine]:
    """What failed, the most first, each with the query that lists it in the admin."""
    return [
        FailedLine(
            kind=str(BlizzardJob.Kind(kind).label),
            error=error,
            rows=rows,
            query=f"state__exact=FAILED&kind__exact={kind}&error_kind={error}",
        )
        for (kind, error), rows in ledger.failed.most_common()
    ]


def _site_admins_only(request: HttpRequest) -> None:
    if not request.user.is_superuser:
        raise PermissionDenied
