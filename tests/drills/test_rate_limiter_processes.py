"""Many processes and threads, against a sandbox that counts requests."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis
from django.conf import settings

from sync.engine.rate_limiter import SECOND
from tests.battlenet import CHECKOUT, Sandbox
from tests.stack import PATIENCE, site_environment, wait_until
from tests.sync.windows import busiest

# A process whose threads send requests without pause after a line on stdin, and print how many.
DEMAND = """
import sys, threading, time
import django
django.setup()
from sync.engine.errors import ApiError
from sync.wow.provider import client_for
from sync.engine.rate_limiter import Lane
lane, threads, seconds = Lane[sys.argv[1]], int(sys.argv[2]), float(sys.argv[3])
client, answered, other = client_for(lane), [], []
print("ready", flush=True)
sys.stdin.readline()
until = time.monotonic() + seconds
def send():
    while time.monotonic() < until:
        try:
            client.connected_realm_ids("eu")
            answered.append(1)
        except ApiError as error:
            other.append(error)
            return
senders = [threading.Thread(target=send) for _ in range(threads)]
for one in senders: one.start()
for one in senders: one.join()
print(len(answered), len(other))
"""
# Requests per second that even a busy machine can send.
LOW_LIMIT = 40
Start = Callable[..., "list[subprocess.Popen[str]]"]


@pytest.fixture
def start_processes(sandbox: Sandbox) -> Iterator[Start]:
    """Start processes with threads, and let them begin together."""
    started: list[subprocess.Popen[str]] = []

    def start(*lanes: str, threads: int, seconds: float, **variables: str) -> "list[subprocess.Popen[str]]":
        environment = site_environment(sandbox.url) | {"DJANGO_SETTINGS_MODULE": "guildsite.settings"} | variables
        for lane in lanes:
            command = [sys.executable, "-c", DEMAND, lane, str(threads), str(seconds)]
            started.append(
                subprocess.Popen(
                    command, cwd=CHECKOUT, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
                )
            )
        for process in started:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in started:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        return started

    yield start
    for process in started:
        process.kill()
        process.communicate()


def result(processes: "list[subprocess.Popen[str]]") -> tuple[int, int]:
    """Return the number of responses and of errors."""
    counts = [process.communicate(timeout=PATIENCE)[0].split() for process in processes]
    return sum(int(answered) for answered, _ in counts), sum(int(other) for _, other in counts)


def busiest_second_of_slots() -> int:
    """Return the most slots within any second, by Redis's clock."""
    with redis.Redis.from_url(settings.REDIS_URL) as store:
        slots: Any = store.lrange("limiter:blizzard:slots", 0, -1)
    return busiest(sorted(int(slot) / SECOND for slot in slots))


def test_eight_processes_of_sixteen_threads_use_the_limit_and_never_exceed_it(
    start_processes: Start, sandbox: Sandbox
) -> None:
    lanes = ["INTERACTIVE", "BACKGROUND"] * 4
    answered, other = result(start_processes(*lanes, threads=16, seconds=4, BLIZZARD_RATE_PER_SECOND=str(LOW_LIMIT)))
    stats = sandbox.stats()
    print(f"\n{answered} answers, {stats['refused']} refused, busiest second {stats['busiest_second']}")
    assert other == 0
    assert busiest_second_of_slots() <= LOW_LIMIT
    # Requests that a busy machine delays arrive together with later ones.
    assert stats["busiest_second"] <= LOW_LIMIT * 1.1
    assert answered >= LOW_LIMIT * 3.6


def test_repeated_wipes_of_redis_never_exceed_a_limit(start_processes: Start, sandbox: Sandbox) -> None:
    processes = start_processes(*["INTERACTIVE"] * 4, threads=8, seconds=30, BLIZZARD_RATE_PER_HOUR="300")
    with redis.Redis.from_url(settings.REDIS_URL) as store:
        for sent in (40, 90, 140):
            wait_until(lambda sent=sent: sandbox.stats()["requests"] >= sent)  # type: ignore[misc]
            store.delete("limiter:blizzard:slots", "limiter:blizzard:state")
    answered, _ = result(processes)
    stats = sandbox.stats()
    print(f"\n{answered} answers, {stats['refused']} refused, busiest second {stats['busiest_second']}")
    assert stats["refused"] == 0
    assert stats["busiest_second"] <= 100
    # Each wipe loses the slots of sleeping callers, and about a block.
    assert 100 <= answered <= 300
