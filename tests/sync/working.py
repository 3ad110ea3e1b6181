"""A worker's tasks without a worker: claimed jobs run here, and fetched answers are applied under a claim."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from accounts.models import User
from guilds.models import Guild
from sync.blizzard.payloads import GuildProfile, GuildRoster, RealmRef
from sync.engine import claims
from sync.engine.result import SyncResult
from sync.engine.transitions import attempt
from sync.models import BlizzardJob, BlizzardJobQuerySet
from sync.tasks import run_jobs
from sync.wow import accounts, characters
from sync.wow.account_links import RegionAccount
from sync.wow.guild_lookup import FetchedGuild
from sync.wow.guilds import apply_fetched_guild
from sync.wow.jobs import open_account_jobs, profile_jobs, roster_job


def run(claimed: Sequence[BlizzardJob], **options: Any) -> Any:
    """Run jobs of one kind that were claimed together as the worker does that gets their message."""
    message = ("blizzard", claimed[0].kind, [str(one.pk) for one in claimed], str(claimed[0].claim))
    return run_jobs.apply(args=message, **options)


def run_roster(guild_id: Any, **options: Any) -> Any:
    """Run the guild's roster, whoever has it."""
    for guild in Guild.objects.filter(pk=guild_id):
        roster_job(guild)
    return _run_now(BlizzardJob.objects.filter(guild=guild_id, kind=BlizzardJob.Kind.ROSTER), **options)


def run_profiles(character_ids: Collection[Any], **options: Any) -> Any:
    """Run the characters' profiles in one task, whoever has them."""
    return _run_now(profile_jobs(character_ids), **options)


def run_account(job_id: Any, **options: Any) -> Any:
    """Run one region of an account, whoever has it."""
    return _run_now(BlizzardJob.objects.filter(pk=job_id), **options)


def _run_now(jobs: BlizzardJobQuerySet, **options: Any) -> Any:
    jobs.update(claimed_until=None)
    claimed = claims.claim(jobs)
    return run(claimed, **options) if claimed else None


def apply_roster(*, guild: Guild, profile: GuildProfile, roster: GuildRoster, modified: datetime | None) -> SyncResult:
    """Apply a roster that the guild's known address gave."""
    realm = RealmRef(id=guild.realm_id, slug=guild.realm.slug, name=guild.realm.name)
    fetched = FetchedGuild(realm, guild.slug, profile, roster, modified)
    with attempt(BlizzardJob.objects.filter(pk=roster_job(guild).pk)) as claim:
        return apply_fetched_guild(guild=guild, fetched=fetched, claim=claim)


def apply_account(*, user: User, account: RegionAccount) -> accounts.AccountSync:
    """Apply one region of an account."""
    with attempt(open_account_jobs(user, [account.region])) as claim:
        return accounts.apply_account(user=user, account=account, claim=claim)


def apply_characters(batch: Sequence[characters.FetchedProfile]) -> characters.ProfilesResult:
    """Apply fetched profiles."""
    with attempt(profile_jobs([one.character.pk for one in batch])) as claim:
        return characters.apply_characters(batch, claim)


def apply_batch(batch: Sequence[characters.FetchedProfile]) -> characters.ProfilesResult:
    """Apply fetched profiles, one by one when that fails."""
    with attempt(profile_jobs([one.character.pk for one in batch])) as claim:
        return characters.apply_batch(batch, claim)
