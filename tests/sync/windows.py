"""Windows of a rate limiter, and their usage."""

from bisect import bisect_left
from collections.abc import Sequence

from sync.engine.rate_limiter import Window

Windows = tuple[Window, ...]


def blizzard_windows(
    per_second: int = 100,
    per_hour: int = 36_000,
    reserve_per_second: int = 20,
    reserve_per_hour: int = 10,
    reserve_for_rights: int = 0,
) -> Windows:
    """Return the two windows of Battle.net."""
    return Window(per_second, 1, reserve_per_second), Window(per_hour, 3600, reserve_per_hour, reserve_for_rights)


def busiest(times: Sequence[float], window: float = 1.0) -> int:
    """Return the highest number of times in any window, start included and end excluded."""
    return max((bisect_left(times, start + window) - index for index, start in enumerate(times)), default=0)
