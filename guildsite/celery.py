"""The Celery application; its tasks live in `sync.tasks`."""

import logging
import os
import random
import time
from typing import Any

from celery import Celery
from celery.signals import beat_init, import_modules, task_postrun, task_prerun, worker_init, worker_shutting_down
from django.conf import settings
from django.db import OperationalError, close_old_connections, connection

from guildsite import task_tracing  # noqa: F401  (connects its signals)
from guildsite.checks import require_no_errors
from guildsite.statement_timeouts import limit_statements
from sync.engine import shutdown
from sync.engine.database_pool import use_pool, warn_in_background

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guildsite.settings")

app = Celery("guildsite")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["consumer"].add("sync.engine.liveness:WorkerHeartbeat")


# Seconds that a task waits for PostgreSQL before it fails. Without waiting, workers would take everything from the
# queue during an outage, and lose it.
LONGEST_OUTAGE = 60
# A connection each for the schedules, the heartbeats and the watch.
SIZE_OF_BEAT = 3
logger = logging.getLogger(__name__)


@import_modules.connect
def require_valid_settings(**kwargs: Any) -> None:
    """End a worker or beat whose settings have errors, before it reads or writes anything."""
    # Others, such as `manage.py doctor`, load the tasks too.
    if app.loader.worker_initialized:
        require_no_errors()


@worker_init.connect
def connect_worker(**kwargs: Any) -> None:
    """Give a worker its pool of connections with their statement timeout, and wait for PostgreSQL."""
    _connect("worker", settings.DB_POOL_WORKER)


@beat_init.connect
def connect_beat(**kwargs: Any) -> None:
    """Do the same for beat, which would end without PostgreSQL."""
    # Models can only be imported now.
    from sync.destiny.schedules import keep_schedules

    _connect("beat", SIZE_OF_BEAT)
    keep_schedules()
    connection.close()


def _connect(kind: str, size: int) -> None:
    limit_statements(settings.DB_STATEMENT_TIMEOUT_WORKER)
    use_pool(kind, size)
    while not _is_connected():
        time.sleep(random.uniform(0.5, 1.0))
    connection.close()
    warn_in_background()


@worker_shutting_down.connect
def hand_jobs_back(**kwargs: Any) -> None:
    """Let running tasks end after their current request; a batch of slow ones would take minutes."""
    shutdown.begin()


# Celery itself would close the connection before and after every task, also in its caller (CELERY_DB_REUSE_MAX prevents
# that). These give the connection back to the pool, as Django does after a request.
@task_prerun.connect
def find_postgresql(task: Any, **kwargs: Any) -> None:
    """Wait until the thread of the worker is connected to the database."""
    # A task that runs in its caller uses the caller's connection.
    if task.request.is_eager:
        return
    close_old_connections()
    give_up = time.monotonic() + LONGEST_OUTAGE
    while not _is_connected() and time.monotonic() < give_up:
        time.sleep(random.uniform(0.5, 1.0))


@task_postrun.connect
def give_connection_back(task: Any, **kwargs: Any) -> None:
    """Give the connection of the thread back to the pool."""
    if not task.request.is_eager:
        close_old_connections()


def _is_connected() -> bool:
    try:
        # The check of an old connection that the first statement would make.
        connection.close_if_health_check_failed()
        connection.ensure_connection()
    except OperationalError as error:
        logger.warning("PostgreSQL cannot be reached: %s", type(error.__cause__ or error).__name__)
        return False
    return True
