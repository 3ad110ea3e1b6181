"""Leases on jobs, with renewal and fencing.

A claim is a token that the dispatcher writes to the jobs it takes and sends along with them. It expires soon unless a
worker starts; from then on it is a lease, which the worker renews as long as it works. A worker that dies renews
nothing, so no lock can be left behind. A worker whose jobs carry another token has lost them: its answer is not
written.
"""

import logging
import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID, uuid4

from django.db import DatabaseError, connection, transaction
from django.db.models import Case, DateTimeField, ExpressionWrapper, QuerySet, Value, When
from django.db.models.functions import Now
from django.utils import timezone

from sync.engine.jobs import J, Job, JobQuerySet

logger = logging.getLogger(__name__)

# How long a message can be in Redis before its jobs are due again. A later one is dropped.
QUEUED = timedelta(seconds=30)
QUEUED_INTERACTIVE = timedelta(seconds=15)
# How long a lease lasts, and how often a worker renews it.
LEASE = timedelta(seconds=10)
RENEWED_EVERY = timedelta(seconds=2.5)


class ClaimLost(Exception):
    """Another process has the jobs now, or they were deleted."""


def claim(jobs: "QuerySet[J]") -> list[J]:
    """Claim those of the jobs that are not in flight; the caller sends them to a worker, with their `claim`.

    An expired claim, whose worker or message was lost, does not count.
    """
    with transaction.atomic():
        return _take(jobs.exclude(Job.IN_FLIGHT).order_by("pk"))


def claim_due(jobs: JobQuerySet[J], most: int) -> list[J]:
    """Take at most this many due jobs, by priority and age.

    Parallel dispatchers take different jobs.
    """
    with transaction.atomic():
        _make_due(jobs.expired())
        return _take(jobs.due().order_by("priority", "next_due_at")[:most])


def release(claimed: Sequence[J]) -> None:
    """Undo a claim: the jobs could not be sent to a worker."""
    if claimed:
        jobs = type(claimed[0])._default_manager.filter(pk__in=[one.pk for one in claimed])
        _make_due(jobs.filter(claim=claimed[0].claim, state=Job.State.QUEUED))


def release_queued(jobs: "QuerySet[J]") -> int:
    """Undo all claims that no worker has started, because Redis lost the messages; returns how many."""
    return _make_due(jobs.filter(state=Job.State.QUEUED))


def _take(free: "QuerySet[J]") -> list[J]:
    taken = list(free.select_for_update(skip_locked=True, of=("self",)))
    token = uuid4()
    in_queue = Case(When(priority=Job.Priority.INTERACTIVE, then=Value(QUEUED_INTERACTIVE)), default=Value(QUEUED))
    free.model._default_manager.filter(pk__in=[one.pk for one in taken]).update(
        state=Job.State.QUEUED,
        claim=token,
        claimed_at=Now(),
        claimed_until=ExpressionWrapper(Now() + in_queue, output_field=DateTimeField()),
        rerun_requested=False,
        updated_at=Now(),
    )
    for one in taken:
        one.claim = token
    return taken


@transaction.atomic
def _make_due(jobs: "QuerySet[J]") -> int:
    free = list(jobs.select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True))
    now = timezone.now()
    lost = jobs.model._default_manager.filter(pk__in=free)
    return lost.update(state=Job.State.DUE, next_due_at=now, updated_at=now)


@dataclass(frozen=True, slots=True)
class Claim:
    """Some jobs, and the fencing token that they carry until another process claims them."""

    jobs: "QuerySet[Any]"
    token: UUID

    @property
    def held(self) -> "QuerySet[Any]":
        """The jobs that nobody else has claimed since."""
        return self.jobs.filter(state=Job.State.RUNNING, claim=self.token)

    def narrowed(self, jobs: "QuerySet[Any]") -> "Claim":
        return Claim(jobs, self.token)

    def lock(self, field: str) -> set[Any]:
        """Return the field's values in the jobs that are still held, locked to the end of the transaction."""
        locked = self.held.order_by("pk").select_for_update(of=("self",), no_key=True)
        return set(locked.values_list(field, flat=True))

    def ensure_held(self) -> None:
        """Raise ClaimLost if none of the jobs is held any more; the others stay so to the end of the transaction."""
        if not self.lock("pk"):
            raise ClaimLost


@contextmanager
def hold(jobs: "QuerySet[J]", token: UUID | None = None) -> Iterator[Claim]:
    """Work on those of the jobs that carry the token, and renew their lease until the block ends.

    Raises ClaimLost if none does, or if they have been started already. Without a token the jobs are taken from any
    other holder: a command in the foreground goes first.
    """
    claim = Claim(jobs, token or uuid4())
    if not (_preempt(jobs, claim.token) if token is None else _start(jobs.filter(state=Job.State.QUEUED, claim=token))):
        raise ClaimLost
    with _renewer.renewing(claim):
        yield claim


@transaction.atomic(savepoint=False)
def _preempt(jobs: "QuerySet[J]", token: UUID) -> int:
    # In the order in which `Claim.lock` takes them: an UPDATE alone has no order, and the two could deadlock.
    ordered = jobs.order_by("pk").select_for_update(of=("self",), no_key=True)
    taken = jobs.model._default_manager.filter(pk__in=ordered.values("pk"))
    return taken.update(claim=token, claimed_at=Now(), rerun_requested=False, **_running())


@transaction.atomic
def _start(jobs: "QuerySet[J]") -> int:
    """Start the jobs that are not locked: a lock is held by somebody who takes the job away."""
    return _unlocked(jobs).update(**_running())


def _running() -> dict[str, Any]:
    return {
        "state": Job.State.RUNNING,
        "attempted_at": Now(),
        "claimed_until": ExpressionWrapper(Now() + Value(LEASE), output_field=DateTimeField()),
        "updated_at": Now(),
    }


@transaction.atomic
def _renew(jobs: "QuerySet[J]") -> None:
    _unlocked(jobs).update(claimed_until=Now() + LEASE)


def _unlocked(jobs: "QuerySet[J]") -> "QuerySet[J]":
    """Return the jobs that are not locked, so that nothing waits and no deadlock is possible."""
    free = jobs.select_for_update(skip_locked=True, of=("self",), no_key=True)
    return jobs.model._default_manager.filter(pk__in=free.values("pk"))


class _Renewer:
    """A thread per process that renews the leases of running jobs."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._work: dict[object, Claim] = {}
        self._runner: threading.Thread | None = None

    @contextmanager
    def renewing(self, claim: Claim) -> Iterator[None]:
        key = object()
        with self._lock:
            self._work[key] = claim
            # Also after a fork, which takes no threads along.
            if self._runner is None or not self._runner.is_alive():
                self._runner = threading.Thread(target=self._run, name="leases", daemon=True)
                self._runner.start()
        try:
            yield
        finally:
            with self._lock:
                del self._work[key]

    def _run(self) -> None:
        known: set[object] = set()
        while True:
            self._wake.wait(RENEWED_EVERY.total_seconds())
            with self._lock:
                work = dict(self._work)
            # A lease that began since the last time is young enough.
            if lasting := [claim for key, claim in work.items() if key in known]:
                _renew_all(lasting)
            known = set(work)


def _renew_all(claims: list[Claim]) -> None:
    of_model: dict[type[Any], list[QuerySet[Any]]] = defaultdict(list)
    for claim in claims:
        of_model[claim.jobs.model].append(claim.held)
    try:
        for held in of_model.values():
            _renew(reduce(or_, held))
    except DatabaseError as error:
        # Without PostgreSQL nobody can take the jobs either; the next renewal can succeed.
        logger.warning("leases could not be renewed: %s", type(error).__name__)
    finally:
        connection.close()


_renewer = _Renewer()
