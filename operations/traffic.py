"""Counts of requests and tasks, with their times: in this process first, then in Redis for all processes together.

A count costs a request no step in Redis, and none is lost while Redis is away. What a killed process counted in its
last seconds is lost.
"""

import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import redis

# Upper bounds of the histogram in seconds.
BOUNDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, float("inf"))
SECONDS, OUTCOME, BUCKET = "seconds", "outcome", "bucket"


@dataclass(frozen=True, slots=True)
class Totals:
    """The counts of all processes: by name and outcome, and by name the sum of seconds and the histogram."""

    outcomes: "Counter[tuple[str, str]]" = field(default_factory=Counter)
    seconds: dict[str, float] = field(default_factory=dict)
    buckets: "Counter[tuple[str, float]]" = field(default_factory=Counter)

    def histogram(self, name: str) -> list[tuple[str, float]]:
        """Return the cumulative counts below each bound, as Prometheus wants them."""
        total, lines = 0, []
        for bound in BOUNDS:
            total += self.buckets[name, bound]
            lines.append((f"{bound:g}".replace("inf", "+Inf"), float(total)))
        return lines


class Traffic:
    """Counts of one sort of work, such as requests. Threads may share it."""

    def __init__(self, sort: str) -> None:
        self._key = f"metrics:traffic:{sort}"
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()
        self._seconds: dict[str, float] = {}

    def count(self, name: str, outcome: str, seconds: float) -> None:
        """Count one, such as a view with its status, or a task with its state."""
        bound = BOUNDS[bisect_left(BOUNDS, seconds)]
        with self._lock:
            self._counts[f"{OUTCOME} {outcome} {name}"] += 1
            self._counts[f"{BUCKET} {bound} {name}"] += 1
            self._seconds[name] = self._seconds.get(name, 0.0) + seconds

    def flush(self, connection: redis.Redis) -> None:
        """Add the counts to those in Redis. Raises RedisError; then they are kept for the next time."""
        with self._lock:
            counts, seconds = self._counts, self._seconds
            self._counts, self._seconds = Counter(), {}
        try:
            with connection.pipeline(transaction=True) as step:
                for name, count in counts.items():
                    step.hincrby(self._key, name, count)
                for name, sum_of_seconds in seconds.items():
                    step.hincrbyfloat(self._key, f"{SECONDS} - {name}", sum_of_seconds)
                step.execute()
        except redis.RedisError:
            self._put_back(counts, seconds)
            raise

    def totals(self, connection: redis.Redis) -> Totals:
        """Return the counts of all processes since Redis was last wiped. Raises RedisError."""
        totals = Totals()
        known: Mapping[bytes, bytes] = connection.hgetall(self._key)  # type: ignore[assignment, unused-ignore]
        for key, value in sorted(known.items()):
            what, detail, name = str(key, "utf-8").split(" ", 2)
            if what == SECONDS:
                totals.seconds[name] = float(value)
            elif what == OUTCOME:
                totals.outcomes[name, detail] = int(value)
            else:
                totals.buckets[name, float(detail)] = int(value)
        return totals

    def _put_back(self, counts: "Counter[str]", seconds: dict[str, float]) -> None:
        with self._lock:
            self._counts.update(counts)
            for name, sum_of_seconds in seconds.items():
                self._seconds[name] = self._seconds.get(name, 0.0) + sum_of_seconds


requests, tasks = Traffic("requests"), Traffic("tasks")
