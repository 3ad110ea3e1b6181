"""Blizzard's terms: every 30 days `/status` is asked whether a character may be kept.

An invalid character and another id are statements of Battle.net and count at once. A 404 counts when it comes twice, a
day apart, and neither roster nor account lists the character. An answer that does not come decides nothing.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from characters.models import Character, ProfileState, Role
from guilds.mains.recompute import recompute_mains
from sync.blizzard.client import BlizzardClient
from sync.blizzard.payloads import CharacterStatus
from sync.engine import transitions
from sync.engine.errors import ApiError, Forbidden, NotFound, Postponed
from sync.models import BlizzardJob
from sync.wow.jobs import profile_jobs
from sync.wow.retention import Verdict, remove_alone
from sync.wow.subjects import subject_of

# Requests under way at once in a foreground command; the rate limiter decides how fast they leave.
PARALLEL = 24
# What only its owner's account and its own page told; the roster of its guild vouches for the rest.
FORGOTTEN: dict[str, Any] = {
    "user": None,
    "wow_account_id": None,
    "owner_confirmed_at": None,
    "account_blizzard_id": None,
    "mounts_hash": "",
    "toys_hash": "",
    "gender": "",
    "active_spec": None,
    "role": Role.UNKNOWN,
    "average_item_level": None,
    "equipped_item_level": None,
    "last_login_at": None,
    "last_modified": None,
    "profile_state": ProfileState.NOT_FOUND,
}


# Between the answer that makes a character due to be asked about and the day by which the terms want it asked.
MARGIN = timedelta(days=2)
# A 404 counts when it comes again after this time.
MISSING_FOR = timedelta(days=1)


class Reason(StrEnum):
    """Why a stored character may not be kept."""

    INVALID = "Battle.net calls it invalid"
    OTHER_ID = "its name belongs to another character now"
    UNKNOWN = "Battle.net does not know it"


@dataclass(frozen=True, slots=True)
class Finding:
    """What Battle.net says of a character's standing, or the error that came instead."""

    character: Character
    status: CharacterStatus | None = None
    error: ApiError | None = None

    @property
    def is_failure(self) -> bool:
        """Whether there was no answer. One that hides the character (403) neither confirms nor removes it."""
        return self.error is not None and not isinstance(self.error, NotFound | Forbidden)

    @property
    def is_missing(self) -> bool:
        """Whether Battle.net does not know the character."""
        return isinstance(self.error, NotFound)

    def _is_missing_for_long(self, row: Character) -> bool:
        """Whether Battle.net said so before, or need not be asked: no endpoint knows a name that it took."""
        was_asked = self.error is not None and self.error.status is not None
        since = row.status_missing_since
        return not was_asked or (since is not None and timezone.now() - since >= MISSING_FOR)

    def reason(self, row: Character) -> Reason | None:
        """Why the character, as it is stored now, may not be kept; None when nothing speaks against it."""
        if self.status is None:
            return Reason.UNKNOWN if self.is_missing and self._is_missing_for_long(row) else None
        if not self.status.is_valid:
            return Reason.INVALID
        return Reason.OTHER_ID if self.status.id != row.blizzard_id else None


def every() -> timedelta:
    """How often each character is asked about: early enough that a day or two in the queue break no promise."""
    return max(timedelta(days=settings.CONFIRMATION_DAYS) - MARGIN, timedelta(days=1))


def unconfirmed() -> "QuerySet[BlizzardJob]":
    """Return the jobs of characters that are to be asked about now."""
    now = timezone.now()
    before = now - every()
    return BlizzardJob.objects.filter(
        Q(character__status_checked_at=None, character__created_at__lt=before)
        | Q(character__status_checked_at__lt=before),
        Q(character__status_missing_since=None) | Q(character__status_missing_since__lte=now - MISSING_FOR),
        kind=BlizzardJob.Kind.PROFILE,
    )


def confirm(*, client: BlizzardClient, characters: Sequence[Character]) -> list[Character]:
    """Ask about those that need it, before their details are fetched; returns those whose details are still wanted."""
    wanted = unconfirmed().filter(character__in=characters)
    stale_ids = set(wanted.values_list("character_id", flat=True))
    if not stale_ids:
        return list(characters)
    stale = [one for one in characters if one.pk in stale_ids]
    gone = {verdict.character.pk for verdict in settle(_ask_one_by_one(client, stale))}
    nameless = {one.pk for one in stale if one.needs_rename}
    transitions.park(profile_jobs(nameless - gone))
    return [one for one in characters if one.pk not in gone | nameless]


def ask_all(
    client: BlizzardClient, characters: Sequence[Character], on_progress: Callable[[int], object]
) -> list[Finding]:
    """Ask about each, side by side; `character.realm` must be loaded."""

    def one(character: Character) -> Finding:
        finding = ask(client, character)
        on_progress(1)
        return finding

    with ThreadPoolExecutor(PARALLEL) as pool:
        return list(pool.map(one, characters))


def ask(client: BlizzardClient, character: Character) -> Finding:
    """Ask about one. No endpoint knows a character that awaits a rename, so for that nothing is sent."""
    if character.needs_rename:
        return Finding(character, error=NotFound("/status", detail="it awaits a new name"))
    try:
        status = client.character_status(
            character.region, character.realm.slug, character.name, subject=subject_of(character)
        )
    except ApiError as error:
        return Finding(character, error=error)
    return Finding(character, status)


def judge(findings: Sequence[Finding]) -> list[Verdict]:
    """Who would go, or be released, if it were settled now."""
    return list(_verdicts(findings, {row.pk: row for row in _rows(findings)}).values())


def settle(findings: Sequence[Finding]) -> list[Verdict]:
    """Remove or release who is gone, and note the others as confirmed; returns who went or was released."""
    verdicts = _release(findings)
    removed = remove_alone([pk for pk, one in verdicts.items() if one.is_removed])
    return [one for pk, one in verdicts.items() if not one.is_removed or pk in removed]


@transaction.atomic
def _release(findings: Sequence[Finding]) -> dict[UUID, Verdict]:
    """Whoever has an owner or a guild is not removed: memberships are the rosters' business, and rows hang on them."""
    rows = {row.pk: row for row in _rows(findings).select_for_update(of=("self",), no_key=True)}
    verdicts = _verdicts(findings, rows)
    now = timezone.now()
    others = [one for one in _in_time(findings, rows) if one.character.pk not in verdicts]
    kept = [
        one.character.pk
        for one in others
        if one.status is not None or (one.is_missing and _is_listed(rows[one.character.pk]))
    ]
    Character.objects.filter(pk__in=kept).update(status_checked_at=now, status_missing_since=None)
    missing = {one.character.pk for one in others if one.is_missing} - set(kept)
    Character.objects.filter(pk__in=missing, status_missing_since=None).update(status_missing_since=now)
    released = [pk for pk, one in verdicts.items() if not one.is_removed]
    if released:
        Character.objects.filter(pk__in=released).update(
            **FORGOTTEN, status_checked_at=now, status_missing_since=None, orphaned_since=now, updated_at=now
        )
        recompute_mains(user_ids={rows[pk].user_id for pk in released} - {None})
        transitions.finish_without_data(profile_jobs(released), NotFound("/status", detail="it was released"))
    return verdicts


def _verdicts(findings: Sequence[Finding], rows: dict[UUID, Character]) -> dict[UUID, Verdict]:
    verdicts = {}
    for one in _in_time(findings, rows):
        row = rows[one.character.pk]
        reason = one.reason(row)
        if reason is None or (reason is Reason.UNKNOWN and _is_listed(row)):
            continue
        is_alone = row.user_id is None and getattr(row, "membership", None) is None
        verdicts[row.pk] = Verdict(one.character, str(reason), is_removed=is_alone)
    return verdicts


def _in_time(findings: Sequence[Finding], rows: dict[UUID, Character]) -> list[Finding]:
    """Without the answers that a rename overtook: they speak of whoever has the name now."""
    return [
        one
        for one in findings
        if (row := rows.get(one.character.pk)) is not None
        and (row.realm_id, row.name) == (one.character.realm_id, one.character.name)
    ]


def _is_listed(row: Character) -> bool:
    """Whether its guild's roster or its owner's account named it within the time.

    Those confirm it too: Battle.net lists characters of level 1, and such as were not played for long, without knowing
    a profile of theirs.
    """
    membership = getattr(row, "membership", None)
    listed_at = [
        membership.guild.roster_checked_at if membership else None,
        row.owner_confirmed_at if row.user_id else None,
    ]
    return any(one is not None and one >= _cutoff() for one in listed_at)


def _rows(findings: Sequence[Finding]) -> "QuerySet[Character]":
    rows = Character.objects.filter(pk__in=[one.character.pk for one in findings]).order_by("region", "pk")
    return rows.select_related("membership__guild")


def _ask_one_by_one(client: BlizzardClient, characters: Sequence[Character]) -> list[Finding]:
    """Ask about each in turn, until the budget is spent."""
    findings: list[Finding] = []
    for character in characters:
        finding = ask(client, character)
        if isinstance(finding.error, Postponed):
            break
        findings.append(finding)
    return findings


def _cutoff() -> datetime:
    return timezone.now() - timedelta(days=settings.CONFIRMATION_DAYS)
