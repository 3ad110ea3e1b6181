"""Metrics of the site beyond the sync: requests, tasks, servers, processes and findings."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from redis.exceptions import RedisError

from operations import traffic
from operations.health.finding import Severity
from operations.health.postgresql import PostgreSQL
from operations.health.redis_server import RedisServer, connect
from operations.health.watched import Facts, findings
from operations.process_metrics import Process, processes
from operations.traffic import Totals


@dataclass(frozen=True, slots=True)
class Shared:
    """The counts of all processes."""

    requests: Totals = field(default_factory=Totals)
    tasks: Totals = field(default_factory=Totals)
    processes: list[Process] = field(default_factory=list)


def read_shared() -> Shared:
    """Read it from Redis; without Redis it is empty."""
    try:
        with connect() as connection:
            return Shared(traffic.requests.totals(connection), traffic.tasks.totals(connection), processes(connection))
    except RedisError:
        return Shared()


class SiteCollector(Collector):
    """The metrics of one moment; those whose server does not answer have no samples."""

    def __init__(self, facts: Facts, shared: Shared) -> None:
        self._facts = facts
        self._shared = shared

    def collect(self) -> Iterator[Metric]:
        shared = self._shared
        yield from _traffic("http_requests", "HTTP requests", "view", "status", shared.requests)
        yield from _traffic("tasks", "Tasks that ended", "task", "state", shared.tasks)
        yield from _of_processes(shared.processes)
        yield from _of_postgresql(self._facts.postgresql)
        yield from _of_redis(self._facts.redis)
        yield _of_findings(self._facts)


def _traffic(name: str, text: str, who: str, outcome: str, totals: Totals) -> Iterator[Metric]:
    counts = CounterMetricFamily(f"guildsite_{name}", text, labels=[who, outcome])
    for (one, result), number in sorted(totals.outcomes.items()):
        counts.add_metric([one, result], number)
    yield counts
    times = HistogramMetricFamily(f"guildsite_{name}_seconds", f"{text}: their time", labels=[who])
    for one, total in sorted(totals.seconds.items()):
        times.add_metric([one], totals.histogram(one), total)
    yield times


def _of_processes(found: list[Process]) -> Iterator[Metric]:
    labels = ["role", "process"]
    memory = GaugeMetricFamily("guildsite_process_resident_memory_bytes", "Memory of a process", labels=labels)
    files = GaugeMetricFamily("guildsite_process_open_files", "Open files of a process", labels=labels)
    seconds = CounterMetricFamily("guildsite_process_cpu_seconds", "Processor time of a process", labels=labels)
    for one in found:
        memory.add_metric([one.role, one.number], one.memory)
        files.add_metric([one.role, one.number], one.open_files)
        seconds.add_metric([one.role, one.number], one.processor_seconds)
    yield from (memory, files, seconds)


def _of_postgresql(server: PostgreSQL | None) -> Iterator[Metric]:
    if server is None:
        return
    yield GaugeMetricFamily("guildsite_database_connections", "Open connections to PostgreSQL", server.connections)
    yield GaugeMetricFamily("guildsite_database_connections_left", "Connections left", server.connections_left)
    yield GaugeMetricFamily("guildsite_database_size_bytes", "Size of the database", server.size)
    yield CounterMetricFamily("guildsite_database_commits", "Transactions that were committed", server.commits)
    yield CounterMetricFamily("guildsite_database_rollbacks", "Transactions that were rolled back", server.rollbacks)
    yield CounterMetricFamily("guildsite_database_deadlocks", "Deadlocks", server.deadlocks)


def _of_redis(server: RedisServer | None) -> Iterator[Metric]:
    if server is None:
        return
    yield GaugeMetricFamily("guildsite_redis_memory_bytes", "Memory that Redis uses", server.memory)
    yield GaugeMetricFamily("guildsite_redis_max_memory_bytes", "Memory that Redis can use; 0: any", server.max_memory)
    yield GaugeMetricFamily("guildsite_redis_clients", "Connections to Redis", server.clients)
    yield CounterMetricFamily("guildsite_redis_evicted_keys", "Keys that Redis deleted for memory", server.evicted)
    waiting = GaugeMetricFamily("guildsite_queue_length", "Tasks that wait for a worker", labels=["queue"])
    for queue, length in server.queues.items():
        waiting.add_metric([queue], length)
    yield waiting


def _of_findings(facts: Facts) -> Metric:
    """Return how many things are wrong, as the status page and notices name them."""
    counts = Counter(one.severity for one in findings(facts))
    family = GaugeMetricFamily("guildsite_findings", "Things that are wrong; see /admin/status/", labels=["severity"])
    for severity in Severity:
        family.add_metric([severity], counts[severity])
    return family
