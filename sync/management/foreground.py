"""Syncs in the foreground, for management commands: each takes over the jobs, even from a worker."""

from collections.abc import Callable, Collection, Sequence
from itertools import islice

from accounts.models import User
from characters.models import Character
from guilds.models import Guild
from sync.blizzard.client import BlizzardClient
from sync.engine.errors import ApiError
from sync.engine.result import SyncResult
from sync.engine.threads import ThreadPool
from sync.engine.transitions import attempt
from sync.models import BlizzardJob
from sync.wow import accounts, game_data, guilds
from sync.wow.characters import FetchedProfile, ProfilesResult, apply_batch, fetch_character
from sync.wow.game_data import no_progress
from sync.wow.jobs import game_data_job, open_account_jobs, profile_jobs

# Parallel requests, characters per transaction, and characters whose jobs are claimed together.
PARALLEL = 24
BATCH = 100
CLAIMED_TOGETHER = 1000


def sync_account(*, client: BlizzardClient, user: User, regions: Collection[str] | None = None) -> accounts.AccountSync:
    """Sync the player's account, by default in all configured regions. Raises the first ApiError when all fail."""
    jobs, total = open_account_jobs(user, regions), accounts.AccountSync()
    wanted = [str(one.region) for one in jobs]
    for region in wanted:
        try:
            with attempt(jobs.filter(region=region)) as claim:
                total.add(accounts.sync_account(client=client, user=user, region=region, claim=claim))
        except ApiError as error:
            total.add(accounts.AccountSync(SyncResult(failed=1), errors=(error,)))
    if total.errors and len(total.errors) == len(wanted):
        raise total.errors[0]
    return total


def sync_guild(*, client: BlizzardClient, guild: Guild) -> SyncResult:
    """Sync the guild's roster."""
    with attempt(BlizzardJob.objects.filter(guild=guild, kind=BlizzardJob.Kind.ROSTER)) as claim:
        return guilds.sync_guild(client=client, guild=guild, claim=claim)


def sync_game_data(
    *,
    client: BlizzardClient,
    region: str,
    realms_only: bool = False,
    on_progress: Callable[[int], object] = no_progress,
) -> SyncResult:
    """Sync the region's game data."""
    with attempt(BlizzardJob.objects.filter(pk=game_data_job(region).pk)) as claim:
        return game_data.sync_game_data(
            client=client, region=region, claim=claim, realms_only=realms_only, on_progress=on_progress
        )


def sync_characters(
    *, client: BlizzardClient, characters: Sequence[Character], on_progress: Callable[[int], object] = no_progress
) -> ProfilesResult:
    """Sync many profiles: requests in parallel, one transaction per batch.

    Errors are noted in the jobs and not raised, so that one bad character does not stop the others.
    """
    total = ProfilesResult()
    with ThreadPool(min(PARALLEL, max(len(characters), 1))) as pool:

        def fetch(character: Character) -> FetchedProfile:
            fetched = fetch_character(client, character)
            on_progress(1)
            return fetched

        for first in range(0, len(characters), CLAIMED_TOGETHER):
            some = characters[first : first + CLAIMED_TOGETHER]
            with attempt(profile_jobs([one.pk for one in some])) as claim:
                fetched = pool.map(fetch, some)
                while batch := list(islice(fetched, BATCH)):
                    total.add(apply_batch(batch, claim))
    return total
