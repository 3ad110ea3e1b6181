"""The time of Redis, in seconds of this process's monotonic clock."""

import threading

# How much two clocks can drift apart, in seconds per second.
DRIFT = 0.001


class RedisClock:
    """Bounds between which Redis answered, narrowed by earlier answers that took less time.

    When the processor is busy, an answer can take longer than a slot can be late. Then it tells little about when Redis
    gave it, but the clocks have not moved since the last quick one.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # Redis's clock minus ours lies between these, as of the time of the last answer.
        self._low, self._high, self._at = float("-inf"), float("inf"), 0.0

    def narrow(self, asked: float, answered: float, moment: float) -> tuple[float, float]:
        """Return the bounds of when it was `moment` for Redis, which was between `asked` and `answered`."""
        with self._lock:
            drift = max(answered - self._at, 0) * DRIFT
            low, high = max(self._low - drift, moment - answered), min(self._high + drift, moment - asked)
            if low > high:
                # Somebody set one of the clocks.
                low, high = moment - answered, moment - asked
            self._low, self._high, self._at = low, high, answered
            return moment - high, moment - low
