"""(a) Requests per second through the whole pipeline: scheduler, dispatch, Celery, rate limiter, client, database.

Every job is a character known from a roster, whose details are fetched and written. The sandbox counts requests and
refuses those above the limit.
"""

import time
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from benchmarks import database, site
from benchmarks.battlenet import LATENCY_MS, Battlenet, battlenet
from benchmarks.report import progress, seconds, show
from sync.models import BlizzardJob

Kind, State, Priority = BlizzardJob.Kind, BlizzardJob.State, BlizzardJob.Priority

WORKERS, QUICK_WORKERS = (1, 2, 4), {"interactive": (1, 4), "background": (1,)}
GOAL = "≥ 95 %"
# Requests before the clock starts, so that processes have started and connections are open.
WARM_UP = 300
INTERACTIVE_SECONDS, BACKGROUND_SECONDS, QUICK_SECONDS = 60, 20, 10


@dataclass(frozen=True, slots=True)
class Load:
    """A load: jobs of one priority, the share of the limit they can use, and the duration."""

    name: str
    priority: int
    share: float
    seconds: int


@dataclass(frozen=True, slots=True)
class Rate:
    """The requests that arrived at the sandbox and the jobs done in one run."""

    per_second: float
    written_per_second: float
    busiest_second: int
    requests: int
    refused: int
    not_done: int
    worker_cpu: float


def main(*, quick: bool = False) -> None:
    """Print a row for each priority and number of workers."""
    limit, background = settings.BLIZZARD_RATE_PER_SECOND, 1 - settings.BLIZZARD_RESERVE_PER_SECOND / 100
    loads = (
        Load("interactive", Priority.INTERACTIVE, 1.0, QUICK_SECONDS if quick else INTERACTIVE_SECONDS),
        Load("background", Priority.LOW, background, QUICK_SECONDS if quick else BACKGROUND_SECONDS),
    )
    rows = []
    site.load_game_data()
    with battlenet("--world", "large") as server:
        database.clean()
        site.load_rosters(server, int(max(load.seconds for load in loads) * limit * 1.1) + 3 * WARM_UP)
        for load in loads:
            for workers in QUICK_WORKERS[load.name] if quick else WORKERS:
                progress(f"{load.name} jobs, {workers} worker processes, {load.seconds} s")
                rate = measure(server, load, workers)
                may = limit * load.share
                rows.append(
                    (
                        f"{load.name}, {load.seconds} s",
                        workers,
                        f"{rate.per_second:.1f}",
                        f"{may:.0f}",
                        f"{rate.per_second / may:.1%}",
                        GOAL,
                        f"{rate.written_per_second:.1f}",
                        seconds(rate.worker_cpu / rate.requests),
                        rate.busiest_second,
                        f"{rate.refused} of {rate.requests:,}",
                        rate.not_done,
                    )
                )
    show(
        f"Requests per second through the whole pipeline, {LATENCY_MS} ms latency",
        (
            "jobs",
            "workers",
            "per second",
            "allowed",
            "share",
            "goal",
            "jobs done/s",
            "worker CPU per request",
            "busiest second",
            "refused",
            "not done",
        ),
        rows,
        (
            "Another goal: at most 1 in 1,000 refused, and each of those retried (none not done). Interactive jobs can "
            "use the whole limit; background jobs leave a fifth of each second to interactive ones by design and are "
            "measured against the rest. A worker is one process of 32 threads, as in the Procfile.",
        ),
    )


def measure(server: Battlenet, load: Load, workers: int) -> Rate:
    """Measure with more due jobs than can be served, not counting the start of the processes."""
    _make_all_due(load.priority)
    database.clear_redis()
    server.reset()
    with site.processes(server, workers=workers) as supervisor:
        site.wait_until(lambda: bool(server.stats()["requests"] >= WARM_UP), what="the first requests")
        server.reset_stats()
        began, began_at, cpu = time.monotonic(), timezone.now(), site.worker_cpu(supervisor)
        time.sleep(load.seconds)
        stats = server.stats()
        elapsed = time.monotonic() - began
        cpu = site.worker_cpu(supervisor) - cpu
        during = (began_at, began_at + timedelta(seconds=elapsed))
        done = site.count_jobs(kind=Kind.PROFILE, state=State.RESTING, attempted_at__range=during)
        if not site.count_jobs(state__in=(State.DUE, State.QUEUED)):
            raise SystemExit("benchmarks: there were not enough jobs.")
    return Rate(
        per_second=stats["requests"] / elapsed,
        written_per_second=done / elapsed,
        busiest_second=stats["busiest_second"],
        requests=stats["requests"],
        refused=stats["refused"],
        not_done=site.count_jobs(http_status=429) + site.count_jobs(state=State.FAILED),
        worker_cpu=cpu,
    )


def _make_all_due(priority: int) -> None:
    site.forget_details()
    now = timezone.now()
    BlizzardJob.objects.exclude(kind=Kind.PROFILE).update(state=State.RESTING, next_due_at=None)
    BlizzardJob.objects.filter(kind=Kind.PROFILE).update(
        state=State.DUE, priority=priority, next_due_at=now, claimed_at=None, tries=0, error_kind="", http_status=None
    )
