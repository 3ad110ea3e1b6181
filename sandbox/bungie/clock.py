"""Bungie's clock, which can be moved forward."""

import time
from datetime import UTC, datetime, timedelta

# What Bungie sends for "never".
NEVER = "9999-12-31T23:59:59.999Z"


class Clock:
    """The machine's clock plus the seconds that were added to it: tokens expire, vendors restock, caches go stale."""

    def __init__(self) -> None:
        self.added = 0.0
        self.started = self.date()

    def now(self) -> float:
        """Return epoch seconds."""
        return time.time() + self.added

    def date(self) -> datetime:
        """Return the moment in UTC."""
        return datetime.fromtimestamp(self.now(), UTC)

    def advance(self, seconds: float) -> None:
        """Move the clock forward; raise ValueError for a step back."""
        if seconds < 0:
            raise ValueError("the clock only moves forward")
        self.added += seconds

    def last_reset(self, weekday: int | None = None, seconds_ago: float = 0.0) -> datetime:
        """Return the last daily reset (17:00 UTC), or the last one on this weekday (Monday is 0).

        ``seconds_ago`` returns what it was so long ago.
        """
        moment = self.date() - timedelta(seconds=seconds_ago)
        reset = moment.replace(hour=17, minute=0, second=0, microsecond=0)
        if reset > moment:
            reset -= timedelta(days=1)
        while weekday is not None and reset.weekday() != weekday:
            reset -= timedelta(days=1)
        return reset


def timestamp(moment: datetime) -> str:
    """Format a moment as "2025-07-15T06:30:55Z"."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def minted(moment: datetime) -> str:
    """Format a moment as in ``responseMintedTimestamp``, to the millisecond."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"
