"""Let the site's code run on an earlier day, so that everything it writes has the date of that day."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.utils import timezone


@contextmanager
def on(moment: datetime) -> Iterator[None]:
    """Make it `moment` for Django in this process until the block ends; time passes as usual meanwhile.

    PostgreSQL and Redis keep their own clocks, so leases and rate limits are not affected.
    """
    began, real_now = time.monotonic(), timezone.now
    timezone.now = lambda: moment + timedelta(seconds=time.monotonic() - began)
    try:
        yield
    finally:
        timezone.now = real_now
