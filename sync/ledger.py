"""The writes of the ledger: what is due, what was tried, what came of it."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from characters.models import Character
from guilds.models import Guild
from sync.blizzard.errors import BlizzardError
from sync.models import LedgerEntry

State = LedgerEntry.State
Kind = LedgerEntry.Kind
LONGEST_ERROR_TEXT = 300
CLAIM_LIFETIME = timedelta(minutes=10)


def entry_of_user(user: User) -> LedgerEntry:
    """The person's account in the ledger."""
    return LedgerEntry.objects.get_or_create(user=user, defaults={"kind": Kind.ACCOUNT})[0]


def entry_of_guild(guild: Guild) -> LedgerEntry:
    """The guild's roster in the ledger."""
    return LedgerEntry.objects.get_or_create(guild=guild, defaults={"kind": Kind.GUILD})[0]


def entry_of_region(region: str) -> LedgerEntry:
    """The region's game data in the ledger."""
    return LedgerEntry.objects.get_or_create(region=region, defaults={"kind": Kind.GAME_DATA})[0]


def entries_of_characters(character_ids: Collection[Any]) -> "QuerySet[LedgerEntry]":
    """The characters' rows in the ledger, as far as they exist."""
    return LedgerEntry.objects.filter(character__in=character_ids)


def open_characters(characters: Iterable[Character]) -> None:
    """Give new characters their rows: due, because nothing is known of them yet."""
    LedgerEntry.objects.bulk_create([LedgerEntry(kind=Kind.CHARACTER, character=one) for one in characters])


def mark_due(entries: "QuerySet[LedgerEntry]") -> None:
    """Ask for a sync now."""
    now = timezone.now()
    entries.update(state=State.DUE, next_due_at=now, updated_at=now)


def ask_for_roster(guild: Guild, people: Collection[Any]) -> None:
    """Ask for a guild's roster for people who wait for it; one that is on its way already is not asked for again."""
    entry = entry_of_guild(guild)
    if not entry.is_busy:
        mark_due(LedgerEntry.objects.filter(pk=entry.pk))
    entry.awaited_by.add(*people)


def nobody_waits(entries: "QuerySet[LedgerEntry]") -> None:
    """The roster that people waited for is here."""
    LedgerEntry.awaited_by.through.objects.filter(ledgerentry__in=entries).delete()


def set_aside(entries: "QuerySet[LedgerEntry]") -> None:
    """Nothing to ask for: no endpoint knows a character that awaits a rename."""
    entries.update(state=State.RESTING, next_due_at=None, updated_at=timezone.now())


def claim(entries: "QuerySet[LedgerEntry]") -> list[LedgerEntry]:
    """Take the rows that nobody else has in hand; whoever gets a row sends it to a worker.

    A claim that did not finish in time, because a worker or Redis died, is free again.
    """
    now = timezone.now()
    with transaction.atomic():
        free = list(
            entries.exclude(state=State.CLAIMED, claimed_at__gt=now - CLAIM_LIFETIME)
            .select_for_update(skip_locked=True, of=("self",))
            .order_by("pk")
        )
        LedgerEntry.objects.filter(pk__in=[one.pk for one in free]).update(
            state=State.CLAIMED, claimed_at=now, updated_at=now
        )
    return free


def begin(entries: "QuerySet[LedgerEntry]") -> None:
    """Note that an attempt starts."""
    now = timezone.now()
    entries.update(state=State.CLAIMED, claimed_at=now, attempted_at=now, updated_at=now)


def succeed(entries: "QuerySet[LedgerEntry]", *, changed: bool, now: datetime | None = None) -> None:
    """Note that the figures are true as of now; `changed` when something of ours had to be written."""
    now = now or timezone.now()
    changes: dict[str, Any] = {"changed_at": now} if changed else {}
    entries.update(
        state=State.RESTING,
        attempted_at=now,
        succeeded_at=now,
        error_kind="",
        error_text="",
        http_status=None,
        updated_at=now,
        **changes,
    )


def fail(entries: "QuerySet[LedgerEntry]", error: BlizzardError) -> None:
    """Note why there are no new figures. A transient error leaves the row due; any other needs somebody to act."""
    _note(entries, error, State.DUE if error.is_transient else State.FAILED)


def give_up(entries: "QuerySet[LedgerEntry]", error: BlizzardError) -> None:
    """Note that trying again did not help either."""
    _note(entries, error, State.FAILED)


def accept(entries: "QuerySet[LedgerEntry]", error: BlizzardError) -> None:
    """Note an answer without figures that is normal: a character that Battle.net hides or does not know."""
    _note(entries, error, State.RESTING)


def _note(entries: "QuerySet[LedgerEntry]", error: BlizzardError, state: LedgerEntry.State) -> None:
    now = timezone.now()
    entries.update(
        state=state,
        attempted_at=now,
        error_kind=error.kind,
        error_text=str(error)[:LONGEST_ERROR_TEXT],
        http_status=error.status,
        updated_at=now,
    )
