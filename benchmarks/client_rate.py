"""How much of 100 requests a second client and throttle use together, with 1, 2, 4 and 8 processes of 16 threads.

The judge is the sandbox, which counts what arrives: a request too many in any sliding second is refused with 429.
"""

import multiprocessing
import os
import re
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier
from typing import Any

import redis
import requests

from sync.blizzard.client import BlizzardClient, Credentials
from sync.throttle import Lane, Limits, Throttle

LIMITS = Limits(per_second=100, per_hour=36_000)
THREADS = 16
SECONDS = 8.0
LATENCY_MS = 120
NAME = "benchmark"


@dataclass(frozen=True, slots=True)
class Rate:
    """What arrived at the sandbox in one run."""

    processes: int
    per_second: float
    busiest_second: int
    refused: int


def main() -> None:
    """Print a line for each number of processes."""
    sandbox, address = _start_sandbox()
    try:
        print(f"Requests that arrive, {THREADS} threads a process, {LATENCY_MS} ms latency, {SECONDS:.0f} s each")
        print(f"{'processes':>9} {'per second':>11} {'of the limit':>13} {'busiest second':>15} {'refused':>8}")
        for processes in (1, 2, 4, 8):
            rate = measure(address, processes)
            share = rate.per_second / LIMITS.per_second
            print(f"{processes:>9} {rate.per_second:>11.1f} {share:>13.1%} {rate.busiest_second:>15} {rate.refused:>8}")
    finally:
        sandbox.terminate()
        sandbox.wait()


def measure(address: str, processes: int) -> Rate:
    """Unlimited demand for some seconds; the start of the processes is not counted."""
    connection = redis.Redis.from_url(os.environ["REDIS_URL"])
    connection.delete(f"throttle:{NAME}:turns", f"throttle:{NAME}:state")
    connection.close()
    context = multiprocessing.get_context("spawn")
    ready = context.Barrier(processes + 1)
    workers = [context.Process(target=_demand, args=(address, ready)) for _ in range(processes)]
    for worker in workers:
        worker.start()
    ready.wait()
    requests.post(f"{address}/_sandbox/reset", json={}, timeout=10).raise_for_status()
    began = time.monotonic()
    time.sleep(SECONDS)
    stats: Any = requests.get(f"{address}/_sandbox/stats", timeout=10).json()
    elapsed = time.monotonic() - began
    for worker in workers:
        worker.join()
    return Rate(processes, stats["requests"] / elapsed, stats["busiest_second"], stats["refused"])


def _demand(address: str, ready: Barrier) -> None:
    throttle = Throttle(redis.Redis.from_url(os.environ["REDIS_URL"]), LIMITS, Lane.PEOPLE, name=NAME)
    client = BlizzardClient(
        credentials=Credentials("sandbox-client", "sandbox-secret"),
        oauth_url=address,
        api_url=address,
        locale="en_US",
        gate=throttle,
        longest_wait=30,
    )
    client.realms("eu")
    ready.wait()
    end = time.monotonic() + SECONDS + 1

    def ask() -> None:
        while time.monotonic() < end:
            client.connected_realm_ids("eu")

    threads = [threading.Thread(target=ask) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _start_sandbox() -> tuple["subprocess.Popen[str]", str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox", "--port", "0", "--latency-ms", str(LATENCY_MS)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    found = re.search(r"http://[\d.:]+", process.stdout.readline())
    if found is None:
        raise SystemExit("The sandbox did not start.")
    return process, found[0]
