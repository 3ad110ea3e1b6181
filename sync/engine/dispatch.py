"""Send due jobs to the workers: as much as the budget serves soon, the most urgent first.

The jobs in PostgreSQL are the queue. Redis only carries what was claimed, and may lose it: a claim that did not finish
in time is due again, and at once when Redis is not the one that carried it.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil

import redis
from celery import current_app
from django.conf import settings
from django.db.models import QuerySet
from kombu.exceptions import OperationalError

from sync.engine import claims
from sync.models import BlizzardJob
from sync.wow.outages import mark_refused_due

logger = logging.getLogger(__name__)

Kind = BlizzardJob.Kind
Priority = BlizzardJob.Priority

# Seconds of work that may wait in Redis: enough to keep the workers busy until the next dispatch, few enough that
# somebody who comes is not far behind.
SECONDS_AHEAD = 10
# Characters that nobody waits for are fetched so many to a task and written in one transaction.
CHARACTERS_PER_TASK = 10
# Those that people wait for are shared out among so many tasks, which at Battle.net's usual latency use all of the
# budget. More would only hold each other up in the worker, until turns are missed.
SIDE_BY_SIDE = 20
# Where Redis keeps which run of it carries our messages.
CARRIER = "dispatch:carrier"


@dataclass(frozen=True, slots=True)
class Message:
    """A task by its name, so that this module need not know the tasks, which know it."""

    task: str
    argument: object
    queue: str


def dispatch() -> int:
    """Send what is due to the workers, bounded by what the budget serves soon; returns how many rows."""
    if not _carrier_answers():
        return 0
    mark_refused_due()
    room = settings.BLIZZARD_RATE_PER_SECOND * SECONDS_AHEAD - BlizzardJob.objects.in_flight().count()
    return send(claims.claim_due(room)) if room > 0 else 0


def send_now(entries: "QuerySet[BlizzardJob]") -> int:
    """Send what a person waits for to the workers without waiting for the dispatcher; returns how many rows."""
    return send(claims.claim(entries))


def send(claimed: Sequence[BlizzardJob]) -> int:
    """Send claimed jobs to the workers; returns how many. Without Redis they are released."""
    try:
        for message in messages_for(claimed):
            current_app.send_task(
                f"sync.tasks.{message.task}", (message.argument, str(claimed[0].claim)), queue=message.queue
            )
    except OperationalError:
        logger.exception("Redis cannot be reached: %d jobs stay due.", len(claimed))
        claims.release(claimed)
        return 0
    return len(claimed)


def _carrier_answers() -> bool:
    """Whether Redis answers. One that was wiped or started anew may have lost any message, so all are sent again."""
    try:
        with redis.Redis.from_url(settings.REDIS_URL) as carrier:
            run = carrier.info("server")["run_id"].encode()
            if carrier.get(CARRIER) != run:
                logger.warning("Redis is empty or was started anew: %d rows are sent again.", claims.release_queued())
                carrier.set(CARRIER, run)
    except redis.RedisError as error:
        logger.error("Redis cannot be reached (%s): all jobs stay due.", type(error).__name__)
        return False
    return True


def messages_for(claimed: Sequence[BlizzardJob]) -> Iterator[Message]:
    """A message for each row, but one for several characters."""
    characters: dict[str, list[str]] = {"interactive": [], "background": []}
    for entry in claimed:
        queue = "interactive" if entry.priority == Priority.INTERACTIVE else "background"
        if entry.kind == Kind.ACCOUNT:
            yield Message("sync_account", str(entry.pk), "interactive")
        elif entry.kind == Kind.ROSTER:
            yield Message("sync_guild", str(entry.guild_id), queue)
        elif entry.kind == Kind.GAME_DATA:
            yield Message("sync_game_data", entry.region, queue)
        else:
            characters[queue].append(str(entry.character_id))
    for queue, ids in characters.items():
        size = CHARACTERS_PER_TASK
        if ids and queue == "interactive":
            size = min(ceil(len(ids) / SIDE_BY_SIDE), size)
        for first in range(0, len(ids), size):
            yield Message("sync_characters", ids[first : first + size], queue)
