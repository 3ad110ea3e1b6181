"""The state of the sync for Prometheus. No label contains the name of a person, a character, a guild or a machine."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from operations.backup.history import BackupStatus
from operations.health.watched import gather_facts
from operations.site_metrics import SiteCollector, read_shared
from operations.status import ProviderStatus, SyncStatus
from sync.engine.errors import ApiError
from sync.engine.kinds import kinds_of
from sync.engine.liveness import Liveness
from sync.engine.request_metrics import Counts

UNAUTHORIZED = 401
Family = CounterMetricFamily | GaugeMetricFamily
Samples = Iterable[tuple[Sequence[str], float]]


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """All metrics, for requests with METRICS_TOKEN; if none is set, the page does not exist."""
    if not settings.METRICS_TOKEN:
        raise Http404
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not constant_time_compare(token.strip(), settings.METRICS_TOKEN):
        return HttpResponse(status=UNAUTHORIZED, headers={"WWW-Authenticate": "Bearer"})
    registry = CollectorRegistry()
    facts = gather_facts(outside=False)
    registry.register(StatusCollector(facts.sync))
    registry.register(SiteCollector(facts, read_shared()))
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class StatusCollector(Collector):
    """The metrics of one moment; those whose server does not answer are left out."""

    def __init__(self, status: SyncStatus) -> None:
        self._status = status

    def collect(self) -> Iterator[Metric]:
        status = self._status
        has_redis = all(one.counts is not None for one in status.providers)
        up = GaugeMetricFamily("guildsite_up", "Whether the server that stores the data answers", labels=["server"])
        up.add_metric(["database"], status.liveness is not None)
        up.add_metric(["redis"], has_redis)
        yield up
        for family, name, text, labels, samples in PER_PROVIDER:
            metric = family(f"guildsite_{name}", text, labels=["provider", *labels])
            for one in status.providers:
                for values, number in samples(one):
                    metric.add_metric([one.provider.name, *values], number)
            yield metric
        if status.liveness is not None:
            yield from _of_liveness(status.liveness)
        if status.backups is not None:
            yield from _of_backups(status.backups)


def _requests(status: ProviderStatus) -> Samples:
    return [((endpoint, code), number) for endpoint, code, number in status.counts.lines] if status.counts else []


def _of_counts(read: Callable[[Counts], float]) -> Callable[[ProviderStatus], Samples]:
    return lambda status: [((), read(status.counts))] if status.counts else []


def _budget_left(status: ProviderStatus) -> Samples:
    left = status.budget.left if status.budget else ()
    return [((window.name,), number) for window, number in zip(status.provider.windows, left, strict=False)]


def _budget(status: ProviderStatus) -> Samples:
    return [((window.name,), window.requests) for window in status.provider.windows]


def _blocked(status: ProviderStatus) -> Samples:
    return [((), status.budget.blocked)] if status.budget else []


def _paused_endpoints(status: ProviderStatus) -> Samples:
    return [] if status.pauses is None else [((), len(status.pauses))]


def _paused(status: ProviderStatus) -> Samples:
    return [((one.endpoint, one.region), 1) for one in status.pauses or []]


def _due(status: ProviderStatus) -> Samples:
    return [((one.priority.name.lower(),), one.rows) for one in status.jobs.due] if status.jobs else []


def _in_flight(status: ProviderStatus) -> Samples:
    return [((), status.jobs.in_flight)] if status.jobs else []


def _failed(status: ProviderStatus) -> Samples:
    failed = sorted(status.jobs.failed.items()) if status.jobs else []
    return [((kind, error or ApiError.kind), rows) for (kind, error), rows in failed]


def _unreadable(status: ProviderStatus) -> Samples:
    if status.jobs is None:
        return []
    return [((one.name,), status.jobs.unreadable[one.name]) for one in kinds_of(status.provider.name)]


# The class, the name, the help, the labels besides the provider, and the samples of a provider.
PER_PROVIDER: tuple[tuple[type[Family], str, str, list[str], Callable[[ProviderStatus], Samples]], ...] = (
    (CounterMetricFamily, "requests", "Requests sent", ["endpoint", "status"], _requests),
    (CounterMetricFamily, "requests_refused", "Requests answered with 429", [], _of_counts(lambda one: one.refused)),
    (
        CounterMetricFamily,
        "requests_refused_below_limit",
        "Requests answered with 429 while others were not",
        [],
        _of_counts(lambda one: one.refused_below_limit),
    ),
    (CounterMetricFamily, "request_waits", "Requests that waited for a slot", [], _of_counts(lambda one: one.waits)),
    (CounterMetricFamily, "request_wait_seconds", "Total time of waits", [], _of_counts(lambda one: one.waited)),
    (
        CounterMetricFamily,
        "deferred",
        "Work deferred: the queue was too long",
        [],
        _of_counts(lambda one: one.deferred),
    ),
    (GaugeMetricFamily, "budget_left", "Requests left in each window", ["window"], _budget_left),
    (GaugeMetricFamily, "budget", "Limit of requests in each window", ["window"], _budget),
    (GaugeMetricFamily, "blocked", "Whether a 429 blocks all requests", [], _blocked),
    (GaugeMetricFamily, "paused_endpoints", "Paused endpoints: most requests are refused", [], _paused_endpoints),
    (
        GaugeMetricFamily,
        "paused",
        "Each of them; empty: the application token",
        ["endpoint", "region"],
        _paused,
    ),
    (GaugeMetricFamily, "jobs_due", "Jobs that can run now", ["priority"], _due),
    (GaugeMetricFamily, "jobs_in_flight", "Jobs that are queued or running", [], _in_flight),
    (GaugeMetricFamily, "jobs_failed", "Failed jobs", ["kind", "error"], _failed),
    (GaugeMetricFamily, "unreadable_entries", "Malformed entries in the last responses", ["kind"], _unreadable),
)


def _of_liveness(liveness: Liveness) -> Iterator[Metric]:
    alive = GaugeMetricFamily("guildsite_workers_alive", "Workers with a recent heartbeat", labels=["role"])
    for role, count in sorted(liveness.alive.items()):
        alive.add_metric([role], count)
    yield alive
    missing = len(liveness.missing)
    yield GaugeMetricFamily(
        "guildsite_missing", "Workers, queues, schedulers and round trips that are missing", missing
    )
    for name, age in (("beat", liveness.beat), ("dispatch", liveness.dispatch)):
        if age is not None:
            yield GaugeMetricFamily(f"guildsite_{name}_age_seconds", f"Time since the last {name}", age.total_seconds())
    oldest = GaugeMetricFamily("guildsite_jobs_oldest_due_seconds", "Age of the oldest due job", labels=["queue"])
    for queue, age in liveness.oldest_due.items():
        oldest.add_metric([queue], age.total_seconds())
    yield oldest


def _of_backups(backups: BackupStatus) -> Iterator[Metric]:
    yield GaugeMetricFamily("guildsite_backup_failed", "Whether the last backup failed", bool(backups.error))
    if backups.age is not None:
        age = backups.age.total_seconds()
        yield GaugeMetricFamily("guildsite_backup_age_seconds", "Time since the newest backup", age)
