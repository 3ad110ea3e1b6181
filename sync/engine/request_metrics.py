"""What became of the requests to Battle.net, counted over all processes of all machines in one hash in Redis.

The counts begin anew when Redis is wiped, which Prometheus knows of counters. What must be right after a wipe, how much
was sent, is in PostgreSQL (`sync.engine.request_log`).
"""

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field

import redis
from redis.exceptions import RedisError

from sync.engine.circuit_breaker import CircuitBreaker
from sync.engine.protocols import RequestInfo

KEY = "meter:battlenet"
NO_ANSWER = "none"
# A turn that came at once takes less (seconds); what is longer is a wait.
AT_ONCE = 0.005
WAITS, WAITED, HANDED_BACK, REFUSED_ALONE = "waits", "waited", "handed back", "refused alone"
REFUSED = "429"


@dataclass(frozen=True, slots=True)
class Counts:
    """Since Redis last began: requests by endpoint and status, waits for a turn, and work handed back instead.

    `refused_alone` counts the 429s that only their own request waited for.
    """

    requests: "Counter[tuple[str, str]]" = field(default_factory=Counter)
    waits: int = 0
    waited: float = 0.0
    handed_back: int = 0
    refused_alone: int = 0

    @property
    def refused(self) -> int:
        """How many Battle.net answered with 429."""
        return sum(count for (_, status), count in self.requests.items() if status == REFUSED)

    @property
    def lines(self) -> list[tuple[str, str, int]]:
        """Endpoint, status and requests, in the order of their names."""
        return sorted((endpoint, status, count) for (endpoint, status), count in self.requests.items())


class RedisMeter:
    """Satisfies `sync.engine.protocols.Meter`: one step in Redis for each request, and none that could fail it."""

    def __init__(self, connection: redis.Redis, breaker: CircuitBreaker | None = None) -> None:
        self._redis = connection
        self._breaker = breaker

    def sent(self, request: RequestInfo, status: int | None, waited: float) -> None:
        """Count a request by its endpoint, which holds no name, and its wait, and let the breaker hear of it."""
        with suppress(RedisError):
            step = self._redis.pipeline(transaction=False)
            step.hincrby(KEY, f"{status or NO_ANSWER} {request.endpoint}", 1)
            if waited > AT_ONCE:
                step.hincrby(KEY, WAITS, 1)
                step.hincrbyfloat(KEY, WAITED, waited)
            is_recorded = self._breaker is not None and self._breaker.record(step, request, status)
            replies = step.execute(raise_on_error=False)
            if self._breaker is not None and is_recorded:
                self._breaker.learn(request, status, replies[-1])

    def handed_back(self) -> None:
        """Count work that is done later."""
        self._count(HANDED_BACK)

    def refused_alone(self) -> None:
        """Count a 429 that came although there was room, while other requests were answered."""
        self._count(REFUSED_ALONE)

    def _count(self, name: str) -> None:
        with suppress(RedisError):
            self._redis.hincrby(KEY, name, 1)

    def counts(self) -> Counts:
        """All of it. Raises RedisError."""
        known = {str(name, "utf-8"): value for name, value in self._redis.hgetall(KEY).items()}  # type: ignore[arg-type]
        waits, handed_back = int(known.pop(WAITS, 0)), int(known.pop(HANDED_BACK, 0))
        waited, refused_alone = float(known.pop(WAITED, 0)), int(known.pop(REFUSED_ALONE, 0))
        requests: Counter[tuple[str, str]] = Counter()
        for name, count in known.items():
            status, _, endpoint = name.partition(" ")
            requests[endpoint, status] = int(count)
        return Counts(requests, waits, waited, handed_back, refused_alone)
