"""The rate limits of a client: requests per second and per hour."""

from collections import defaultdict, deque
from dataclasses import dataclass, field

SECOND, HOUR = 1.0, 3600.0


@dataclass(slots=True)
class Window:
    """An exact sliding window: at most ``limit`` admitted requests in ``length`` seconds."""

    length: float
    limit: int
    admitted: deque[float] = field(default_factory=deque)

    def is_full(self, now: float) -> bool:
        """Return whether another request at this monotonic time would be one too many."""
        while self.admitted and self.admitted[0] <= now - self.length:
            self.admitted.popleft()
        return len(self.admitted) >= self.limit

    def admit(self, now: float) -> bool:
        """Count the request and return True, or return False if the window is full."""
        if self.is_full(now):
            return False
        self.admitted.append(now)
        return True


class RateLimiter:
    """Exact sliding windows for each client id.

    A request over the limit is refused, and so is every later one until a second after the first request of the full
    window: "429 for the remainder of that second". The hourly limit refuses while its window is full. Refused requests
    do not count.
    """

    def __init__(self, per_second: int, per_hour: int) -> None:
        self.per_second = per_second
        self.per_hour = per_hour
        self._windows: defaultdict[str, tuple[Window, Window]] = defaultdict(self._new_windows)
        self._refused_until: defaultdict[str, float] = defaultdict(float)

    def _new_windows(self) -> tuple[Window, Window]:
        return Window(SECOND, self.per_second), Window(HOUR, self.per_hour)

    def admit(self, client_id: str, now: float) -> bool:
        """Return whether the client can make a request at this monotonic time, and if so count it."""
        if now < self._refused_until[client_id]:
            return False
        second, hour = self._windows[client_id]
        if second.is_full(now):
            self._refused_until[client_id] = second.admitted[0] + SECOND
            return False
        if hour.is_full(now):
            return False
        second.admitted.append(now)
        hour.admitted.append(now)
        return True

    def reset(self) -> None:
        """Empty all windows."""
        self._windows.clear()
        self._refused_until.clear()
