"""What the tests of the throttle measure."""

from bisect import bisect_left
from collections.abc import Sequence


def busiest(times: Sequence[float], window: float = 1.0) -> int:
    """The most of the ordered times in any window that includes its beginning but not its end."""
    return max((bisect_left(times, start + window) - index for index, start in enumerate(times)), default=0)
