"""Watching the site, and telling operators what is found; a thread of the web processes and of the scheduler does it.

Not a task: tasks need Redis, a scheduler and a worker, whose absence is what operators must be told. Every process
watches, since each sees another machine; what several find is told once.
"""

from datetime import timedelta

from django.utils import timezone

from operations.health.watched import findings, gather_facts
from operations.notices import channels, services, without_database

# Seconds between two rounds of one process.
INTERVAL = 60.0


def is_wanted() -> bool:
    """Return whether there is somebody to tell."""
    return bool(channels.configured())


def watch_once() -> None:
    """Look for findings once, and send what is due."""
    facts = gather_facts()
    found, now = list(findings(facts)), timezone.now()
    if facts.postgresql is None or facts.postgresql.refuses:
        without_database.tell(found[0], now=now)
        return
    # The same clock for all machines: a message is claimed for a minute.
    now += timedelta(seconds=facts.postgresql.clock_offset)
    without_database.end(now=now)
    services.observe(found, now=now)
    services.deliver(now=now)
