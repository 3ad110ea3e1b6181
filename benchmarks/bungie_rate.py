"""Bungie's limit of 250 requests in any ten seconds: how many requests 4 processes send, and how many at most.

The sandbox counts, and refuses those above the limit. The slots of the rate limiter are counted by Redis's clock.
"""

import multiprocessing
import os
import threading
import time
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier
from typing import Any

import redis
import requests

from benchmarks import database
from benchmarks.battlenet import battlenet
from benchmarks.report import progress, show
from sync.engine.rate_limiter import SECOND

PROCESSES, THREADS = 4, 8
SECONDS, QUICK_SECONDS = 39.0, 19.0
LIMIT, WINDOW = 250, 10.0
SLOTS = "limiter:bungie:slots"
# The smallest answer that counts.
ENDPOINT = "/Settings/"


@dataclass(frozen=True, slots=True)
class Rate:
    """The requests that arrived at Bungie in one run, and the most slots in any ten seconds."""

    sent: int
    seconds: float
    busiest: int
    busiest_slots: int
    refused: int


def main(*, quick: bool = False) -> None:
    """Print one row: unlimited demand for some windows."""
    lasts = QUICK_SECONDS if quick else SECONDS
    database.clean()
    with battlenet() as server:
        use_bungie(server.url)
        progress(f"{PROCESSES} processes, {lasts:.0f} s")
        rate = measure(server.url, lasts)
    show(
        f"Bungie's limit: {PROCESSES} processes of {THREADS} threads send all they can for {rate.seconds:.0f} s",
        ("", "requests", "per second", "most in 10 s: slots", "most in 10 s: arrived", "allowed", "refused"),
        [
            (
                "the site's provider",
                rate.sent,
                f"{rate.sent / rate.seconds:.1f}",
                rate.busiest_slots,
                rate.busiest,
                LIMIT,
                rate.refused,
            )
        ],
        ("The limiter uses 230 of the 250: 10 are for sign-ins, which it does not count, and 10 for late arrivals.",),
    )


def use_bungie(url: str) -> None:
    """Let this process and those that it starts use the sandbox as Bungie."""
    from django.conf import settings

    from sync.destiny.provider import client_for

    values = {
        "BUNGIE_URL": url,
        "BUNGIE_CLIENT_ID": "40001",
        "BUNGIE_CLIENT_SECRET": "sandbox-secret",
        "BUNGIE_API_KEY": "sandbox-api-key",
    }
    os.environ.update(values)
    for name, value in values.items():
        setattr(settings, name, value)
    settings.DESTINY_ENABLED = True
    client_for.cache_clear()


def measure(url: str, lasts: float) -> Rate:
    """Measure unlimited demand for some seconds, not counting the start of the processes."""
    context = multiprocessing.get_context("spawn")
    ready = context.Barrier(PROCESSES + 1)
    workers = [context.Process(target=_demand, args=(ready, lasts)) for _ in range(PROCESSES)]
    for worker in workers:
        worker.start()
    ready.wait()
    requests.post(f"{url}/_sandbox/reset", json={}, timeout=10).raise_for_status()
    time.sleep(lasts)
    sent = _stats(url)["requests"]
    for worker in workers:
        worker.join()
    stats = _stats(url)
    with redis.Redis.from_url(os.environ["REDIS_URL"]) as store:
        slots: Any = store.lrange(SLOTS, 0, -1)
    times = sorted(int(slot) / SECOND for slot in slots)
    return Rate(sent, lasts, stats["busiest_10_seconds"], busiest(times), stats["refused"])


def _stats(url: str) -> Any:
    return requests.get(f"{url}/_sandbox/bungie/stats", timeout=10).json()


def busiest(times: list[float]) -> int:
    """Return the most of these sorted times within any window."""
    first = most = 0
    for last, moment in enumerate(times):
        while times[first] <= moment - WINDOW:
            first += 1
        most = max(most, last - first + 1)
    return most


def _demand(ready: Barrier, lasts: float) -> None:
    import django

    django.setup()
    from sync.destiny.provider import client_for
    from sync.engine.errors import ApiError
    from sync.engine.rate_limiter import Lane

    client = client_for(Lane.INTERACTIVE)
    ready.wait()
    end = time.monotonic() + lasts

    def ask() -> None:
        while time.monotonic() < end:
            try:
                client.get(ENDPOINT, dict)
            except ApiError:
                time.sleep(0.1)

    threads = [threading.Thread(target=ask) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
