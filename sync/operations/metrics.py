"""The figures for Prometheus. No label holds a name of a person, a character, a guild or a machine."""

from collections.abc import Iterator

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from sync.engine.circuit_breaker import Pause
from sync.engine.errors import ApiError
from sync.engine.rate_limiter import Budget
from sync.engine.request_metrics import Counts
from sync.models import BlizzardJob
from sync.operations.status import Figures, Ledger, gather

UNAUTHORIZED = 401


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """What the site is doing, for whoever knows METRICS_TOKEN; without one there is no such page."""
    if not settings.METRICS_TOKEN:
        raise Http404
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not constant_time_compare(token.strip(), settings.METRICS_TOKEN):
        return HttpResponse(status=UNAUTHORIZED, headers={"WWW-Authenticate": "Bearer"})
    registry = CollectorRegistry()
    registry.register(FiguresCollector(gather()))
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class FiguresCollector(Collector):
    """Figures of one moment in Prometheus' words; those that could not be had are left out."""

    def __init__(self, figures: Figures) -> None:
        self._figures = figures

    def collect(self) -> Iterator[Metric]:
        """Every family."""
        figures = self._figures
        up = GaugeMetricFamily("guildsite_up", "Whether the server that keeps the figures answers", labels=["server"])
        up.add_metric(["database"], figures.ledger is not None)
        up.add_metric(["redis"], figures.counts is not None)
        yield up
        if figures.counts is not None:
            yield from _of_counts(figures.counts)
        if figures.budget is not None:
            yield from _of_budget(figures.budget)
        if figures.pauses is not None:
            yield from _of_pauses(figures.pauses)
        if figures.ledger is not None:
            yield from _of_ledger(figures.ledger, figures)


def _of_counts(counts: Counts) -> Iterator[Metric]:
    sent = CounterMetricFamily(
        "guildsite_battlenet_requests", "Requests sent to Battle.net", labels=["endpoint", "status"]
    )
    for endpoint, status, count in counts.lines:
        sent.add_metric([endpoint, status], count)
    yield sent
    yield CounterMetricFamily("guildsite_battlenet_refused", "Requests answered with 429", counts.refused)
    yield CounterMetricFamily(
        "guildsite_battlenet_refused_alone", "Requests answered with 429 while others were not", counts.refused_alone
    )
    yield CounterMetricFamily("guildsite_battlenet_waits", "Requests that waited for their turn", counts.waits)
    yield CounterMetricFamily("guildsite_battlenet_wait_seconds", "How long they waited together", counts.waited)
    yield CounterMetricFamily(
        "guildsite_battlenet_handed_back", "Work put off because its turn was too far away", counts.handed_back
    )


def _of_budget(budget: Budget) -> Iterator[Metric]:
    left = GaugeMetricFamily("guildsite_battlenet_budget_left", "Requests that may still be sent", labels=["window"])
    left.add_metric(["second"], budget.second_left)
    left.add_metric(["hour"], budget.hour_left)
    yield left
    limit = GaugeMetricFamily("guildsite_battlenet_budget", "Requests that may be sent in all", labels=["window"])
    limit.add_metric(["second"], settings.BLIZZARD_RATE_PER_SECOND)
    limit.add_metric(["hour"], settings.BLIZZARD_RATE_PER_HOUR)
    yield limit
    yield GaugeMetricFamily("guildsite_battlenet_closed", "Whether a 429 keeps everybody waiting", budget.closed)


def _of_pauses(pauses: list[Pause]) -> Iterator[Metric]:
    yield GaugeMetricFamily(
        "guildsite_battlenet_paused_kinds",
        "Kinds of request that pause, since most are refused",
        len(pauses),
    )
    paused = GaugeMetricFamily(
        "guildsite_battlenet_paused",
        "Each kind; without endpoint: the token of the application",
        labels=["endpoint", "region"],
    )
    for one in pauses:
        paused.add_metric([one.endpoint, one.region], 1)
    yield paused


def _of_ledger(ledger: Ledger, figures: Figures) -> Iterator[Metric]:
    due = GaugeMetricFamily("guildsite_jobs_due", "Jobs that can run now", labels=["priority"])
    for one in ledger.due:
        due.add_metric([one.priority.name.lower()], one.rows)
    yield due
    waited = (figures.at - ledger.oldest_due).total_seconds() if ledger.oldest_due else 0.0
    yield GaugeMetricFamily("guildsite_jobs_oldest_due_seconds", "Age of the oldest due job", max(waited, 0.0))
    yield GaugeMetricFamily("guildsite_jobs_in_flight", "Jobs that are queued or running", ledger.in_flight)
    failed = GaugeMetricFamily("guildsite_jobs_failed", "Jobs that failed", labels=["kind", "error"])
    for (kind, error), count in sorted(ledger.failed.items()):
        failed.add_metric([kind, error or ApiError.kind], count)
    yield failed
    unreadable = GaugeMetricFamily(
        "guildsite_unreadable_entries", "Malformed entries that the last answers had", labels=["kind"]
    )
    for kind in BlizzardJob.Kind.values:
        unreadable.add_metric([kind], ledger.unreadable[kind])
    yield unreadable
    alive = GaugeMetricFamily("guildsite_workers_alive", "Workers that gave a sign of life lately", labels=["role"])
    for role, count in sorted(ledger.alive.items()):
        alive.add_metric([role], count)
    yield alive
    yield GaugeMetricFamily("guildsite_dead", "Workers, queues and schedulers that are missing", len(ledger.dead))
    if ledger.last_beat is not None:
        yield GaugeMetricFamily(
            "guildsite_beat_silent_seconds", "Since the scheduler's last sign of life", ledger.last_beat.total_seconds()
        )
