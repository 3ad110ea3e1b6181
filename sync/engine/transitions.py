"""The transitions of jobs between their states: due, started, succeeded, failed, parked."""

import logging
import random
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import Error, connection
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
from django.db.models.functions import Coalesce, Greatest, Least, Power, Random
from django.utils import timezone

from sync.engine.claims import Claim, ClaimLost, hold
from sync.engine.errors import ApiError, Paused, Postponed, Unavailable
from sync.engine.jobs import J, Job

logger = logging.getLogger(__name__)

LONGEST_ERROR_TEXT = 300
MOST_TRIES = 6
OUR_CODE = str(settings.BASE_DIR / "sync")
# Seconds; each later pause is three times as long.
FIRST_PAUSE = 2.0
LONGEST_PAUSE = 1800.0
NO_FAILURE: dict[str, Any] = {"tries": 0, "first_failed_at": None, "last_failed_at": None}
NO_ERROR: dict[str, Any] = NO_FAILURE | {"error_kind": "", "error_text": "", "http_status": None}


def mark_due(jobs: "QuerySet[J]", priority: Job.Priority, *, claim: Claim | None = None) -> int:
    """Make the jobs due now; returns how many.

    A running job is not given to a second worker, but due when the first is done; except the jobs of the `claim`, with
    which the caller is done. The order in which they are claimed is random, which mixes the guilds: an outage shows
    sooner if the refused characters are not all of one guild.
    """
    now = timezone.now()
    up_to_a_second = Func(Random(), template="make_interval(secs => %(expressions)s)", output_field=DurationField())
    running = Job.IN_FLIGHT & Q(state=Job.State.RUNNING)
    if claim is not None:
        running &= ~Q(claim=claim.token)
    return jobs.update(
        state=Case(When(running, then=Value(Job.State.RUNNING)), default=Value(Job.State.DUE)),
        rerun_requested=Case(When(running, then=Value(True)), default=Value(False)),
        priority=priority,
        next_due_at=ExpressionWrapper(Value(now) - up_to_a_second, output_field=DateTimeField()),
        tries=0,
        updated_at=now,
    )


def resume(jobs: "QuerySet[J]", priority: Job.Priority) -> int:
    """Make jobs due now that an outage interrupted, at least with this priority; returns how many.

    Their tries stay: one that fails whether there is an outage or not is in state failed at last.
    """
    now = timezone.now()
    return jobs.update(
        state=Job.State.DUE, priority=Least(F("priority"), Value(priority.value)), next_due_at=now, updated_at=now
    )


@contextmanager
def attempt(jobs: "QuerySet[J]", token: UUID | None = None) -> Iterator[Claim]:
    """Hold the jobs as `claims.hold` does; an error of ours is noted and raised again.

    API errors are recorded by the code that sent the request.
    """
    with hold(jobs, token) as claim:
        try:
            yield claim
        except (ApiError, ClaimLost):
            raise
        except Exception as error:
            fail_unexpectedly(claim.held, error, claim=claim)
            raise


def succeed(jobs: "QuerySet[J]", *, claim: Claim, changed: bool, now: datetime | None = None, **columns: Any) -> int:
    """Note that the data is up to date as of now; `changed` when something of ours had to be written.

    `columns` are further columns of the table. Returns for how many jobs: those that others have now are left alone.
    """
    now = now or timezone.now()
    if changed:
        columns["changed_at"] = now
    return _finish(
        jobs,
        claim,
        now,
        state=_unless_rerun_requested(Job.State.RESTING),
        succeeded_at=now,
        priority=Case(When(rerun_requested=True, then=F("priority")), default=Value(Job.Priority.LOW)),
        **NO_ERROR,
        **columns,
    )


def fail(jobs: "QuerySet[J]", error: ApiError, *, claim: Claim, without_end: bool = False) -> None:
    """Note the error, and when to retry.

    A postponed request is no failure and costs no try; one that the circuit breaker paused is due again when the outage
    ends, or at the latest after LONGEST_PAUSE. A transient error is retried after a pause that grows with each
    try; after MOST_TRIES, or if it is permanent, the job is in state failed. `without_end` retries forever, since a
    problem of a region can last for hours.
    """
    now = timezone.now()
    if isinstance(error, Postponed):
        wait = LONGEST_PAUSE if isinstance(error, Paused) else error.retry_after
        due_at = now + timedelta(seconds=wait * random.uniform(1.0, 1.2))
        _finish(jobs, claim, now, state=Job.State.DUE, next_due_at=due_at, **_columns_of(error))
        return
    failure = _failure(now, error.retry_after if isinstance(error, Unavailable) else 0.0)
    if without_end:
        failure |= {"state": Job.State.DUE}
    elif not error.is_transient:
        failure |= {"state": _unless_rerun_requested(Job.State.FAILED), "next_due_at": F("next_due_at")}
    _finish(jobs, claim, now, **_columns_of(error), **failure)


def fail_unexpectedly(jobs: "QuerySet[J]", error: Exception, *, claim: Claim) -> None:
    """Note an error of ours or of the database: retried like an outage of the API, then failed.

    Only its class and the line are noted: its message can contain anything. If the database cannot note it either, the
    jobs stay claimed until the lease expires.
    """
    ours = [one for one in traceback.extract_tb(error.__traceback__) if one.filename.startswith(OUR_CODE)]
    where = f" in {ours[-1].name}, line {ours[-1].lineno}" if ours else ""
    text = f"{type(error).__name__}{where}"
    now = timezone.now()
    if not connection.in_atomic_block:
        # PostgreSQL may have been restarted.
        connection.close_if_unusable_or_obsolete()
    try:
        _finish(
            jobs,
            claim,
            now,
            error_kind="database" if isinstance(error, Error) else "defect",
            error_text=text[:LONGEST_ERROR_TEXT],
            http_status=None,
            **_failure(now),
        )
    except Error:
        logger.exception("An error of a job could not be noted either.")


def await_second_answer(
    jobs: "QuerySet[J]", *, claim: Claim, again_at: datetime, error_kind: str, error_text: str, **columns: Any
) -> None:
    """Note an answer that counts only when a later one confirms it, and when there can be one."""
    now = timezone.now()
    error = {"error_kind": error_kind, "error_text": error_text}
    _finish(
        jobs,
        claim,
        now,
        state=Job.State.DUE,
        next_due_at=Case(When(rerun_requested=True, then=Value(now)), default=Value(again_at)),
        priority=Case(When(rerun_requested=True, then=F("priority")), default=Value(Job.Priority.HIGH)),
        **NO_ERROR | error | columns,
    )


def park(
    jobs: "QuerySet[J]", *, claim: Claim | None, error_kind: str = "", error_text: str = "", **columns: Any
) -> None:
    """Park the jobs until their schedule, or until somebody refreshes them; `error_kind` and `error_text` say why.

    Without a claim also those that a worker is running.
    """
    now = timezone.now()
    error = {"error_kind": error_kind, "error_text": error_text}
    _finished(jobs, claim).update(
        state=_unless_rerun_requested(Job.State.RESTING),
        next_due_at=Case(When(rerun_requested=True, then=Value(now)), default=None),
        rerun_requested=False,
        updated_at=now,
        **NO_ERROR | error | columns,
    )


def finish_without_data(jobs: "QuerySet[J]", error: ApiError, *, claim: Claim | None) -> None:
    """Note an answer without data that is normal: a character that Battle.net hides or does not know."""
    _finish(
        jobs,
        claim,
        timezone.now(),
        state=_unless_rerun_requested(Job.State.RESTING),
        tries=0,
        **_columns_of(error),
    )


def _finish(jobs: "QuerySet[J]", claim: Claim | None, now: datetime, **columns: Any) -> int:
    return _finished(jobs, claim).update(attempted_at=now, rerun_requested=False, updated_at=now, **columns)


def _finished(jobs: "QuerySet[J]", claim: Claim | None) -> "QuerySet[J]":
    """Return the jobs whose end the holder of the claim can note: not those that others have now."""
    return jobs if claim is None else jobs.filter(~Job.CLAIMED | Q(claim=claim.token))


def _columns_of(error: ApiError) -> dict[str, Any]:
    return {
        "error_kind": error.kind,
        "error_text": str(error)[:LONGEST_ERROR_TEXT],
        "http_status": error.status,
    }


def _failure(now: datetime, shortest_pause: float = 0.0) -> dict[str, Any]:
    return {
        "tries": F("tries") + 1,
        "first_failed_at": Coalesce("first_failed_at", Value(now)),
        "last_failed_at": now,
        "state": Case(
            When(tries__gte=MOST_TRIES - 1, then=_unless_rerun_requested(Job.State.FAILED)),
            default=Value(Job.State.DUE),
        ),
        "next_due_at": _after_a_pause(now, shortest_pause),
    }


def _unless_rerun_requested(state: Job.State) -> Case:
    return Case(When(rerun_requested=True, then=Value(Job.State.DUE)), default=Value(state))


def _after_a_pause(now: datetime, shortest: float) -> Expression:
    """2, 6, 18, …, at most 1800 seconds after `now`, by the tries so far, spread so that not all come back at once."""
    grown = Least(Value(FIRST_PAUSE) * Power(Value(3.0), F("tries")), Value(LONGEST_PAUSE))
    pause = Greatest(grown, Value(shortest))
    seconds = pause * (Value(1.0) + Random() * Value(0.5))
    interval = Func(seconds, template="make_interval(secs => %(expressions)s)", output_field=DurationField())
    return ExpressionWrapper(Value(now) + interval, output_field=DateTimeField())
