"""HTTP dates in Battle.net's format: the day without a leading zero."""

import time
from calendar import timegm
from email.utils import parsedate_tz

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def http_date(moment: int) -> str:
    """Format epoch seconds as "Sat, 7 Mar 2020 09:41:14 GMT"."""
    t = time.gmtime(moment)
    clock = f"{t.tm_hour:02}:{t.tm_min:02}:{t.tm_sec:02}"
    return f"{_DAYS[t.tm_wday]}, {t.tm_mday} {_MONTHS[t.tm_mon - 1]} {t.tm_year} {clock} GMT"


def parse_http_date(text: str) -> int | None:
    """Parse a date, with or without a padded day, into epoch seconds; None if it is invalid."""
    parts = parsedate_tz(text)
    return timegm((*parts[:6], 0, 0, 0)) - (parts[9] or 0) if parts else None
