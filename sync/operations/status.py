"""How the sync is doing, in figures: for the status page and for Prometheus."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import DatabaseError, transaction
from django.db.models import Count, Min, Sum
from django.utils import timezone
from redis.exceptions import RedisError

from sync.engine.circuit_breaker import Pause
from sync.engine.rate_limiter import Budget, Lane
from sync.engine.request_metrics import Counts
from sync.engine.vigil import BEAT, Death, Sign, deaths, signs
from sync.models import BlizzardJob
from sync.wow.provider import circuit_breaker, meter, throttle_for

State = BlizzardJob.State


@dataclass(frozen=True, slots=True)
class Due:
    """How many rows of one priority could be fetched now, and since when the oldest waits."""

    priority: BlizzardJob.Priority
    rows: int = 0
    oldest: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ledger:
    """What PostgreSQL knows."""

    due: list[Due]
    in_flight: int
    failed: "Counter[tuple[str, str]]"
    unreadable: "Counter[str]"
    signs: list[Sign]

    @property
    def oldest_due(self) -> datetime | None:
        """When the row became due that has waited longest."""
        return min((one.oldest for one in self.due if one.oldest), default=None)

    @property
    def dead(self) -> list[Death]:
        """Who should work and does not."""
        return deaths(self.signs)

    @property
    def alive(self) -> "Counter[str]":
        """How many workers of each role live."""
        return Counter(one.role for one in self.signs if one.kind != BEAT and one.is_alive)

    @property
    def last_beat(self) -> timedelta | None:
        """How long ago the scheduler was heard."""
        return min((one.silence for one in self.signs if one.kind == BEAT), default=None)


@dataclass(frozen=True, slots=True)
class Figures:
    """All of it, at one moment. A part is None when the server that knows it does not answer."""

    ledger: Ledger | None
    counts: Counts | None
    budget: Budget | None
    pauses: list[Pause] | None
    at: datetime = field(default_factory=timezone.now)


def gather() -> Figures:
    """Ask PostgreSQL, in five statements, and Redis."""
    return Figures(ledger=_ledger(), counts=_counts(), budget=_budget(), pauses=pauses())


def _ledger() -> Ledger | None:
    try:
        with transaction.atomic():
            return Ledger(due=_due(), in_flight=_in_flight(), failed=_failed(), unreadable=_unreadable(), signs=signs())
    except DatabaseError:
        return None


def _due() -> list[Due]:
    waiting = BlizzardJob.objects.filter(state=State.DUE, next_due_at__lte=timezone.now()).order_by()
    rows = waiting.values_list("priority").annotate(Count("pk"), Min("next_due_at"))
    known = {priority: (count, oldest) for priority, count, oldest in rows}
    return [Due(one, *known.get(one.value, ())) for one in BlizzardJob.Priority]


def _in_flight() -> int:
    return BlizzardJob.objects.in_flight().count()


def _failed() -> "Counter[tuple[str, str]]":
    rows = BlizzardJob.objects.failed().order_by().values_list("kind", "error_kind").annotate(Count("pk"))
    return Counter({(kind, error): count for kind, error, count in rows})


def _unreadable() -> "Counter[str]":
    rows = BlizzardJob.objects.filter(unreadable_entries__gt=0).order_by().values_list("kind")
    return Counter(dict(rows.annotate(Sum("unreadable_entries"))))


def _counts() -> Counts | None:
    try:
        return meter().counts()
    except RedisError:
        return None


def pauses() -> list[Pause] | None:
    """Return which kinds of request are paused, because Battle.net refuses nearly all of them; None without Redis."""
    try:
        return circuit_breaker().pauses()
    except RedisError:
        return None


def _budget() -> Budget | None:
    try:
        return throttle_for(Lane.INTERACTIVE).budget()
    except ConnectionError:
        return None
