"""Glue between Celery and the services: ids in, one service call. The ledger notes what fails, and sends it again."""

import logging
from collections.abc import Sequence
from typing import Any

from celery import Task, shared_task
from kombu.exceptions import OperationalError

from accounts.models import User
from characters.models import Character
from guilds.deletion import purge_deleted
from guilds.models import Guild
from sync import dispatch as dispatching
from sync import ledger, schedules
from sync.blizzard.errors import BlizzardError
from sync.clients import client_for
from sync.models import LedgerEntry
from sync.services import accounts, characters, confirmation, game_data, guilds, retention
from sync.throttle import Lane

logger = logging.getLogger(__name__)


@shared_task
def dispatch() -> None:
    """Send what is due to the workers."""
    dispatching.dispatch()


@shared_task
def mark_due(tier: str) -> None:
    """Mark a tier's rows of the ledger due."""
    count = schedules.mark_due(schedules.Tier(tier))
    logger.info("%s: %d due", tier, count)


@shared_task
def purge_guilds() -> None:
    """Remove for good what was deleted a week ago."""
    count = purge_deleted()
    logger.info("deleted guilds: %d purged", count)


@shared_task
def prune_characters() -> None:
    """Remove characters that have been without owner and guild for too long."""
    logger.info("abandoned characters: %d removed", len(retention.prune_abandoned()))


@shared_task
def sync_account(user_id: str) -> None:
    """Onboarding: the account's characters, then the details of each, then the rosters of their guilds."""
    user = User.objects.select_related("battlenet_token").filter(pk=user_id).first()
    if user is None:
        return
    try:
        result = accounts.sync_account(client=client_for(Lane.PEOPLE), user=user)
    except BlizzardError as error:
        logger.info("account %s: %s", user_id, error)
        return
    claimed = ledger.claim(ledger.entries_of_characters(result.character_ids))
    _hand_on(sync_characters, [(entry, [str(entry.character_id)]) for entry in claimed])


@shared_task(bind=True)
def sync_characters(task: Task[Any, Any], character_ids: list[str]) -> None:
    """The details of some characters; what Battle.net hides is noted and is no error."""
    lane = _lane_of(task)
    with ledger.releasing(ledger.entries_of_characters(character_ids)):
        wanted = list(Character.objects.select_related("realm").filter(pk__in=character_ids))
        if lane is Lane.BACKGROUND:
            # Nobody shall wait for it.
            wanted = confirmation.confirm(client=client_for(lane), characters=wanted)
        fetched = characters.fetch_one_by_one(client_for(lane), wanted)
    applied = characters.apply_what_can_be(fetched)
    claimed = ledger.claim(LedgerEntry.objects.filter(guild__in=applied.guild_ids))
    _hand_on(sync_guild, [(entry, str(entry.guild_id)) for entry in claimed])


@shared_task(bind=True)
def sync_guild(task: Task[Any, Any], guild_id: str) -> None:
    """One guild's roster."""
    guild = Guild.objects.select_related("realm").filter(pk=guild_id).first()
    if guild is None:
        return
    try:
        guilds.sync_guild(client=client_for(_lane_of(task)), guild=guild)
    except BlizzardError as error:
        logger.info("guild %s: %s", guild_id, error)


@shared_task(bind=True)
def sync_game_data(task: Task[Any, Any], region: str) -> None:
    """One region's game data."""
    try:
        game_data.sync_game_data(client=client_for(_lane_of(task)), region=region)
    except BlizzardError as error:
        logger.info("game data of %s: %s", region, error)


def _hand_on(task: Task[Any, Any], claimed: "Sequence[tuple[LedgerEntry, object]]") -> None:
    """Send a message for each row that was claimed; those that cannot be sent are free again."""
    try:
        for _, argument in claimed:
            task.apply_async((argument,), queue="people")
    except OperationalError:
        logger.exception("Redis cannot be reached: what comes next stays in the ledger.")
        ledger.give_back(LedgerEntry.objects.filter(pk__in=[entry.pk for entry, _ in claimed]))


def _lane_of(task: Task[Any, Any]) -> Lane:
    """What came through the queue of people may use the whole budget."""
    queue = (task.request.delivery_info or {}).get("routing_key")
    return Lane.PEOPLE if queue == "people" else Lane.BACKGROUND
