"""The Celery tasks: ids in, one call. Jobs note what fails, and are retried."""

import logging
from typing import Any
from uuid import UUID

from celery import Task, shared_task

from api.tokens import delete_expired_tokens
from characters.item_levels import forget_item_levels
from guilds.away.leaves import forget_leaves
from guilds.deletion import purge_deleted
from guilds.former_members.services import forget_former_members
from guilds.timeline.feeds import forget_feeds
from sync.destiny.moves.services import forget_plans
from sync.engine import dispatch as dispatching
from sync.engine import liveness
from sync.engine.claims import ClaimLost
from sync.engine.clock import repair_after_set_back
from sync.engine.dispatch import send_now
from sync.engine.errors import ApiError
from sync.engine.kinds import kind_named, mark_tier_due
from sync.engine.transitions import attempt
from sync.wow import retention

logger = logging.getLogger(__name__)


@shared_task
def dispatch() -> None:
    """Send what is due to the workers."""
    repair_after_set_back()
    dispatching.dispatch()
    liveness.record_dispatch()


@shared_task
def mark_due(tier: str) -> None:
    """Make a tier's jobs due."""
    count = mark_tier_due(tier)
    logger.info("%s: %d due", tier, count)


@shared_task
def purge_guilds() -> None:
    """Delete the data of guilds that were deleted a week ago."""
    count = purge_deleted()
    logger.info("deleted guilds: %d purged", count)


@shared_task
def prune_characters() -> None:
    """Delete characters that have been without player and guild for too long, and what else has expired."""
    logger.info("abandoned characters: %d removed", len(retention.delete_expired()))
    logger.info("former members: %d forgotten", forget_former_members())
    logger.info("leaves: %d forgotten", forget_leaves())
    logger.info("item levels: %d forgotten", forget_item_levels())
    logger.info("feeds of timelines: %d ended", forget_feeds())
    logger.info("plans of moves: %d forgotten", forget_plans())
    logger.info("tokens of the API: %d expired", delete_expired_tokens())


@shared_task(bind=True)
def run_jobs(task: Task[Any, Any], provider: str, kind: str, job_ids: list[str], claim: str) -> None:
    """Run claimed jobs of one kind, unless another process has them now, and send the jobs that come next."""
    job_kind = kind_named(provider, kind)
    try:
        with attempt(job_kind.jobs.filter(pk__in=job_ids), UUID(claim)) as held:
            wanted = job_kind.run(held, job_kind.lane(_queue_of(task)))
    except ClaimLost:
        logger.info("claim %s: others have it now", claim)
    except ApiError as error:
        # Its path names the subject.
        logger.info("%s: %s, HTTP %s", kind, error.kind, error.status)
    else:
        if wanted is not None:
            send_now(wanted)


def _queue_of(task: Task[Any, Any]) -> str:
    return str((task.request.delivery_info or {}).get("routing_key"))
