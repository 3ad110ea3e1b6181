"""Kinds of job: how often data is fetched, in which batches, at what cost, and by what.

The times of the tiers are in django-celery-beat's tables and can be changed in the admin.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction

from sync.engine import providers, transitions
from sync.engine.claims import Claim
from sync.engine.jobs import Job, JobQuerySet
from sync.engine.rate_limiter import Lane


@dataclass(frozen=True, slots=True)
class Tier:
    """Jobs of one kind that become due together, on a schedule of their own.

    `jobs` returns them, whatever their state; `requests` is what one of them costs. `each_every` is for a tier of those
    jobs of the kind whose time has come: how often each of them is in it. `add_missing` creates jobs of subjects that
    have none yet, for a tier without other code that does so.
    """

    name: str
    jobs: "Callable[[], JobQuerySet[Any]]"
    priority: Job.Priority
    requests: int
    each_every: Callable[[], timedelta] | None = None
    add_missing: Callable[[], object] | None = None


@dataclass(frozen=True, slots=True)
class JobKind:
    """One kind of data that is kept up to date, and everything the engine knows about it.

    `run` fetches and applies at most `batch` claimed jobs, and returns the jobs that are wanted next, if any. It sends
    requests to the `endpoints`; `region` is the lookup from a job to the region that it asks, if the API has regions.
    Somebody waits for an `is_interactive` kind, whatever the priority of its jobs. If people's rights depend on its
    data, it `carries_rights`: its requests have a reserve of their own in the limits.
    """

    provider: str
    name: str
    model: type[Job]
    run: "Callable[[Claim, Lane], JobQuerySet[Any] | None]"
    endpoints: tuple[str, ...]
    region: str = ""
    tiers: tuple[Tier, ...] = ()
    batch: int = 1
    is_interactive: bool = False
    carries_rights: bool = False

    @property
    def jobs(self) -> "JobQuerySet[Job]":
        return JobQuerySet(self.model).filter(kind=self.name)

    def lane(self, queue: str) -> Lane:
        """Return the lane of the requests of jobs from a queue."""
        if queue == "interactive":
            return Lane.INTERACTIVE
        return Lane.RIGHTS if self.carries_rights else Lane.BACKGROUND

    @property
    def priority(self) -> Job.Priority:
        """Return the priority of its most urgent tier."""
        if self.is_interactive:
            return Job.Priority.INTERACTIVE
        return min((tier.priority for tier in self.tiers), default=Job.Priority.NORMAL)


_kinds: dict[tuple[str, str], JobKind] = {}


def register(kinds: Iterable[JobKind]) -> None:
    """Make the kinds known to dispatch, schedules, capacity and the status page."""
    _kinds.update({(one.provider, one.name): one for one in kinds})


def all_kinds() -> list[JobKind]:
    """Return the kinds of all providers that are on."""
    on = {name for name in {one.provider for one in _kinds.values()} if providers.is_on(name)}
    return [one for one in _kinds.values() if one.provider in on]


def kinds_of(provider: str) -> list[JobKind]:
    """Return the kinds of one provider, if it is on."""
    return [one for one in all_kinds() if one.provider == provider]


def kind_named(provider: str, name: str) -> JobKind:
    """Return one kind."""
    return _kinds[provider, name]


def mark_tier_due(name: str) -> int:
    """Make the tier's idle jobs due, also the failed ones; returns how many."""
    kind, tier = tier_named(name)
    if tier.add_missing is not None:
        tier.add_missing()
    with transaction.atomic():
        # A locked job is being synced; waiting for it could deadlock.
        free = tier.jobs().idle().select_for_update(skip_locked=True, of=("self",)).values("pk")
        return transitions.mark_due(kind.jobs.filter(pk__in=free), tier.priority)


def tier_named(name: str) -> tuple[JobKind, Tier]:
    """Return the tier with this name, and its kind. Raises LookupError."""
    for kind in all_kinds():
        for tier in kind.tiers:
            if tier.name == name:
                return kind, tier
    raise LookupError(f"no tier is called {name!r}")
