"""Which stored characters may be kept: those with an owner or a guild, and whose `/status` Blizzard confirms.

Blizzard's terms demand that every 30 days. An invalid character and another id count immediately. A 404 counts when it
comes twice, a day apart, and neither a roster nor an account lists the character. A failed request decides nothing.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from characters.models import Character, CharacterQuerySet, Picture
from guilds.mains import recompute_mains
from sync.blizzard.client import BlizzardClient
from sync.blizzard.payloads import CharacterStatus
from sync.engine import transitions
from sync.engine.claims import Claim
from sync.engine.errors import ApiError, Forbidden, NotFound, Postponed
from sync.engine.threads import ThreadPool
from sync.models import BlizzardJob, BlizzardJobQuerySet
from sync.wow import columns
from sync.wow.jobs import profile_jobs
from sync.wow.matching import membership_of
from sync.wow.provider import subject_of

# Characters deleted in one transaction.
BATCH = 500
# Requests at the same time in a foreground command; the rate limiter decides how fast they are sent.
PARALLEL = 24
# How long before the day that the terms set a character is due.
MARGIN = timedelta(days=2)
# A second 404 counts after this time.
MISSING_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Removal:
    """A character to delete, or to unlink and to reduce to what its guild's roster says."""

    character: Character
    reason: str
    is_deleted: bool = True


def update_orphaned_since() -> None:
    """Set since when characters are without owner and guild, where nothing has set it yet.

    Characters that a sync is writing are left for the next time.
    """
    orphaned = Character.objects.orphaned()
    _unlocked(orphaned.filter(orphaned_since=None)).update(orphaned_since=timezone.now())
    others = Character.objects.exclude(orphaned_since=None).exclude(pk__in=orphaned.values("pk"))
    _unlocked(others).update(orphaned_since=None)


def find_expired() -> list[Removal]:
    """Return the characters that have been orphaned for too long."""
    found = Character.objects.orphaned_for(settings.CHARACTER_RETENTION_DAYS).select_related("realm")
    return [
        Removal(one, f"without owner and guild since {one.orphaned_since:%Y-%m-%d}") for one in found.order_by("name")
    ]


def delete_expired() -> list[Removal]:
    """Delete the characters that have been orphaned for too long; returns which."""
    update_orphaned_since()
    removals, deleted = find_expired(), set[UUID]()
    for first in range(0, len(removals), BATCH):
        deleted |= delete_orphaned([one.character.pk for one in removals[first : first + BATCH]])
    return [one for one in removals if one.character.pk in deleted]


@transaction.atomic
def delete_orphaned(character_ids: Collection[Any]) -> set[UUID]:
    """Delete those that still have neither owner nor guild, with everything about them; returns which."""
    rows = Character.objects.filter(pk__in=character_ids).order_by("region", "pk").select_for_update(of=("self",))
    locked = list(rows.values_list("pk", flat=True))
    # A separate statement sees what the transactions that held the locks have written.
    orphaned = set(Character.objects.orphaned().filter(pk__in=locked).values_list("pk", flat=True))
    Character.objects.filter(pk__in=orphaned).delete()
    return orphaned


def _unlocked(characters: CharacterQuerySet) -> "QuerySet[Character]":
    """Lock and return those that nothing else has locked; waiting for the others could deadlock."""
    free = characters.select_for_update(skip_locked=True, of=("self",), no_key=True)
    return Character.objects.filter(pk__in=list(free.values_list("pk", flat=True)))


class Reason(StrEnum):
    """Why a stored character may not be kept."""

    INVALID = "Battle.net says that it is invalid"
    OTHER_ID = "another character has its name"
    UNKNOWN = "Battle.net does not know it"


@dataclass(frozen=True, slots=True)
class FetchedStatus:
    """A character's status, or the error that came instead."""

    character: Character
    status: CharacterStatus | None = None
    error: ApiError | None = None

    @property
    def is_failure(self) -> bool:
        """Return whether the request failed. A 403, which hides the character, neither keeps nor removes it."""
        return self.error is not None and not isinstance(self.error, NotFound | Forbidden)

    @property
    def is_missing(self) -> bool:
        return isinstance(self.error, NotFound)

    def _has_been_missing(self, row: Character) -> bool:
        """Return whether a 404 counts now: after an earlier one, or for a character that needs a rename."""
        was_asked = self.error is not None and self.error.status is not None
        since = row.status_missing_since
        return not was_asked or (since is not None and timezone.now() - since >= MISSING_FOR)

    def reason(self, row: Character) -> Reason | None:
        if self.status is None:
            return Reason.UNKNOWN if self.is_missing and self._has_been_missing(row) else None
        if not self.status.is_valid:
            return Reason.INVALID
        return Reason.OTHER_ID if self.status.id != row.blizzard_id else None


def interval() -> timedelta:
    """Return how often each character is checked: early enough for a day or two in the queue."""
    return max(timedelta(days=settings.REVALIDATION_DAYS) - MARGIN, timedelta(days=1))


def due_jobs() -> BlizzardJobQuerySet:
    """Return the jobs of characters whose status is due."""
    now = timezone.now()
    before = now - interval()
    return BlizzardJob.objects.filter(
        Q(character__status_checked_at=None, character__created_at__lt=before)
        | Q(character__status_checked_at__lt=before),
        Q(character__status_missing_since=None) | Q(character__status_missing_since__lte=now - MISSING_FOR),
        kind=BlizzardJob.Kind.PROFILE,
    )


def is_status_due(character: Character) -> bool:
    """Return whether the character's status is due, like `due_jobs` for a character that was read."""
    now, missing_since = timezone.now(), character.status_missing_since
    checked_at = character.status_checked_at or character.created_at
    return checked_at < now - interval() and (missing_since is None or missing_since <= now - MISSING_FOR)


def revalidate(*, client: BlizzardClient, characters: Sequence[Character], claim: Claim) -> list[Character]:
    """Check those that are due, before their profiles are fetched; returns those whose profiles are still wanted."""
    stale = [one for one in characters if is_status_due(one)]
    if not stale:
        return list(characters)
    gone = {one.character.pk for one in apply_statuses(_fetch_one_by_one(client, stale), claim)}
    nameless = {one.pk for one in stale if one.needs_rename}
    transitions.park(profile_jobs(nameless - gone), claim=claim)
    return [one for one in characters if one.pk not in gone | nameless]


def fetch_all(
    client: BlizzardClient, characters: Sequence[Character], on_progress: Callable[[int], object]
) -> list[FetchedStatus]:
    """Fetch the status of each, in parallel; `character.realm` has to be loaded."""

    def one(character: Character) -> FetchedStatus:
        fetched = fetch_status(client, character)
        on_progress(1)
        return fetched

    with ThreadPool(PARALLEL) as pool:
        return list(pool.map(one, characters))


def fetch_status(client: BlizzardClient, character: Character) -> FetchedStatus:
    """Fetch the status of one. For a character that needs a rename no request is sent: no endpoint knows it."""
    if character.needs_rename:
        return FetchedStatus(character, error=NotFound("/status", detail="it needs a rename"))
    try:
        status = client.character_status(
            character.region, character.realm.slug, character.name, subject=subject_of(character)
        )
    except ApiError as error:
        return FetchedStatus(character, error=error)
    return FetchedStatus(character, status)


def find_removals(statuses: Sequence[FetchedStatus]) -> list[Removal]:
    """Return the characters that `apply_statuses` would delete or unlink."""
    return list(_removals(statuses, {row.pk: row for row in _rows(statuses)}).values())


def apply_statuses(statuses: Sequence[FetchedStatus], claim: Claim | None = None) -> list[Removal]:
    """Delete or unlink characters that may not be kept, and note the check on the others; returns the former."""
    removals = _write(statuses, claim)
    deleted = delete_orphaned([pk for pk, one in removals.items() if one.is_deleted])
    return [one for pk, one in removals.items() if not one.is_deleted or pk in deleted]


@transaction.atomic
def _write(statuses: Sequence[FetchedStatus], claim: Claim | None) -> dict[UUID, Removal]:
    """Write all but the deletions. A character with an owner or a guild is unlinked: only rosters end memberships."""
    rows = {row.pk: row for row in _rows(statuses).select_for_update(of=("self",), no_key=True)}
    removals = _removals(statuses, rows)
    now = timezone.now()
    others = [one for one in _drop_renamed(statuses, rows) if one.character.pk not in removals]
    kept = [
        one.character.pk
        for one in others
        if one.status is not None or (one.is_missing and _is_listed(rows[one.character.pk]))
    ]
    Character.objects.filter(pk__in=kept).update(status_checked_at=now, status_missing_since=None)
    missing = {one.character.pk for one in others if one.is_missing} - set(kept)
    Character.objects.filter(pk__in=missing, status_missing_since=None).update(status_missing_since=now)
    unlinked = [pk for pk, one in removals.items() if not one.is_deleted]
    if unlinked:
        Character.objects.filter(pk__in=unlinked).update(
            **columns.WITHOUT_PROFILE,
            status_checked_at=now,
            status_missing_since=None,
            orphaned_since=now,
            updated_at=now,
        )
        Picture.objects.filter(character__in=unlinked).delete()
        Character.specializations.through.objects.filter(character__in=unlinked).delete()
        recompute_mains(user_ids={rows[pk].user_id for pk in unlinked} - {None})
        error = NotFound("/status", detail="it may not be kept")
        transitions.finish_without_data(profile_jobs(unlinked), error, claim=claim)
    return removals


def _removals(statuses: Sequence[FetchedStatus], rows: dict[UUID, Character]) -> dict[UUID, Removal]:
    removals = {}
    for one in _drop_renamed(statuses, rows):
        row = rows[one.character.pk]
        reason = one.reason(row)
        if reason is None or (reason is Reason.UNKNOWN and _is_listed(row)):
            continue
        is_orphaned = row.user_id is None and membership_of(row) is None
        removals[row.pk] = Removal(one.character, str(reason), is_deleted=is_orphaned)
    return removals


def _drop_renamed(statuses: Sequence[FetchedStatus], rows: dict[UUID, Character]) -> list[FetchedStatus]:
    """Drop answers about characters that were renamed since the request."""
    return [
        one
        for one in statuses
        if (row := rows.get(one.character.pk)) is not None
        and (row.realm_id, row.name) == (one.character.realm_id, one.character.name)
    ]


def _is_listed(row: Character) -> bool:
    """Return whether its guild's roster or its player's account has listed it within the time, which confirms it too.

    Battle.net lists characters of a low level, or not played for long, that have no profile.
    """
    membership = membership_of(row)
    listed_at = [
        membership.guild.roster_checked_at if membership else None,
        row.owner_confirmed_at if row.user_id else None,
    ]
    return any(one is not None and one >= _cutoff() for one in listed_at)


def _rows(statuses: Sequence[FetchedStatus]) -> "QuerySet[Character]":
    rows = Character.objects.filter(pk__in=[one.character.pk for one in statuses]).order_by("region", "pk")
    return rows.select_related("membership__guild")


def _fetch_one_by_one(client: BlizzardClient, characters: Sequence[Character]) -> list[FetchedStatus]:
    """Fetch the status of one after the other, until one is postponed."""
    statuses: list[FetchedStatus] = []
    for character in characters:
        fetched = fetch_status(client, character)
        if isinstance(fetched.error, Postponed):
            break
        statuses.append(fetched)
    return statuses


def _cutoff() -> datetime:
    return timezone.now() - timedelta(days=settings.REVALIDATION_DAYS)
