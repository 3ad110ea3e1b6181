"""The progress of a player's fetch, and what keeps their list of characters from being fetched."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from accounts.models import BattlenetToken
from sync.models import BlizzardJob
from sync.wow.pages.player_jobs import AccountJobs

STALLED_AFTER = timedelta(minutes=5)


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
    if token is None or not token.is_usable() or "token_expired" in failures:
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
