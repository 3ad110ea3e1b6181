"""Leases on jobs, with renewal and fencing.

A claim is a token that the dispatcher writes to the jobs it takes and sends along with them. It expires soon unless a
worker starts; from then on it is a lease, which the worker renews as long as it works. A worker that dies renews
nothing, so no lock can be left behind. A worker whose jobs carry another token has lost them: its answer is not
written.
"""

import logging
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import DatabaseError, connection, transaction
from django.db.models import Case, DateTimeField, ExpressionWrapper, QuerySet, Value, When
from django.db.models.functions import Now
from django.utils import timezone

from sync.engine.jobs import Job
from sync.models import BlizzardJob

logger = logging.getLogger(__name__)

# How long a message may lie in Redis before its jobs are due again. One that comes later is thrown away unread.
QUEUED = timedelta(seconds=30)
QUEUED_INTERACTIVE = timedelta(seconds=15)
# How long a lease lasts, and how often a worker renews it.
LEASE = timedelta(seconds=10)
RENEWED_EVERY = timedelta(seconds=2.5)
# Foreground commands renew nothing; somebody watches them.
UNATTENDED = timedelta(minutes=10)

_thread = threading.local()


class ClaimLost(Exception):
    """Others have the jobs now, or they are not wanted any more."""


def claim(jobs: "QuerySet[BlizzardJob]") -> list[BlizzardJob]:
    """Take those of the jobs that are not in flight; the caller sends them to a worker, with their `claim`.

    A claim that expired, because a worker or Redis died, is free again.
    """
    with transaction.atomic():
        return _take(jobs.exclude(Job.IN_FLIGHT).order_by("pk"))


def claim_due(most: int) -> list[BlizzardJob]:
    """Take at most so many jobs that are due, by priority and age.

    Dispatchers that run at once take different jobs.
    """
    with transaction.atomic():
        _make_due(BlizzardJob.objects.expired())
        return _take(BlizzardJob.objects.due().order_by("priority", "next_due_at")[:most])


def release(claimed: Iterable[BlizzardJob]) -> None:
    """Undo a claim: the jobs could not be sent to a worker."""
    rows = list(claimed)
    tokens, keys = {one.claim for one in rows}, [one.pk for one in rows]
    _make_due(BlizzardJob.objects.filter(pk__in=keys, claim__in=tokens, state=Job.State.QUEUED))


def release_queued() -> int:
    """Undo all claims that no worker has started: Redis lost what was sent. Returns how many jobs that is."""
    return _make_due(BlizzardJob.objects.filter(state=Job.State.QUEUED))


def _take(free: "QuerySet[BlizzardJob]") -> list[BlizzardJob]:
    taken = list(free.select_for_update(skip_locked=True, of=("self",)))
    token = uuid4()
    in_queue = Case(When(priority=Job.Priority.INTERACTIVE, then=Value(QUEUED_INTERACTIVE)), default=Value(QUEUED))
    BlizzardJob.objects.filter(pk__in=[one.pk for one in taken]).update(
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
def _make_due(jobs: "QuerySet[BlizzardJob]") -> int:
    free = list(jobs.select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True))
    now = timezone.now()
    return BlizzardJob.objects.filter(pk__in=free).update(state=Job.State.DUE, next_due_at=now, updated_at=now)


def current() -> UUID | None:
    """Return the claim that this thread works for; None in commands."""
    claim: UUID | None = getattr(_thread, "claim", None)
    return claim


def held_jobs() -> "QuerySet[BlizzardJob]":
    """Return the jobs that this thread holds; those that it lost meanwhile are not among them."""
    mine: QuerySet[BlizzardJob] = _thread.jobs
    return mine


def held(field: str) -> set[Any] | None:
    """Return the field's values in the jobs that this thread still holds, locked to the end of the transaction.

    None when it works for no claim.
    """
    if current() is None:
        return None
    return set(held_jobs().order_by("pk").select_for_update(of=("self",), no_key=True).values_list(field, flat=True))


def ensure_held() -> None:
    """Raise ClaimLost unless this thread still holds its jobs; then it does so to the transaction's end."""
    if held("pk") == set():
        raise ClaimLost


@contextmanager
def hold(wanted: "QuerySet[BlizzardJob]", claim: UUID | None = None) -> Iterator[None]:
    """Work on those of the jobs that carry the claim. Raises ClaimLost when none does, or when others started already.

    Without a claim the jobs are taken from whoever has them.
    """
    claim = claim or _seize(wanted)
    mine = wanted.filter(claim=claim)
    if not _start(mine.filter(state=Job.State.QUEUED)):
        raise ClaimLost
    mine = mine.filter(state=Job.State.RUNNING)
    _thread.claim, _thread.jobs = claim, mine
    try:
        with _renewer.renewing(mine):
            yield
    finally:
        _thread.claim = _thread.jobs = None


def _seize(jobs: "QuerySet[BlizzardJob]") -> UUID:
    claim = uuid4()
    jobs.update(state=Job.State.QUEUED, claim=claim, claimed_at=Now(), rerun_requested=False)
    return claim


@transaction.atomic
def _start(jobs: "QuerySet[BlizzardJob]") -> int:
    """Whoever writes to one of the jobs at this moment takes it away from us, so there is nothing to wait for."""
    return _unlocked(jobs).update(
        state=Job.State.RUNNING, attempted_at=Now(), claimed_until=Now() + LEASE, updated_at=Now()
    )


@transaction.atomic
def _renew(jobs: "QuerySet[BlizzardJob]") -> None:
    _unlocked(jobs).update(claimed_until=Now() + LEASE)


def _unlocked(jobs: "QuerySet[BlizzardJob]") -> "QuerySet[BlizzardJob]":
    """Never waits for a lock, so it is in no circle of those who do."""
    free = jobs.select_for_update(skip_locked=True, of=("self",), no_key=True)
    return BlizzardJob.objects.filter(pk__in=free.values("pk"))


class _Renewer:
    """One thread for each process, which runs while there is work that takes longer than a moment."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._work: dict[object, QuerySet[BlizzardJob]] = {}
        self._runner: threading.Thread | None = None

    @contextmanager
    def renewing(self, jobs: "QuerySet[BlizzardJob]") -> Iterator[None]:
        """Renew the lease of the jobs until the block ends."""
        key = object()
        with self._lock:
            self._work[key] = jobs
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
            # What began since the last time has a lease that is young enough.
            if lasting := [jobs for key, jobs in work.items() if key in known]:
                _renew_all(lasting)
            known = set(work)


def _renew_all(work: "list[QuerySet[BlizzardJob]]") -> None:
    try:
        for jobs in work:
            _renew(jobs)
    except DatabaseError as error:
        # Without PostgreSQL nobody can take the jobs either; the next time may go better.
        logger.warning("leases could not be renewed: %s", type(error).__name__)
    finally:
        connection.close()


_renewer = _Renewer()
