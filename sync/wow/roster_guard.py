"""The roster guard: a roster that would remove a large part of a guild removes nobody before a later one confirms it.

Battle.net caches a guild's pages for three hours, so a second request minutes later returns the same document. Only
missing members are in doubt: what a roster says about those that it lists is used immediately.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from guilds.models import Guild
from sync.engine.bulk import Columns

# A roster without more than this share of the members is doubted, unless they are few.
LARGEST_LOSS = 0.25
FEW = 5
# How many more members the guild's page can count than the roster lists: Battle.net updates them one after another.
TOLERANCE = 5
# Battle.net's `max-age` of a guild's pages.
CACHED_FOR = timedelta(hours=3)
# How long to wait for a document that can be renewed at any time, and the margin for one with a known expiry.
RENEWED_ANY_TIME = timedelta(hours=1)
MARGIN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Doubt:
    """Members that a doubted roster lacked, and every one since."""

    since: datetime
    modified: datetime | None
    missing: frozenset[UUID]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Evidence for the number of members: a roster and the guild's own page, fetched in the same sync.

    `members` counts our memberships, `missing` are the characters of those that the roster lacks, `entries` counts the
    roster's lines, readable or not, and `counted` is the page's `member_count`.
    """

    members: int
    missing: frozenset[UUID]
    entries: int
    counted: int
    modified: datetime | None
    fetched_at: datetime

    @property
    def is_large_loss(self) -> bool:
        """Return whether so many members are missing that one document is not enough."""
        is_empty = self.members > 0 and self.entries == 0
        lost = len(self.missing)
        return is_empty or (lost > FEW and lost > self.members * LARGEST_LOSS)

    @property
    def is_contradicted(self) -> bool:
        """Return whether the guild's page counts members that the roster does not list."""
        tolerance = TOLERANCE if self.entries else 0
        return self.counted > self.entries + tolerance

    def is_later_than(self, doubt: Doubt) -> bool:
        """Return whether it is a later document than the first doubted one, and not the same one from a cache."""
        if self.modified is not None and doubt.modified is not None:
            return self.modified > doubt.modified
        return self.fetched_at - doubt.since >= CACHED_FOR


@dataclass(frozen=True, slots=True)
class Ruling:
    """The members to remove now, and what remains in doubt."""

    removed: frozenset[UUID]
    doubt: Doubt | None


def judge(doubt: Doubt | None, roster: Evidence) -> Ruling:
    """Decide which of the missing members have left.

    Of a large loss, only members who have been missing since an earlier document have left. Those who are missing for
    the first time are in doubt from now on.
    """
    if not roster.is_large_loss:
        return Ruling(roster.missing, None)
    if doubt is None or roster.is_contradicted or not roster.is_later_than(doubt):
        return Ruling(frozenset(), _keep(doubt, roster))
    confirmed = roster.missing & doubt.missing
    return Ruling(confirmed, _doubt(roster, roster.missing - confirmed))


def next_attempt_at(doubt: Doubt, modified: datetime | None, now: datetime) -> datetime:
    """Return when Battle.net can have a later document than the one of `modified`."""
    expires_at = doubt.since + CACHED_FOR if modified is None else min(modified, now) + CACHED_FOR
    return expires_at + MARGIN if expires_at > now else now + RENEWED_ANY_TIME


def doubt_of(guild: Guild) -> Doubt | None:
    """Return the doubt that is stored on the guild."""
    if guild.roster_doubted_at is None:
        return None
    missing = frozenset(guild.roster_doubted_characters or ())
    return Doubt(guild.roster_doubted_at, guild.roster_doubted_modified, missing)


def doubt_columns(doubt: Doubt | None) -> Columns:
    """Return the guild's columns for the doubt."""
    return {
        "roster_doubted_at": doubt.since if doubt else None,
        "roster_doubted_modified": doubt.modified if doubt else None,
        "roster_doubted_characters": sorted(doubt.missing) if doubt else None,
    }


def _keep(doubt: Doubt | None, roster: Evidence) -> Doubt | None:
    still_missing = doubt.missing & roster.missing if doubt else frozenset()
    return replace(doubt, missing=still_missing) if doubt and still_missing else _doubt(roster, roster.missing)


def _doubt(roster: Evidence, missing: frozenset[UUID]) -> Doubt | None:
    return Doubt(roster.fetched_at, roster.modified, missing) if missing else None
