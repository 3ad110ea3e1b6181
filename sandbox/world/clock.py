"""The world's clock: a day that advances on request, and timestamps that are never in the future."""

import time

DAY = 86_400
PATCH = "12.1.0"
FIRST_BUILD = 68_914
BUILDS_APART = 137
DAYS_PER_BUILD = 7


class Clock:
    """The world's time, in epoch seconds.

    ``anchor`` is the midnight (UTC) on which the world begins; ``build_moment`` is the release time of the current
    build, and the Last-Modified of all static documents.
    """

    def __init__(self, anchor: int) -> None:
        self.anchor = anchor
        self.day = 0
        self.build_moment = anchor - 3 * DAY
        self._ticks = 0

    @property
    def build(self) -> str:
        """Return the build that static namespaces resolve to; there is a new one every seven days."""
        return f"{PATCH}_{FIRST_BUILD + BUILDS_APART * (self.day // DAYS_PER_BUILD)}"

    @property
    def now(self) -> int:
        """Return the midnight at which the current day began."""
        return self.anchor + self.day * DAY

    def moment(self) -> int:
        """Return a timestamp for a change that happens now.

        This is the world's own time while that is in the past, so that a world with a fixed first day is the same
        to the second each time, and the machine's time otherwise, because nothing is last modified in the future.
        """
        self._ticks += 1
        return min(int(time.time()), self.now + self._ticks)

    def next_day(self) -> None:
        """Advance the clock by one day."""
        self.day += 1
        if self.day % DAYS_PER_BUILD == 0:
            self.build_moment = max(self.moment(), self.build_moment + 1)
