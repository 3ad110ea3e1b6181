"""Glue between Celery and the services: an id in, one service call, a wait turned into a retry."""

import logging
import random
from typing import Any

from celery import Task, shared_task
from django.db.models import QuerySet

from accounts.models import User
from characters.models import Character
from guilds.models import Guild
from sync import ledger
from sync.blizzard.errors import BlizzardError, Forbidden, NotFound, RateLimited
from sync.clients import client_for
from sync.models import LedgerEntry
from sync.services import accounts, characters, guilds
from sync.throttle import Lane

logger = logging.getLogger(__name__)

MOST_TRIES = 6
LONGEST_PAUSE = 60.0


@shared_task(bind=True)
def sync_account(task: Task[Any, Any], user_id: str) -> None:
    """Onboarding: the account's characters, then the details of each, then the rosters of their guilds."""
    user = User.objects.select_related("battlenet_token").filter(pk=user_id).first()
    if user is None:
        return
    try:
        result = accounts.sync_account(client=client_for(Lane.PEOPLE), user=user)
    except BlizzardError as error:
        _try_again(task, error, LedgerEntry.objects.filter(user=user))
        return
    for entry in ledger.claim(ledger.entries_of_characters(result.character_ids)):
        sync_character.apply_async((str(entry.character_id),), queue="people")


@shared_task(bind=True)
def sync_character(task: Task[Any, Any], character_id: str) -> None:
    """One character's details; what Battle.net hides is noted and is no error."""
    character = Character.objects.select_related("realm").filter(pk=character_id).first()
    if character is None:
        return
    fetched = characters.fetch_character(client_for(_lane_of(task)), character)
    applied = characters.apply_characters([fetched])
    if fetched.error is not None and not isinstance(fetched.error, NotFound | Forbidden):
        _try_again(task, fetched.error, ledger.entries_of_characters([character_id]))
    for entry in ledger.claim(LedgerEntry.objects.filter(guild__in=applied.guild_ids)):
        sync_guild.apply_async((str(entry.guild_id),), queue="people")


@shared_task(bind=True)
def sync_guild(task: Task[Any, Any], guild_id: str) -> None:
    """One guild's roster."""
    guild = Guild.objects.select_related("realm").filter(pk=guild_id).first()
    if guild is None:
        return
    try:
        guilds.sync_guild(client=client_for(_lane_of(task)), guild=guild)
    except BlizzardError as error:
        _try_again(task, error, LedgerEntry.objects.filter(guild=guild))


def _lane_of(task: Task[Any, Any]) -> Lane:
    """What came through the queue of people may use the whole budget."""
    return Lane.PEOPLE if _queue_of(task) == "people" else Lane.BACKGROUND


def _queue_of(task: Task[Any, Any]) -> str:
    return str((task.request.delivery_info or {}).get("routing_key") or "background")


def _try_again(task: Task[Any, Any], error: BlizzardError, entries: "QuerySet[LedgerEntry]") -> None:
    """Send the task again after a pause that grows with each try; the last failure stays in the ledger.

    A wait for the budget is not a try. What will not heal by itself is not tried again: the ledger says why.
    """
    tries = task.request.retries
    if not error.is_transient:
        logger.info("%s: %s", task.name, error)
        return
    if isinstance(error, RateLimited):
        pause = error.retry_after
    elif tries + 1 < MOST_TRIES:
        pause, tries = 2.0**tries, tries + 1
    else:
        logger.warning("%s: %s, given up after %d tries", task.name, error, MOST_TRIES)
        ledger.give_up(entries, error)
        return
    task.apply_async(
        args=tuple(task.request.args or ()),
        queue=_queue_of(task),
        countdown=min(pause, LONGEST_PAUSE) * random.uniform(1.0, 1.5),
        retries=tries,  # type: ignore[call-arg]  # a header of every message, which the stubs leave out
    )
