"""When the game resets: every day at 17:00 UTC, at which vendors restock; on Tuesdays the week begins."""

from datetime import datetime, timedelta

HOUR = 17
TUESDAY = 1
# After a reset, Bungie shows the new dates before the new stock, for some minutes (Bungie-net/api issue 1401).
SETTLES = timedelta(minutes=10)


def last_reset(now: datetime) -> datetime:
    """Return when the last daily reset was."""
    today = now.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    return today if today <= now else today - timedelta(days=1)


def week_began(now: datetime) -> datetime:
    """Return when the last weekly reset was."""
    day = last_reset(now)
    return day - timedelta(days=(day.weekday() - TUESDAY) % 7)
