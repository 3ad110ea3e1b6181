"""The thread of each process that reports its counts, and in web and scheduler also watches the site."""

import logging
import secrets
import threading
from collections.abc import Callable

from django.db import connections
from redis.exceptions import RedisError

from operations import process_metrics, traffic, watch
from operations.health.redis_server import connect

logger = logging.getLogger(__name__)

# Seconds between two reports.
INTERVAL = 10.0


def start(role: str, *, watches: bool) -> None:
    """Report from now on; watch if there is somebody to tell."""
    number = secrets.token_hex(3)
    _start("report", INTERVAL, lambda: report(role, number))
    if watches and watch.is_wanted():
        _start("watch", watch.INTERVAL, watch.watch_once)


def report(role: str, number: str) -> None:
    """Add this process's counts to those of all. While Redis is away, they are kept."""
    try:
        with connect() as connection:
            traffic.requests.flush(connection)
            traffic.tasks.flush(connection)
            process_metrics.report(connection, role, number)
    except RedisError as failure:
        logger.debug("The counts could not be reported: %s", type(failure).__name__)


def _start(name: str, interval: float, step: Callable[[], None]) -> None:
    def repeat() -> None:
        pause = threading.Event()
        while not pause.wait(interval):
            try:
                step()
            except Exception:
                # Whatever is broken: the next time it can succeed.
                logger.exception("The thread %s failed; it goes on.", name)
            finally:
                connections.close_all()

    threading.Thread(target=repeat, name=name, daemon=True).start()
