"""Send due jobs to the workers: as much as the budget serves soon, the most urgent first.

The jobs in PostgreSQL are the queue. Redis only carries the messages, and can lose them: a claim that did not finish
in time is due again, and at once after Redis was wiped or restarted.
"""

import logging
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

import redis
from celery import current_app
from django.conf import settings
from django.db.models import Q
from kombu.exceptions import OperationalError

from sync.engine import claims
from sync.engine.jobs import Job, JobQuerySet
from sync.engine.kinds import JobKind, all_kinds, kinds_of
from sync.engine.outages import end_outages, resume_paused
from sync.engine.providers import Provider, providers
from sync.engine.rate_limiter import Lane
from sync.engine.servers import reason_of

logger = logging.getLogger(__name__)

TASK = "sync.tasks.run_jobs"
# Seconds of work that can wait in Redis: enough to keep the workers busy until the next dispatch, few enough that
# interactive jobs wait only a moment.
SECONDS_AHEAD = 10
# Interactive jobs are split into this many tasks, which at the usual latency use all of the budget. More
# would only hold each other up in the worker, until slots are missed.
SIDE_BY_SIDE = 20
# Where Redis keeps which run of it carries our messages.
REDIS_RUN = "dispatch:redis_run"


@dataclass(frozen=True, slots=True)
class Message:
    """Some claimed jobs of one kind, for the task `sync.tasks.run_jobs`."""

    provider: str
    kind: str
    job_ids: tuple[str, ...]
    claim: str
    queue: str

    @property
    def args(self) -> tuple[str, str, tuple[str, ...], str]:
        return self.provider, self.kind, self.job_ids, self.claim


def dispatch() -> int:
    """Send due jobs to the workers, at most as many as the budget serves soon; returns how many."""
    if not _redis_answers():
        return 0
    return sum(_dispatch(provider) for provider in providers())


def _dispatch(provider: Provider[object]) -> int:
    end_outages(provider)
    shortest = min(provider.windows, key=lambda window: window.seconds)
    most = int(shortest.requests * SECONDS_AHEAD / shortest.seconds)
    in_background = _room_in_background(provider, most)
    jobs: JobQuerySet[Job] = JobQuerySet(provider.jobs)
    if in_background == most:
        return _claim_and_send(jobs, most)
    urgent = _is_urgent(provider)
    return _claim_and_send(jobs.filter(urgent), most) + _claim_and_send(jobs.exclude(urgent), in_background)


def _room_in_background(provider: Provider[object], most: int) -> int:
    """Return how many background requests the long windows allow soon, at most so many."""
    try:
        return min(provider.rate_limiter(Lane.BACKGROUND).room(SECONDS_AHEAD), most)
    except ConnectionError:
        # Nothing can be sent until it answers.
        return 0


def _is_urgent(provider: Provider[object]) -> Q:
    """Return the condition for jobs that run when the background has used its part of the limits.

    It names priorities, by which due jobs are indexed: jobs of a kind that carries rights become due with a high one.
    """
    carry_rights = [kind.name for kind in kinds_of(provider.name) if kind.carries_rights]
    return Q(priority=Job.Priority.INTERACTIVE) | Q(priority=Job.Priority.HIGH, kind__in=carry_rights)


def _claim_and_send(jobs: JobQuerySet[Job], most: int) -> int:
    """Send due jobs until so many are in flight; returns how many."""
    room = most - jobs.in_flight().count()
    return _send(claims.claim_due(jobs, room)) if room > 0 else 0


def send_now(jobs: JobQuerySet[Any]) -> int:
    """Send jobs that somebody waits for, without waiting for the dispatcher; returns how many."""
    return _send(claims.claim(jobs))


def _send(claimed: Sequence[Job]) -> int:
    """Send claimed jobs to the workers; returns how many. Without Redis they are released."""
    try:
        for message in messages_for(claimed):
            current_app.send_task(TASK, message.args, queue=message.queue)
    except OperationalError:
        logger.exception("Redis does not work: %d jobs stay due.", len(claimed))
        claims.release(claimed)
        return 0
    return len(claimed)


def _redis_answers() -> bool:
    """Return whether Redis answers and takes writes.

    If it was wiped or restarted, messages can be lost, so all are sent again.
    """
    try:
        with redis.Redis.from_url(settings.REDIS_URL) as connection:
            run = connection.info("server")["run_id"].encode()
            if connection.get(REDIS_RUN) != run:
                count = sum(claims.release_queued(JobQuerySet(one.jobs)) + resume_paused(one) for one in providers())
                logger.warning("Redis is empty or was restarted: %d jobs are sent again.", count)
            # Also when it is known: a Redis that takes no writes takes no messages.
            connection.set(REDIS_RUN, run)
    except redis.RedisError as error:
        logger.error("Redis does not work (%s): all jobs stay due.", reason_of(error))
        return False
    return True


def messages_for(claimed: Sequence[Job]) -> Iterator[Message]:
    """Return the messages for jobs that were claimed together: a batch of one kind for one queue each."""
    for kind in all_kinds():
        ids: dict[str, list[str]] = defaultdict(list)
        for job in claimed:
            if isinstance(job, kind.model) and job.kind == kind.name:
                ids[_queue_of(kind, job)].append(str(job.pk))
        for queue, some in ids.items():
            size = min(ceil(len(some) / SIDE_BY_SIDE), kind.batch) if queue == "interactive" else kind.batch
            for first in range(0, len(some), size):
                batch = tuple(some[first : first + size])
                yield Message(kind.provider, kind.name, batch, str(claimed[0].claim), queue)


def _queue_of(kind: JobKind, job: Job) -> str:
    return (Job.Priority.INTERACTIVE if kind.is_interactive else Job.Priority(job.priority)).queue
