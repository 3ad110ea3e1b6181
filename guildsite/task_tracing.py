"""Logs and metrics of Celery tasks: the request id travels with a task, and each task is counted.

Celery itself logs a line when a task ends.
"""

import time
from typing import Any

from celery.signals import beat_init, before_task_publish, task_postrun, task_prerun, worker_ready

from guildsite import request_ids
from operations import traffic

REQUEST_ID = "request_id"


@before_task_publish.connect
def send_request_id(headers: dict[str, Any], **kwargs: Any) -> None:
    """Put the id of the request or task that sends a task into its headers."""
    headers[REQUEST_ID] = request_ids.current_id()


@task_prerun.connect
def take_request_id(task: Any, **kwargs: Any) -> None:
    """Let this thread work for the sender's id; what the scheduler sent begins with its own."""
    if not task.request.is_eager:
        request_ids.work_for(task.request.get(REQUEST_ID) or task.request.id)
        task.request.began = time.monotonic()


@task_postrun.connect
def count_task(task: Any, state: str, **kwargs: Any) -> None:
    """Count the task by name and state, with its time."""
    if not task.request.is_eager:
        traffic.tasks.count(task.name, state, time.monotonic() - task.request.began)


@worker_ready.connect
def report_worker(sender: Any, **kwargs: Any) -> None:
    """Report the counts of this worker, by the part of its name that is its role."""
    _report(sender.hostname.partition("@")[0], watches=False)


@beat_init.connect
def report_and_watch(**kwargs: Any) -> None:
    """Report the scheduler, which also tells operators what is wrong."""
    _report("beat", watches=True)


def _report(role: str, *, watches: bool) -> None:
    from operations import background  # needs the models, which this module is imported before

    background.start(role, watches=watches)
