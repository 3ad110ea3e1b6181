"""Make jobs due by tier. The times are in django-celery-beat's tables and can be changed in the admin."""

from django.db import transaction

from sync.engine import transitions
from sync.engine.kinds import JobKind, Tier, all_kinds


def mark_due(name: str) -> int:
    """Make the tier's idle jobs due, also the failed ones; returns how many."""
    kind, tier = tier_named(name)
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
