"""The writes of the ledger: what is due, what was tried, what came of it."""

import logging
import random
import traceback
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import Error, connection, transaction
from django.db.models import (
    Case,
    DateTimeField,
    DurationField,
    Expression,
    ExpressionWrapper,
    F,
    Func,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Least, Now, Power, Random
from django.utils import timezone

from characters.models import Character
from guilds.models import Guild
from sync.engine import leases
from sync.engine.errors import ApiError, Postponed
from sync.models import BlizzardJob

logger = logging.getLogger(__name__)

State = BlizzardJob.State
Kind = BlizzardJob.Kind
Priority = BlizzardJob.Priority
LONGEST_ERROR_TEXT = 300
HEAD_START = timedelta(minutes=1)
# A guild that was not found is looked for again after this time.
SECOND_LOOK = timedelta(minutes=5)
DISBANDED = "Battle.net does not know the guild, and its members' pages do not name it."
LIVE = Q(state=State.CLAIMED, claimed_until__gt=Now())
LOST = Q(state=State.CLAIMED) & (Q(claimed_until=None) | Q(claimed_until__lte=Now()))
MOST_TRIES = 6
OUR_CODE = str(settings.BASE_DIR / "sync")
# Seconds; each later pause is three times as long.
FIRST_PAUSE = 2.0
LONGEST_PAUSE = 1800.0


def entry_of_guild(guild: Guild) -> BlizzardJob:
    """The guild's roster in the ledger."""
    return BlizzardJob.objects.get_or_create(guild=guild, defaults={"kind": Kind.GUILD})[0]


def entry_of_region(region: str) -> BlizzardJob:
    """The region's game data in the ledger."""
    return BlizzardJob.objects.get_or_create(kind=Kind.GAME_DATA, region=region)[0]


def entries_of_characters(character_ids: Collection[Any]) -> "QuerySet[BlizzardJob]":
    """The characters' rows in the ledger, as far as they exist."""
    return BlizzardJob.objects.filter(character__in=character_ids)


def open_characters(characters: Iterable[Character]) -> None:
    """Give new characters their rows: due, because nothing is known of them yet.

    Not at once, so that whoever found them can fetch them first.
    """
    due_at = timezone.now() + HEAD_START
    BlizzardJob.objects.bulk_create(
        [BlizzardJob(kind=Kind.CHARACTER, character=one, next_due_at=due_at) for one in characters]
    )


def open_regions(regions: Iterable[str]) -> None:
    """Give the regions' game data its rows, where there are none: due, but whoever sets the site up may come first."""
    due_at = timezone.now() + HEAD_START
    rows = [BlizzardJob(kind=Kind.GAME_DATA, region=region, next_due_at=due_at) for region in regions]
    BlizzardJob.objects.bulk_create(rows, ignore_conflicts=True)


def mark_due(entries: "QuerySet[BlizzardJob]", priority: Priority = Priority.INTERACTIVE) -> int:
    """Ask for a sync now; returns for how many.

    What a worker has in hand is not given to a second one, but due when the first is done. The rows are claimed in no
    order, so that characters of all guilds are asked for in turn: only so is it soon seen when all are refused.
    """
    now = timezone.now()
    lately = Func(Random(), template="make_interval(secs => %(expressions)s)", output_field=DurationField())
    in_hand = LIVE & Q(is_begun=True)
    return entries.update(
        state=Case(When(in_hand, then=Value(State.CLAIMED)), default=Value(State.DUE)),
        is_asked_again=Case(When(in_hand, then=Value(True)), default=Value(False)),
        priority=priority,
        next_due_at=ExpressionWrapper(Value(now) - lately, output_field=DateTimeField()),
        tries=0,
        updated_at=now,
    )


def ask_for_roster(guild: Guild, people: Collection[Any]) -> None:
    """Ask for a guild's roster for people who wait for it; one that is on its way already is not asked for again."""
    entry = entry_of_guild(guild)
    if not entry.is_busy:
        mark_due(BlizzardJob.objects.filter(pk=entry.pk))
    elif entry.priority != Priority.INTERACTIVE:
        BlizzardJob.objects.filter(pk=entry.pk).update(priority=Priority.INTERACTIVE)
    entry.awaited_by.add(*people)


def nobody_waits(entries: "QuerySet[BlizzardJob]") -> None:
    """The roster that people waited for is here."""
    BlizzardJob.awaited_by.through.objects.filter(blizzardjob__in=entries).delete()


def set_aside(entries: "QuerySet[BlizzardJob]") -> None:
    """Nothing to ask for: no endpoint knows a character that awaits a rename."""
    entries.update(state=State.RESTING, next_due_at=None, is_asked_again=False, updated_at=timezone.now())


def claim(entries: "QuerySet[BlizzardJob]") -> list[BlizzardJob]:
    """Take the rows that nobody else has in hand; whoever gets a row sends it to a worker, with its `claim`.

    A claim that did not finish in time, because a worker or Redis died, is free again.
    """
    with transaction.atomic():
        return _take(entries.exclude(LIVE).order_by("pk"))


def claim_due(most: int) -> list[BlizzardJob]:
    """Take at most so many rows that are due, people's first, then by priority and age.

    Dispatchers that run at once take different rows.
    """
    with transaction.atomic():
        _make_due(BlizzardJob.objects.filter(LOST))
        due = BlizzardJob.objects.filter(state=State.DUE, next_due_at__lte=timezone.now())
        return _take(due.order_by("priority", "next_due_at")[:most])


def _take(free: "QuerySet[BlizzardJob]") -> list[BlizzardJob]:
    taken = list(free.select_for_update(skip_locked=True, of=("self",)))
    number = uuid4()
    in_queue = Case(
        When(priority=Priority.INTERACTIVE, then=Value(leases.QUEUED_INTERACTIVE)), default=Value(leases.QUEUED)
    )
    BlizzardJob.objects.filter(pk__in=[one.pk for one in taken]).update(
        state=State.CLAIMED,
        claim=number,
        claimed_at=Now(),
        claimed_until=ExpressionWrapper(Now() + in_queue, output_field=DateTimeField()),
        is_begun=False,
        is_asked_again=False,
        updated_at=Now(),
    )
    for one in taken:
        one.claim = number
    return taken


def count_claimed() -> int:
    """How many rows workers have in hand, or in the queue before them."""
    return BlizzardJob.objects.filter(LIVE).count()


def give_back(claimed: Iterable[BlizzardJob]) -> None:
    """Undo a claim: the rows could not be sent to a worker."""
    rows = list(claimed)
    numbers, keys = {one.claim for one in rows}, [one.pk for one in rows]
    _make_due(BlizzardJob.objects.filter(pk__in=keys, claim__in=numbers, state=State.CLAIMED, is_begun=False))


def give_back_queued() -> int:
    """Undo all claims that no worker has begun: Redis lost what was sent. Returns how many rows that is."""
    return _make_due(BlizzardJob.objects.filter(state=State.CLAIMED, is_begun=False))


@transaction.atomic
def _make_due(entries: "QuerySet[BlizzardJob]") -> int:
    free = list(entries.select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True))
    now = timezone.now()
    return BlizzardJob.objects.filter(pk__in=free).update(state=State.DUE, next_due_at=now, updated_at=now)


def begin(entries: "QuerySet[BlizzardJob]") -> None:
    """Note that an attempt starts. Outside of a worker the rows are taken from whoever has them."""
    if leases.current() is not None:
        # The worker noted it when it took the rows in hand.
        return
    entries.update(
        state=State.CLAIMED,
        claim=uuid4(),
        claimed_at=Now(),
        claimed_until=Now() + leases.UNATTENDED,
        is_begun=True,
        is_asked_again=False,
        attempted_at=Now(),
        updated_at=Now(),
    )


def _finished(entries: "QuerySet[BlizzardJob]") -> "QuerySet[BlizzardJob]":
    """The rows whose end a worker may note: not those that others have now."""
    claim = leases.current()
    return entries if claim is None else entries.filter(~Q(state=State.CLAIMED) | Q(claim=claim))


def _unless_asked_again(state: State) -> Case:
    return Case(When(is_asked_again=True, then=Value(State.DUE)), default=Value(state))


@contextmanager
def attempt(entries: "QuerySet[BlizzardJob]") -> Iterator[None]:
    """Note that an attempt starts, and when it breaks off, as `releasing` does."""
    begin(entries)
    with releasing(entries):
        yield


@contextmanager
def releasing(entries: "QuerySet[BlizzardJob]") -> Iterator[None]:
    """Note an error of ours, and raise it again. What Battle.net answers is noted by whoever asked."""
    try:
        yield
    except (ApiError, leases.ClaimLost):
        raise
    except Exception as error:
        break_off(entries, error)
        raise


def succeed(
    entries: "QuerySet[BlizzardJob]", *, changed: bool, now: datetime | None = None, unreadable: int | None = 0
) -> None:
    """Note that the data is up to date as of now; `changed` when something of ours had to be written.

    `unreadable` entries of the answer were left out. None: the answer was "not modified", so the number is the same.
    """
    now = now or timezone.now()
    changes: dict[str, Any] = {"changed_at": now} if changed else {}
    if unreadable is not None:
        changes["unreadable_entries"] = unreadable
    _finished(entries).update(
        state=_unless_asked_again(State.RESTING),
        attempted_at=now,
        succeeded_at=now,
        tries=0,
        priority=Case(When(is_asked_again=True, then=F("priority")), default=Value(Priority.REST)),
        is_asked_again=False,
        first_failed_at=None,
        last_failed_at=None,
        error_kind="",
        error_text="",
        http_status=None,
        updated_at=now,
        **changes,
    )


def fail(entries: "QuerySet[BlizzardJob]", error: ApiError, *, without_end: bool = False) -> None:
    """Note why there are no new figures, and when to try again.

    What is postponed is no failure and costs no try. What may heal by itself is due again after a pause that grows with
    each try; after MOST_TRIES, or when only somebody's help can mend it, the row is in state failed. `without_end`
    tries for as long as it takes: a region's trouble may last for hours.
    """
    now = timezone.now()
    if isinstance(error, Postponed):
        due_at = now + timedelta(seconds=error.retry_after * random.uniform(1.0, 1.2))
        _note(entries, error, state=State.DUE, next_due_at=due_at)
        return
    failure = _failure(now)
    if without_end:
        failure |= {"state": State.DUE}
    elif not error.is_transient:
        failure |= {"state": _unless_asked_again(State.FAILED), "next_due_at": F("next_due_at")}
    _note(entries, error, **failure)


def break_off(entries: "QuerySet[BlizzardJob]", error: Exception) -> None:
    """Note an error of ours or of the database: tried again like an outage of Battle.net, then failed.

    Only what kind of error it is and where it happened: its message may hold anything. A database that takes no note
    either leaves the rows claimed, which ends by itself.
    """
    ours = [one for one in traceback.extract_tb(error.__traceback__) if one.filename.startswith(OUR_CODE)]
    where = f" in {ours[-1].name}, line {ours[-1].lineno}" if ours else ""
    text = f"{type(error).__name__}{where}"
    now = timezone.now()
    if not connection.in_atomic_block:
        # The error may be that the database was started anew.
        connection.close_if_unusable_or_obsolete()
    try:
        _finished(entries).update(
            attempted_at=now,
            error_kind="database" if isinstance(error, Error) else "defect",
            error_text=text[:LONGEST_ERROR_TEXT],
            http_status=None,
            updated_at=now,
            **_failure(now),
        )
    except Error:
        logger.exception("The ledger could not be told of an error either.")


def _failure(now: datetime) -> dict[str, Any]:
    return {
        "tries": F("tries") + 1,
        "first_failed_at": Coalesce("first_failed_at", Value(now)),
        "last_failed_at": now,
        "state": Case(
            When(tries__gte=MOST_TRIES - 1, then=_unless_asked_again(State.FAILED)), default=Value(State.DUE)
        ),
        "next_due_at": _after_a_pause(now),
    }


def doubt(
    entries: "QuerySet[BlizzardJob]", *, lost: int, members: int, again_at: datetime, unreadable: int = 0
) -> None:
    """Note a roster of which it is not believed that so many have left, and when there can be a later one."""
    now = timezone.now()
    text = f"The roster lacks {lost} of {members} members; nobody is removed before a later roster confirms it."
    _finished(entries).update(
        state=State.DUE,
        next_due_at=Case(When(is_asked_again=True, then=Value(now)), default=Value(again_at)),
        priority=Case(When(is_asked_again=True, then=F("priority")), default=Value(Priority.ROSTERS)),
        attempted_at=now,
        is_asked_again=False,
        tries=0,
        first_failed_at=None,
        last_failed_at=None,
        error_kind=BlizzardJob.DOUBTFUL_ROSTER,
        error_text=text,
        http_status=None,
        unreadable_entries=unreadable,
        updated_at=now,
    )


def miss(entries: "QuerySet[BlizzardJob]") -> None:
    """Note that a guild is not where it was, which is not believed either before a second answer."""
    now = timezone.now()
    _finished(entries).update(
        state=State.DUE,
        next_due_at=now + SECOND_LOOK,
        attempted_at=now,
        error_kind="guild_missing",
        error_text="Battle.net does not know the guild; it counts as disbanded when a second answer says the same.",
        http_status=404,
        updated_at=now,
    )


def let_rest(entries: "QuerySet[BlizzardJob]", kind: str, text: str) -> None:
    """Note why there is nothing more to wait for; the row's regular turn asks again all the same."""
    now = timezone.now()
    _finished(entries).update(
        state=_unless_asked_again(State.RESTING),
        attempted_at=now,
        tries=0,
        first_failed_at=None,
        last_failed_at=None,
        error_kind=kind,
        error_text=text,
        http_status=404,
        updated_at=now,
    )


def accept(entries: "QuerySet[BlizzardJob]", error: ApiError) -> None:
    """Note an answer without figures that is normal: a character that Battle.net hides or does not know."""
    _note(entries, error, state=_unless_asked_again(State.RESTING), tries=0)


def _after_a_pause(now: datetime) -> Expression:
    """2, 6, 18, …, at most 1800 seconds after `now`, by the tries so far, spread so that not all come back at once."""
    pause = Least(Value(FIRST_PAUSE) * Power(Value(3.0), F("tries")), Value(LONGEST_PAUSE))
    seconds = pause * (Value(1.0) + Random() * Value(0.5))
    interval = Func(seconds, template="make_interval(secs => %(expressions)s)", output_field=DurationField())
    return ExpressionWrapper(Value(now) + interval, output_field=DateTimeField())


def _note(entries: "QuerySet[BlizzardJob]", error: ApiError, **changes: Any) -> None:
    now = timezone.now()
    _finished(entries).update(
        attempted_at=now,
        is_asked_again=False,
        error_kind=error.kind,
        error_text=str(error)[:LONGEST_ERROR_TEXT],
        http_status=error.status,
        updated_at=now,
        **changes,
    )
