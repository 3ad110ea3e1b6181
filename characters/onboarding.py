"""What "my characters" tells its owner: how far the fetching has come, and what stands in its way."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from accounts.models import BattlenetToken
from accounts.region_jobs import Job, RegionJobs

PATIENCE = timedelta(minutes=5)


class SyncBlocker(StrEnum):
    """Why the list of characters is missing or not kept up to date."""

    NOT_SHARED = "not_shared"
    SIGN_IN_AGAIN = "sign_in_again"
    FAILED = "failed"
    NO_WARCRAFT = "no_warcraft"
    NEVER_STARTED = "never_started"


@dataclass(frozen=True, slots=True)
class Progress:
    """How much of a person's first fetch, or of a refresh, is done."""

    listing: bool
    characters: int
    characters_done: int
    guilds: int
    guilds_done: int
    stalled: bool

    @property
    def is_busy(self) -> bool:
        """Whether something is still to come."""
        return self.listing or self.characters_done < self.characters or self.guilds_done < self.guilds

    @property
    def steps(self) -> int:
        """All that is asked for, one by one."""
        return self.characters + self.guilds

    @property
    def steps_done(self) -> int:
        """What was answered."""
        return self.characters_done + self.guilds_done

    @property
    def percent(self) -> int:
        """The share that was answered, in steps of ten: what is worth saying aloud."""
        return 10 * (10 * self.steps_done // self.steps) if self.steps else 0


def progress(
    account: RegionJobs,
    characters: Iterable[Job | None],
    guilds: Iterable[Job | None],
    *,
    can_read: bool,
    now: datetime,
) -> Progress:
    """The progress that these ledger rows show; None stands for a thing that was never asked for.

    While a part of the account's list is on its way, a character without a row has its turn still before it.
    Without a permission that works (`can_read`) the list itself does not come, whatever its rows say. A region that
    failed and is tried again is shown apart, see `RegionJobs.unread`.
    """
    listing = can_read and account.is_busy
    character_rows, guild_rows = list(characters), list(guilds)
    return Progress(
        listing=listing,
        characters=len(character_rows),
        characters_done=sum(_is_done(row, listing) for row in character_rows),
        guilds=len(guild_rows),
        guilds_done=sum(_is_done(row, listing) for row in guild_rows),
        stalled=_last_sign_of_life([*account.jobs, *character_rows, *guild_rows], now) < now - PATIENCE,
    )


def obstacle(token: BattlenetToken | None, account: RegionJobs, *, has_characters: bool) -> SyncBlocker | None:
    """The first thing that stands between the person and an up-to-date list; None when nothing does.

    A region that failed while another one was read is no obstacle, see `RegionJobs.unread`.
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


def _is_done(row: Job | None, listing: bool) -> bool:
    return not row.is_busy if row is not None else not listing


def _last_sign_of_life(rows: list[Job | None], now: datetime) -> datetime:
    return max((moment for row in rows if row for moment in (row.updated_at, row.attempted_at) if moment), default=now)
