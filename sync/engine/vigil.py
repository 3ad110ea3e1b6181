"""Who should be at work and gives no sign of life: rules on the rows that `sync.engine.heartbeats` writes."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import DurationField, ExpressionWrapper, F
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from sync.engine.models import Heartbeat

# Who was silent for so long is dead; signs come every 15 seconds.
SILENCE = timedelta(seconds=75)
BEAT = "beat"


@dataclass(frozen=True, slots=True)
class Sign:
    """A worker or the scheduler, and how long ago it gave its last sign of life, by PostgreSQL's clock."""

    name: str
    kind: str
    queues: tuple[str, ...]
    first_seen_at: datetime
    seen_at: datetime
    silence: timedelta
    has_ended: bool = False

    @property
    def role(self) -> str:
        """What it does, without the machine's name, which is nobody's business."""
        return self.name.partition("@")[0]

    @property
    def is_alive(self) -> bool:
        """Whether it was heard lately and did not say goodbye."""
        return not self.has_ended and self.silence <= SILENCE

    @property
    def is_silent(self) -> bool:
        """Whether it stopped without a word."""
        return not self.has_ended and self.silence > SILENCE


@dataclass(frozen=True, slots=True)
class Death:
    """What gives no sign of life, and since when; None for never."""

    who: str
    silence: timedelta | None = None

    def __str__(self) -> str:
        if self.silence is None:
            return _("%(who)s: was never seen") % {"who": self.who}
        now = timezone.now()
        span = timesince(now - self.silence, now, depth=1).replace("\xa0", " ")
        return _("%(who)s: no sign of life for %(span)s") % {"who": self.who, "span": span}


def signs() -> list[Sign]:
    """Every worker and scheduler that was seen within a week."""
    silence = ExpressionWrapper(Now() - F("seen_at"), output_field=DurationField())
    return [
        Sign(
            one.name,
            one.kind,
            tuple(one.queues),
            one.first_seen_at,
            one.seen_at,
            one.silence,
            one.stopped_at is not None,
        )
        for one in Heartbeat.objects.annotate(silence=silence).order_by("name")
    ]


def deaths(seen: Collection[Sign], queues: Iterable[str] | None = None) -> list[Death]:
    """Who is missing: workers that fell silent, then queues that nobody serves, then the scheduler.

    Without the scheduler nothing becomes due, and what nobody serves is not done: both are missed even if they were
    never there. Who said goodbye is missed only when nobody is left to do the work.
    """
    workers = [one for one in seen if one.kind != BEAT]
    found = [Death(one.role, one.silence) for one in _unreplaced(workers)]
    told = {queue for one in _unreplaced(workers) for queue in one.queues}
    for queue in queues_of_settings() if queues is None else queues:
        serving = [one for one in workers if queue in one.queues]
        if queue not in told:
            found += _missing(_("worker of the queue %(queue)s") % {"queue": queue}, serving)
    return [*found, *_missing(BEAT, [one for one in seen if one.kind == BEAT])]


def queues_of_settings() -> list[str]:
    """The queues that must be served."""
    return [queue.name for queue in settings.CELERY_TASK_QUEUES]


def _missing(who: str, candidates: Collection[Sign]) -> list[Death]:
    """One death unless one of them was heard lately; a goodbye gives the successor as much time as silence does."""
    if not candidates:
        return [Death(who)]
    shortest = min(one.silence for one in candidates)
    return [Death(who, shortest)] if shortest > SILENCE else []


def _unreplaced(workers: Collection[Sign]) -> Iterator[Sign]:
    """The silent ones in whose place no new one of the same role has come: machines come back under new names."""
    fresh = sorted((one for one in workers if one.is_alive), key=lambda one: one.first_seen_at)
    for dead in sorted((one for one in workers if one.is_silent), key=lambda one: one.seen_at):
        heir = next((one for one in fresh if one.role == dead.role and one.first_seen_at > dead.seen_at), None)
        if heir is None:
            yield dead
        else:
            fresh.remove(heir)
