"""The jobs that a player waits for, how many of them are done, and what keeps the list of characters from coming."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from accounts.models import BattlenetToken, User
from sync.models import BlizzardJob
from sync.wow.accounts import ABSENT_FOR

# Battle.net refuses this kind of request, or this site: nothing is sent for a while, which does not count as a try.
HELD_BACK = {"paused", "application_refused"}
STALLED_AFTER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class AccountJobs:
    """The jobs of one player's account, one for each region."""

    jobs: Sequence[BlizzardJob]

    @property
    def is_busy(self) -> bool:
        """Return True while a region is due or running and has not failed."""
        return any(job.is_busy and not is_retried(job) and not is_postponed(job) for job in self.jobs)

    @property
    def checked_at(self) -> datetime | None:
        """Return the oldest success of the regions that were read: the list is complete up to then."""
        return min((job.succeeded_at for job in self.jobs if job.succeeded_at), default=None)

    @property
    def failed(self) -> list[BlizzardJob]:
        """Return the regions that are not retried without help."""
        return [job for job in self.jobs if job.state == BlizzardJob.State.FAILED]

    @property
    def unread(self) -> list[BlizzardJob]:
        """Return the regions that failed or are being retried."""
        return [job for job in self.jobs if job.state == BlizzardJob.State.FAILED or is_retried(job)]

    @property
    def retried(self) -> list[BlizzardJob]:
        return [job for job in self.jobs if is_retried(job)]

    @property
    def missing(self) -> list[tuple[str, datetime]]:
        """Return the regions where the account has lost its characters, and when that can be confirmed."""
        return [
            (job.get_region_display(), job.missing_since + ABSENT_FOR)
            for job in self.jobs
            if job.state == BlizzardJob.State.RESTING and job.error_kind == "account_missing" and job.missing_since
        ]

    @property
    def postponed_until(self) -> datetime | None:
        """Return when a list that was fetched too often is fetched again."""
        return max((job.next_due_at for job in self.jobs if is_postponed(job) and job.next_due_at), default=None)


@dataclass(frozen=True, slots=True)
class PlayerJobs:
    """All jobs that a player's pages show."""

    account: AccountJobs
    characters: dict[UUID | None, BlizzardJob]
    guilds: dict[UUID | None, BlizzardJob]


def account_jobs(user: User) -> AccountJobs:
    """Return the account's jobs in the regions that the site syncs today."""
    return AccountJobs(list(BlizzardJob.objects.of_account(user).order_by("region")))


def player_jobs(user: User, *, characters: Collection[UUID], guilds: Collection[UUID]) -> PlayerJobs:
    """Return the jobs of the account, of these characters, and of these guilds and those whose roster is awaited."""
    account = Q(kind=BlizzardJob.Kind.ACCOUNT, user=user, region__in=settings.BLIZZARD_REGIONS)
    profiles = Q(kind=BlizzardJob.Kind.PROFILE, character__in=characters)
    rosters = Q(kind=BlizzardJob.Kind.ROSTER, guild__in=guilds)
    jobs = list(BlizzardJob.objects.filter(account | profiles | rosters).order_by("region"))
    guild_jobs = [*(job for job in jobs if job.guild_id), *BlizzardJob.objects.filter(awaited_by=user)]
    return PlayerJobs(
        AccountJobs([job for job in jobs if job.user_id]),
        {job.character_id: job for job in jobs if job.character_id},
        {job.guild_id: job for job in guild_jobs},
    )


def is_retried(job: BlizzardJob) -> bool:
    """Return True for a job that is retried, after a failure or during an outage."""
    return job.is_busy and (job.tries > 0 or job.error_kind in HELD_BACK)


def is_postponed(job: BlizzardJob) -> bool:
    """Return True while the job waits because its player has caused too many requests."""
    is_over_budget = job.state == BlizzardJob.State.DUE and job.error_kind == "over_budget"
    return is_over_budget and job.next_due_at is not None and job.next_due_at > timezone.now()


class SyncBlocker(StrEnum):
    """Why the list of characters is missing or not kept up to date."""

    NOT_SHARED = "not_shared"
    SIGN_IN_AGAIN = "sign_in_again"
    FAILED = "failed"
    NO_WARCRAFT = "no_warcraft"
    NEVER_STARTED = "never_started"


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of a player's first fetch, or of a refresh."""

    listing: bool
    characters: int
    characters_done: int
    guilds: int
    guilds_done: int
    stalled: bool

    @property
    def is_busy(self) -> bool:
        return self.listing or self.steps_done < self.steps

    @property
    def steps(self) -> int:
        return self.characters + self.guilds

    @property
    def steps_done(self) -> int:
        return self.characters_done + self.guilds_done

    @property
    def percent(self) -> int:
        """Return the share fetched, in steps of ten so that screen readers don't announce each percent."""
        return 10 * (10 * self.steps_done // self.steps) if self.steps else 0


def progress_of(
    account: AccountJobs,
    characters: Collection[BlizzardJob | None],
    guilds: Collection[BlizzardJob | None],
    *,
    can_read: bool,
    now: datetime,
) -> Progress:
    """Return the progress of these jobs; None is a character or guild without a job.

    While part of the account's list is being fetched, characters without a job are still to come. Without a usable
    token (`can_read`) the list is not fetched, whatever its jobs say. A failed region that is retried does not count
    as progress; see `AccountJobs.unread`.
    """
    listing = can_read and account.is_busy
    known = [job for job in (*account.jobs, *characters, *guilds) if job is not None]
    moments = [moment for job in known for moment in (job.updated_at, job.attempted_at) if moment]
    return Progress(
        listing=listing,
        characters=len(characters),
        characters_done=sum(_is_done(job, listing) for job in characters),
        guilds=len(guilds),
        guilds_done=sum(_is_done(job, listing) for job in guilds),
        stalled=max(moments, default=now) < now - STALLED_AFTER,
    )


def find_blocker(token: BattlenetToken | None, account: AccountJobs, *, has_characters: bool) -> SyncBlocker | None:
    """Return the first reason why the list is not up to date, if there is one.

    A region that failed while another one was read blocks nothing; see `AccountJobs.unread`.
    """
    if token is not None and not token.shares_characters:
        return SyncBlocker.NOT_SHARED
    failures = {job.error_kind for job in account.failed}
    is_refused = any(job.error_kind == "token_expired" and not job.is_busy for job in account.jobs)
    if token is None or not token.is_usable() or is_refused:
        return SyncBlocker.SIGN_IN_AGAIN
    if not account.jobs:
        return SyncBlocker.NEVER_STARTED
    if len(account.failed) == len(account.jobs):
        return SyncBlocker.NO_WARCRAFT if failures == {"not_found"} and not has_characters else SyncBlocker.FAILED
    if not has_characters and not failures and not any(job.is_busy for job in account.jobs):
        return SyncBlocker.NO_WARCRAFT
    return None


def _is_done(job: BlizzardJob | None, listing: bool) -> bool:
    return not job.is_busy if job is not None else not listing
