"""Request counters of a provider, shared by all processes through one hash in Redis.

They start at zero when Redis is wiped, which Prometheus expects of counters. The number of requests that must survive
a wipe is in PostgreSQL (`sync.engine.request_log`).
"""

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field

import redis
from redis.exceptions import RedisError

from sync.engine.circuit_breaker import CircuitBreaker
from sync.engine.protocols import RequestInfo

NO_RESPONSE = "none"
# An immediate slot takes less than this (seconds); anything longer is a wait.
AT_ONCE = 0.005
WAITS, WAITED, DEFERRED, REFUSED_ALONE = "waits", "waited", "deferred", "refused alone"
REFUSED = "429"


@dataclass(frozen=True, slots=True)
class Counts:
    """Requests by endpoint and status, waits for a slot, and deferred work, since Redis was last wiped.

    `refused_below_limit` counts the 429s for which only their own request waited.
    """

    requests: "Counter[tuple[str, str]]" = field(default_factory=Counter)
    waits: int = 0
    waited: float = 0.0
    deferred: int = 0
    refused_below_limit: int = 0

    @property
    def refused(self) -> int:
        return sum(count for (_, status), count in self.requests.items() if status == REFUSED)

    @property
    def lines(self) -> list[tuple[str, str, int]]:
        """Endpoint, status and requests, sorted by name."""
        return sorted((endpoint, status, count) for (endpoint, status), count in self.requests.items())


class RequestMetrics:
    """Satisfies `sync.engine.protocols.Metrics`: one step in Redis per request, which can't make it fail."""

    def __init__(self, connection: redis.Redis, provider: str, breaker: CircuitBreaker | None = None) -> None:
        self._redis = connection
        self._key = f"metrics:{provider}"
        self._breaker = breaker

    def sent(self, request: RequestInfo, status: int | None, waited: float) -> None:
        """Count a request by its endpoint, which contains no name, count its wait, and tell the circuit breaker."""
        with suppress(RedisError):
            step = self._redis.pipeline(transaction=False)
            step.hincrby(self._key, f"{status or NO_RESPONSE} {request.endpoint}", 1)
            if waited > AT_ONCE:
                step.hincrby(self._key, WAITS, 1)
                step.hincrbyfloat(self._key, WAITED, waited)
            is_recorded = self._breaker is not None and self._breaker.record(step, request, status)
            replies = step.execute(raise_on_error=False)
            if self._breaker is not None and is_recorded:
                self._breaker.learn(request, status, replies[-1])

    def deferred(self) -> None:
        self._count(DEFERRED)

    def refused_below_limit(self) -> None:
        """Count a 429 that came although there was room, while other requests were answered."""
        self._count(REFUSED_ALONE)

    def _count(self, name: str) -> None:
        with suppress(RedisError):
            self._redis.hincrby(self._key, name, 1)

    def counts(self) -> Counts:
        """Return all counters. Raises RedisError."""
        known = {str(name, "utf-8"): value for name, value in self._redis.hgetall(self._key).items()}  # type: ignore[arg-type]
        waits, deferred = int(known.pop(WAITS, 0)), int(known.pop(DEFERRED, 0))
        waited, refused_below_limit = float(known.pop(WAITED, 0)), int(known.pop(REFUSED_ALONE, 0))
        requests: Counter[tuple[str, str]] = Counter()
        for name, count in known.items():
            status, _, endpoint = name.partition(" ")
            requests[endpoint, status] = int(count)
        return Counts(requests, waits, waited, deferred, refused_below_limit)
