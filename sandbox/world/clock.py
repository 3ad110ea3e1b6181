"""The world's calendar: a day that advances on request, and moments that never run ahead of the machine's clock."""

import time

DAY = 86_400
PATCH = "12.1.0"
FIRST_BUILD = 68_914
BUILDS_APART = 137
DAYS_PER_BUILD = 7


class Clock:
    """``anchor`` is the midnight (UTC, epoch seconds) on which the world begins, ``build_moment`` the time at which
    the present build came out: the Last-Modified of all static documents."""

    def __init__(self, anchor: int) -> None:
        self.anchor = anchor
        self.day = 0
        self.build_moment = anchor - 3 * DAY
        self._ticks = 0

    @property
    def build(self) -> str:
        """What static namespaces resolve to; a new one comes every seven days."""
        return f"{PATCH}_{FIRST_BUILD + BUILDS_APART * (self.day // DAYS_PER_BUILD)}"

    @property
    def now(self) -> int:
        """The midnight with which the present day began (epoch seconds)."""
        return self.anchor + self.day * DAY

    def moment(self) -> int:
        """A time for a change that happens now.

        The world's own time is used as long as it is past, so that a world that began on a fixed day is the same
        to the second each time; a world advanced into the future takes the machine's time instead, because no
        real answer was ever last modified tomorrow.
        """
        self._ticks += 1
        return min(int(time.time()), self.now + self._ticks)

    def next_day(self) -> None:
        """Let the world's midnight pass."""
        self.day += 1
        if self.day % DAYS_PER_BUILD == 0:
            self.build_moment = max(self.moment(), self.build_moment + 1)
