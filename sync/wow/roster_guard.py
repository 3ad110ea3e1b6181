"""The roster guard: a roster that would remove a large part of a guild is believed once a later one says the same.

Battle.net caches a guild's pages for three hours, so a second request minutes later returns the same document. Only who
is missing is doubted: what a roster says about those whom it lists is used at once.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from guilds.models import Guild

# A roster that lacks more than this share of the members is doubted, unless they are few.
LARGEST_LOSS = 0.25
FEW = 5
# The guild's own page may count so many members more than the roster lists: the two are not made at the same moment.
TOLERANCE = 5
# Battle.net's `max-age` of a guild's pages.
CACHED_FOR = timedelta(hours=3)
# How long to wait for a document that could be renewed at any time, and a margin for one that is about to be.
RENEWED_ANY_TIME = timedelta(hours=1)
MARGIN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Doubt:
    """Members that were missing from a roster which was not believed, and from every one since."""

    since: datetime
    modified: datetime | None
    missing: frozenset[UUID]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a roster and the guild's own page, fetched in the same sync, say about how many are left.

    `members` is the number of our memberships, `missing` the characters of those that the roster lacks, `entries` the
    number of the roster's, readable or not, and `counted` the page's `member_count`.
    """

    members: int
    missing: frozenset[UUID]
    entries: int
    counted: int
    modified: datetime | None
    fetched_at: datetime

    @property
    def is_large_loss(self) -> bool:
        """Whether so many are missing that one document is not enough."""
        is_empty = self.members > 0 and self.entries == 0
        lost = len(self.missing)
        return is_empty or (lost > FEW and lost > self.members * LARGEST_LOSS)

    @property
    def is_contradicted(self) -> bool:
        """Whether the guild's page counts members that the roster does not list."""
        tolerance = TOLERANCE if self.entries else 0
        return self.counted > self.entries + tolerance

    def is_later_than(self, doubt: Doubt) -> bool:
        """Whether it is another document than the first doubted one, and not the same from a cache."""
        if self.modified is not None and doubt.modified is not None:
            return self.modified > doubt.modified
        return self.fetched_at - doubt.since >= CACHED_FOR


@dataclass(frozen=True, slots=True)
class Ruling:
    """Whose memberships end now, and what remains in doubt."""

    removed: frozenset[UUID]
    doubt: Doubt | None


def judge(doubt: Doubt | None, roster: Evidence) -> Ruling:
    """Decide which of the missing members have left.

    Of a large loss only those have who were missing all the time since an earlier document. Whoever is missing for the
    first time now is in doubt from now on.
    """
    if not roster.is_large_loss:
        return Ruling(roster.missing, None)
    if doubt is None or roster.is_contradicted or not roster.is_later_than(doubt):
        return Ruling(frozenset(), _continued(doubt, roster))
    confirmed = roster.missing & doubt.missing
    return Ruling(confirmed, _begun(roster, roster.missing - confirmed))


def next_attempt_at(doubt: Doubt, modified: datetime | None, now: datetime) -> datetime:
    """Return when Battle.net can have another document than the one of `modified`."""
    expires_at = doubt.since + CACHED_FOR if modified is None else min(modified, now) + CACHED_FOR
    return expires_at + MARGIN if expires_at > now else now + RENEWED_ANY_TIME


def doubt_of(guild: Guild) -> Doubt | None:
    """Return the doubt that is stored on the guild."""
    if guild.roster_doubted_at is None:
        return None
    missing = frozenset(guild.roster_doubted_characters or ())
    return Doubt(guild.roster_doubted_at, guild.roster_doubted_modified, missing)


def store_doubt(guild: Guild, doubt: Doubt | None) -> None:
    """Set the guild's columns, unsaved."""
    guild.roster_doubted_at = doubt.since if doubt else None
    guild.roster_doubted_modified = doubt.modified if doubt else None
    guild.roster_doubted_characters = sorted(doubt.missing) if doubt else None


def missed(guild: Guild, since: datetime) -> None:
    """Remember since when Battle.net does not know the guild at its address."""
    guild.not_found_since = since
    guild.save(update_fields=("not_found_since", "updated_at"))


def _continued(doubt: Doubt | None, roster: Evidence) -> Doubt | None:
    still_missing = doubt.missing & roster.missing if doubt else frozenset()
    return replace(doubt, missing=still_missing) if doubt and still_missing else _begun(roster, roster.missing)


def _begun(roster: Evidence, missing: frozenset[UUID]) -> Doubt | None:
    return Doubt(roster.fetched_at, roster.modified, missing) if missing else None
