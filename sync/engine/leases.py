"""Who has a row of the ledger in hand, and for how long: claims end by themselves, and work keeps its own alive.

A claim is a number that the dispatcher writes to the rows it takes and sends along with them. It ends soon unless a
worker begins; from then on it is a lease, which the worker renews as long as it works. A worker that dies renews
nothing, so no lock can be left behind. Whoever finds that the rows carry another number has lost them: its answer is
not written.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from sync.models import BlizzardJob

logger = logging.getLogger(__name__)

State = BlizzardJob.State
# How long a message may lie in Redis before its rows are due again. One that comes later is thrown away unread.
QUEUED = timedelta(seconds=30)
QUEUED_INTERACTIVE = timedelta(seconds=15)
# How long a worker has its rows without saying so again, and how often it says so.
LEASE = timedelta(seconds=10)
RENEWED_EVERY = timedelta(seconds=2.5)
# Foreground commands renew nothing; somebody watches them.
UNATTENDED = timedelta(minutes=10)

_thread = threading.local()


class ClaimLost(Exception):
    """Others have the rows now, or they are not wanted any more."""


def current() -> UUID | None:
    """The claim that this thread works for; None in commands."""
    claim: UUID | None = getattr(_thread, "claim", None)
    return claim


def entries() -> "QuerySet[BlizzardJob]":
    """The rows that this thread holds; those that it lost meanwhile are not among them."""
    mine: QuerySet[BlizzardJob] = _thread.entries
    return mine


def held(field: str) -> set[Any] | None:
    """The field's values in the rows that this thread still holds, locked to the end of the transaction.

    None when it works for no claim.
    """
    if current() is None:
        return None
    return set(entries().order_by("pk").select_for_update(of=("self",), no_key=True).values_list(field, flat=True))


def confirm() -> None:
    """Raise ClaimLost unless what this thread works for is still its own; so it stays to the transaction's end."""
    if held("pk") == set():
        raise ClaimLost


@contextmanager
def in_hand(wanted: "QuerySet[BlizzardJob]", claim: UUID | None = None) -> Iterator[None]:
    """Work on those of the rows that carry the claim. Raises ClaimLost when none does, or when others began already.

    Without a claim the rows are taken from whoever has them.
    """
    claim = claim or _seize(wanted)
    mine = wanted.filter(state=State.CLAIMED, claim=claim)
    if not _begin(mine.filter(is_begun=False)):
        raise ClaimLost
    _thread.claim, _thread.entries = claim, mine
    try:
        with _renewer.renewing(mine):
            yield
    finally:
        _thread.claim = _thread.entries = None


def _seize(entries: "QuerySet[BlizzardJob]") -> UUID:
    claim = uuid4()
    entries.update(state=State.CLAIMED, claim=claim, claimed_at=Now(), is_begun=False, is_asked_again=False)
    return claim


@transaction.atomic
def _begin(entries: "QuerySet[BlizzardJob]") -> int:
    """Whoever writes to one of the rows at this moment takes it away from us, so there is nothing to wait for."""
    return _unlocked(entries).update(is_begun=True, attempted_at=Now(), claimed_until=Now() + LEASE, updated_at=Now())


@transaction.atomic
def _renew(entries: "QuerySet[BlizzardJob]") -> None:
    _unlocked(entries).update(claimed_until=Now() + LEASE)


def _unlocked(entries: "QuerySet[BlizzardJob]") -> "QuerySet[BlizzardJob]":
    """Never waits for a lock, so it is in no circle of those who do."""
    free = entries.select_for_update(skip_locked=True, of=("self",), no_key=True)
    return BlizzardJob.objects.filter(pk__in=free.values("pk"))


class _Renewer:
    """One thread for each process, which runs while there is work that takes longer than a moment."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._work: dict[object, QuerySet[BlizzardJob]] = {}
        self._runner: threading.Thread | None = None

    @contextmanager
    def renewing(self, entries: "QuerySet[BlizzardJob]") -> Iterator[None]:
        """Renew the lease of the rows until the block ends."""
        key = object()
        with self._lock:
            self._work[key] = entries
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
            if lasting := [entries for key, entries in work.items() if key in known]:
                _renew_all(lasting)
            known = set(work)


def _renew_all(work: "list[QuerySet[BlizzardJob]]") -> None:
    try:
        for entries in work:
            _renew(entries)
    except DatabaseError as error:
        # Without PostgreSQL nobody can take the rows either; the next time may go better.
        logger.warning("leases could not be renewed: %s", type(error).__name__)
    finally:
        connection.close()


_renewer = _Renewer()
