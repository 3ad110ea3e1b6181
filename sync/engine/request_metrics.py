"""Request counters of a provider, shared by all processes through one hash in Redis.

They start at zero when Redis is wiped, which Prometheus expects of counters. The number of requests that must survive
a wipe is in PostgreSQL (`sync.engine.request_log`).
"""

import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field

import redis
from redis.exceptions import RedisError

from sync.engine.circuit_breaker import HTTP_ERRORS, CircuitBreaker
from sync.engine.protocols import RequestInfo

NO_RESPONSE = "none"
# An immediate slot takes less than this (seconds); anything longer is a wait.
AT_ONCE = 0.005
# Good responses are written together after so many seconds; all others at once, with those before them.
WRITTEN_EVERY = 0.25
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


@dataclass(frozen=True, slots=True)
class _Sent:
    request: RequestInfo
    status: int | None
    waited: float
    retry_after: float


class RequestMetrics:
    """Satisfies `sync.engine.protocols.Metrics`: one step in Redis for a moment's requests, which can't make them fail.

    A worker that dies takes what it counted in that moment along.
    """

    def __init__(self, connection: redis.Redis, provider: str, breaker: CircuitBreaker | None = None) -> None:
        self._redis = connection
        self._key = f"metrics:{provider}"
        self._breaker = breaker
        self._lock = threading.Lock()
        self._unwritten: list[_Sent] = []
        self._written_at = time.monotonic()

    def sent(self, request: RequestInfo, status: int | None, waited: float, retry_after: float = 0.0) -> None:
        """Count a request by its endpoint, which contains no name, count its wait, and tell the circuit breaker."""
        with self._lock:
            self._unwritten.append(_Sent(request, status, waited, retry_after))
        is_good = status is not None and status < HTTP_ERRORS and not request.probes
        if not is_good or time.monotonic() - self._written_at > WRITTEN_EVERY:
            self.flush()

    def flush(self) -> None:
        """Write what was not written yet."""
        with self._lock:
            some, self._unwritten = self._unwritten, []
            self._written_at = time.monotonic()
        if some:
            with suppress(RedisError):
                self._write(some)

    def _write(self, some: "list[_Sent]") -> None:
        step = self._redis.pipeline(transaction=False)
        for name, count in Counter(f"{one.status or NO_RESPONSE} {one.request.endpoint}" for one in some).items():
            step.hincrby(self._key, name, count)
        if waits := [one.waited for one in some if one.waited > AT_ONCE]:
            step.hincrby(self._key, WAITS, len(waits))
            step.hincrbyfloat(self._key, WAITED, sum(waits))
        breaker = self._breaker
        recorded = [
            one
            for one in some
            if breaker is not None and breaker.record(step, one.request, one.status, one.retry_after)
        ]
        replies = step.execute(raise_on_error=False)
        if breaker is not None:
            for one, reply in zip(recorded, replies[len(replies) - len(recorded) :], strict=True):
                breaker.learn(one.request, one.status, reply)

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
