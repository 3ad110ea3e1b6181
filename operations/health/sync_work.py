"""Findings about the sync: processes that are missing, work that waits, requests that are refused."""

from collections.abc import Iterator
from datetime import timedelta

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils import timezone
from django.utils.text import slugify
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from operations.health.finding import Finding, Severity, error, hint, warning
from operations.status import ProviderStatus, SyncStatus
from sync.engine.circuit_breaker import WINDOW, Cause, Pause
from sync.engine.liveness import Liveness
from sync.engine.rate_limiter import Lane, Window

# A job that has been due for longer is stuck.
STUCK = timedelta(hours=2)
# Windows up to this many seconds are always full while there is much to do.
SHORT_WINDOW = 60
# So many failed jobs are more than a few odd characters.
MANY_FAILED = 25


def sync_findings(current: SyncStatus) -> Iterator[Finding]:
    """Yield what is wrong, the worst first. What follows from a server that does not answer is left out."""
    if current.liveness is not None:
        for one in current.liveness.missing:
            yield error(
                f"missing-{slugify(one.who)}",
                str(one),
                _("Start or restart it: all processes of the Procfile must run. Its log says why it stopped."),
            )
        for one in current.liveness.lost:
            yield warning(
                f"lost-{slugify(one.who)}",
                str(one),
                _("Nothing if others do its work. It is forgotten after a day, or when another one has replaced it."),
            )
        yield from _stuck_queues(current.liveness)
    for provider in current.providers:
        yield from _request_findings(provider)
        yield from _failures(provider)


def _stuck_queues(liveness: Liveness) -> Iterator[Finding]:
    now = timezone.now()
    for queue, age in liveness.oldest_due.items():
        if age > STUCK:
            span = timesince(now - age, now, depth=1)
            yield error(
                f"stuck-{queue}",
                _("Jobs in the queue %(queue)s have been due for %(span)s.") % {"queue": queue, "span": span},
                _("Look at the status page for what is missing, and at Capacity for whether the schedules fit."),
            )


def _request_findings(one: ProviderStatus) -> Iterator[Finding]:
    name, label = one.provider.name, one.provider.label
    if one.counts is not None and one.budget is None:
        yield error(
            f"limiter-{name}",
            _("The rate limiter does not answer: nothing is sent to %(provider)s.") % {"provider": label},
            _("It needs PostgreSQL and a Redis that accepts writes: check both."),
        )
    elif one.budget is not None:
        for window, left in zip(one.provider.windows, one.budget.left, strict=True):
            if window.left_for(Lane.INTERACTIVE, left) == 0 and window.seconds > SHORT_WINDOW:
                yield hint(
                    f"budget-{name}-{slugify(window.name)}",
                    _("No requests to %(provider)s are left of the %(limit)s per %(window)s.")
                    % {"provider": label, "limit": intcomma(window.requests), "window": label_of(window)},
                    _("Nothing: it continues automatically. If it is often so, see Capacity."),
                )
    for pause in one.pauses or []:
        yield _paused(one, pause)


def _paused(one: ProviderStatus, pause: Pause) -> Finding:
    """Return which kind of request is paused, and why."""
    values = {
        "provider": one.provider.label,
        "endpoint": pause.endpoint,
        "region": pause.region,
        "refused": pause.refused,
        "window": WINDOW,
        "statuses": ", ".join(f"HTTP {status}" if status else _("no answer") for status in pause.statuses),
    }
    if not pause.endpoint:
        return error(
            f"refused-{one.provider.name}",
            _("All requests are paused: %(provider)s refuses the application's id or token (%(statuses)s).") % values,
            _("Check the client id and secret in the settings against the provider's developer portal."),
        )
    if pause.cause is Cause.FAILURES:
        text = _("Requests to %(endpoint)s (%(region)s) are paused: the last %(refused)d failed (%(statuses)s).")
    else:
        text = _(
            "Requests to %(endpoint)s (%(region)s) are paused: %(refused)d of %(window)d answers were refusals"
            " (%(statuses)s)."
        )
    return warning(
        f"paused-{one.provider.name}",
        text % values,
        _("Nothing: a request every few minutes tests whether it works again. The data stays as it was."),
    )


def _failures(one: ProviderStatus) -> Iterator[Finding]:
    count = one.jobs.failed.total() if one.jobs else 0
    if count:
        yield Finding(
            f"failed-{one.provider.name}",
            Severity.WARNING if count >= MANY_FAILED else Severity.HINT,
            ngettext("%(count)d job failed.", "%(count)d jobs failed.", count) % {"count": count},
            _("Look at their errors on the status page; retry them there or with manage.py sync_failed --retry."),
        )


def label_of(window: Window) -> str:
    """Return the name of a window for pages."""
    names = {"second": _("second"), "minute": _("minute"), "hour": _("hour"), "day": _("day")}
    return names.get(window.name, window.name)
