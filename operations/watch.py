"""A thread of the web processes and of the scheduler that watches the site, and tells operators what it finds.

Not a task: tasks need Redis, a scheduler and a worker, whose absence is what operators must be told. Every process
watches, since each sees another machine; what several find is told once.
"""

import logging
import random
import threading

from django.db import connections
from django.utils import timezone

from operations.health.watched import findings, gather_facts
from operations.notices import channels, services, without_database

logger = logging.getLogger(__name__)

# Seconds between two rounds of one process.
INTERVAL = 60.0


def start() -> None:
    """Watch from now on, unless there is nobody to tell."""
    if channels.configured():
        threading.Thread(target=_watch, name="watch", daemon=True).start()


def watch_once() -> None:
    """Look for findings once, and send what is due."""
    facts = gather_facts()
    found, now = list(findings(facts)), timezone.now()
    if facts.postgresql is None:
        without_database.tell(found[0], now=now)
        return
    without_database.end("database-down", now=now)
    services.observe(found, now=now)
    services.deliver(now=now)


def _watch() -> None:
    pause = threading.Event()
    # Not all processes at the same moment.
    pause.wait(random.uniform(0, INTERVAL))
    while True:
        try:
            watch_once()
        except Exception:
            # Whatever is broken: the next round can succeed.
            logger.exception("A round of watching failed.")
        finally:
            connections.close_all()
        pause.wait(INTERVAL)
