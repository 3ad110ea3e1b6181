"""The Celery application; its tasks live in `sync.tasks`."""

import os
from typing import Any

from celery import Celery
from celery.signals import task_postrun, task_prerun
from django.db import close_old_connections

from sync.heartbeats import watch_workers

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guildsite.settings")

app = Celery("guildsite")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
watch_workers(app)


# Celery itself would close the connection before and after every task, and a new one costs more than most tasks
# (CELERY_DB_REUSE_MAX keeps it from that). These close what is broken or too old, as after a request.
@task_prerun.connect
@task_postrun.connect
def keep_good_connections(task: Any, **kwargs: Any) -> None:
    """Let a thread of the worker go on with its connection to the database while that is sound."""
    # A task that runs within its caller uses the caller's connection.
    if not task.request.is_eager:
        close_old_connections()
