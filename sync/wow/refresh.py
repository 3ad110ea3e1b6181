"""What people ask for with a button: figures now, and another try of what failed."""

from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from accounts.models import User
from guilds.models import Guild
from sync.engine import transitions
from sync.engine.dispatch import send_now
from sync.models import BlizzardJob, BlizzardJobQuerySet
from sync.wow import account_jobs
from sync.wow.jobs import roster_job

State = BlizzardJob.State
Priority = BlizzardJob.Priority

# The same guild or account may be asked for once in this time.
PAUSE = timedelta(minutes=5)


class TooSoon(Exception):
    """Somebody asked a moment ago; `again_at` is when one may ask again."""

    def __init__(self, again_at: datetime) -> None:
        self.again_at = again_at
        super().__init__(f"not before {again_at}")


def refresh_guild(*, guild: Guild) -> None:
    """Ask for the guild's roster now, before all work that nobody waits for. Raises TooSoon."""
    _ask(BlizzardJob.objects.filter(pk=roster_job(guild).pk))


def refresh_account(*, user: User) -> None:
    """Ask for the person's characters and their guilds now. Raises TooSoon, also when all regions were just read."""
    jobs = account_jobs.open_jobs(user)
    wanted = account_jobs.without_fresh(jobs)
    oldest = jobs.aggregate(oldest=Min("succeeded_at"))["oldest"]
    if oldest is not None and not wanted.exists():
        raise TooSoon(oldest + account_jobs.FRESH)
    _ask(wanted)


def retry(*, failed: BlizzardJobQuerySet) -> int:
    """Make what failed due again, before all other work that nobody waits for; returns how many rows."""
    with transaction.atomic():
        # Whoever writes to a row right now tries it already.
        free = failed.failed().select_for_update(skip_locked=True, of=("self",)).values("pk")
        return transitions.mark_due(BlizzardJob.objects.filter(pk__in=free), Priority.HIGH)


def may_ask_again_at(entry: BlizzardJob | None) -> datetime | None:
    """When one may ask again; None for now."""
    if entry is None or entry.refresh_requested_at is None or entry.refresh_requested_at + PAUSE <= timezone.now():
        return None
    return entry.refresh_requested_at + PAUSE


@transaction.atomic
def _ask(rows: BlizzardJobQuerySet) -> None:
    # Two who ask at once stand one behind the other here, and the second is told.
    locked = list(rows.order_by("pk").select_for_update())
    if waits := [again_at for one in locked if (again_at := may_ask_again_at(one)) is not None]:
        raise TooSoon(max(waits))
    rows.update(refresh_requested_at=timezone.now())
    wanted = [one.pk for one in locked if not one.is_in_flight]
    transitions.mark_due(BlizzardJob.objects.filter(pk__in=wanted), Priority.INTERACTIVE)
    transaction.on_commit(partial(_send, [one.pk for one in locked]))


def _send(keys: list[UUID]) -> None:
    send_now(BlizzardJob.objects.filter(pk__in=keys, state=State.DUE))
