"""What was asked of the sandbox: the figures by which a client's manners are judged."""

from collections import Counter, deque
from typing import Any

from sandbox.limits import HOUR, SECOND

_TOP_PATHS = 20


class _Busiest:
    """The most arrivals within any window of the length."""

    def __init__(self, length: float) -> None:
        self._length = length
        self._arrivals: deque[float] = deque()
        self.most = 0

    def arrive(self, now: float) -> None:
        arrivals = self._arrivals
        arrivals.append(now)
        while arrivals[0] <= now - self._length:
            arrivals.popleft()
        self.most = max(self.most, len(arrivals))


class Stats:
    """Counts API requests, refused ones included; requests to OAuth are counted apart, by endpoint."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget everything counted so far."""
        self.requests = 0
        self.by_endpoint: Counter[str] = Counter()
        self.by_status: Counter[int] = Counter()
        self.by_path: Counter[str] = Counter()
        self.oauth: Counter[str] = Counter()
        self._second = _Busiest(SECOND)
        self._hour = _Busiest(HOUR)

    def count_request(self, now: float) -> None:
        """Count an API request at the time (of a monotonic clock) it came."""
        self.requests += 1
        self._second.arrive(now)
        self._hour.arrive(now)

    def count_response(self, endpoint: str, path: str, status: int) -> None:
        """Count the answer to an API request."""
        self.by_endpoint[endpoint] += 1
        self.by_status[status] += 1
        self.by_path[path] += 1

    def count_oauth(self, endpoint: str, status: int) -> None:
        """Count a request to OAuth."""
        self.oauth[f"{endpoint} {status}"] += 1

    def as_json(self) -> dict[str, Any]:
        """All figures. ``requests`` may exceed the sum of the answers by those still waiting for theirs."""
        return {
            "requests": self.requests,
            "by_endpoint": dict(sorted(self.by_endpoint.items())),
            "by_status": {str(status): count for status, count in sorted(self.by_status.items())},
            "busiest_second": self._second.most,
            "busiest_hour": self._hour.most,
            "refused": self.by_status[429],
            "unauthorized": self.by_status[401],
            "by_path": dict(self.by_path.most_common(_TOP_PATHS)),
            "oauth": dict(sorted(self.oauth.items())),
        }
