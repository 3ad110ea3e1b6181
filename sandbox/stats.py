"""Request statistics: how well a client behaves."""

from collections import Counter, deque
from collections.abc import Mapping
from typing import Any

from sandbox.limits import HOUR, SECOND

_TOP_PATHS = 20


class _Busiest:
    """The highest number of requests within any window of this length."""

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
    """Counts of API requests, including refused ones; OAuth requests are counted separately.

    ``WINDOWS`` has the lengths of the windows of which the busiest one is told, in seconds.
    """

    WINDOWS: Mapping[str, float] = {"busiest_second": SECOND, "busiest_hour": HOUR}

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Set all counts to zero."""
        self.requests = 0
        self.by_endpoint: Counter[str] = Counter()
        self.by_status: Counter[int] = Counter()
        self.by_path: Counter[str] = Counter()
        self.oauth: Counter[str] = Counter()
        self._busiest = {name: _Busiest(length) for name, length in self.WINDOWS.items()}

    def count_request(self, now: float) -> None:
        """Count an API request that arrived at this monotonic time."""
        self.requests += 1
        for window in self._busiest.values():
            window.arrive(now)

    def count_response(self, endpoint: str, path: str, status: int) -> None:
        """Count the response to an API request."""
        self.by_endpoint[endpoint] += 1
        self.by_status[status] += 1
        self.by_path[path] += 1

    def count_oauth(self, endpoint: str, status: int) -> None:
        """Count an OAuth request."""
        self.oauth[f"{endpoint} {status}"] += 1

    def as_json(self) -> dict[str, Any]:
        """Return all counts. ``requests`` includes requests without a response yet."""
        return {
            "requests": self.requests,
            "by_endpoint": dict(sorted(self.by_endpoint.items())),
            "by_status": {str(status): count for status, count in sorted(self.by_status.items())},
            **{name: window.most for name, window in self._busiest.items()},
            "refused": self.by_status[429],
            "unauthorized": self.by_status[401],
            "by_path": dict(self.by_path.most_common(_TOP_PATHS)),
            "oauth": dict(sorted(self.oauth.items())),
        }
