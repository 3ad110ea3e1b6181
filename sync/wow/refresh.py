"""Refreshes that players request with a button."""

from django.db.models import Min

from accounts.models import User
from guilds.models import Guild
from sync.engine.refresh import TooSoon, request_refresh
from sync.models import BlizzardJob
from sync.wow.jobs import FRESH_FOR, open_account_jobs, roster_job, without_fresh


def refresh_guild(*, guild: Guild) -> None:
    """Fetch the guild's roster now, before all background work. Raises TooSoon."""
    request_refresh(BlizzardJob.objects.filter(pk=roster_job(guild).pk))


def refresh_account(*, user: User) -> None:
    """Fetch the player's characters and their guilds now. Raises TooSoon, also when all regions have just been read."""
    jobs = open_account_jobs(user)
    wanted = without_fresh(jobs)
    oldest = jobs.aggregate(oldest=Min("succeeded_at"))["oldest"]
    if oldest is not None and not wanted.exists():
        raise TooSoon(oldest + FRESH_FOR)
    request_refresh(wanted)
