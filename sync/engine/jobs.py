"""Jobs: what is kept up to date, one row for each kind of data and subject. The table is the durable queue."""

from typing import Self, TypeVar

from django.db import models
from django.db.models import Func, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.timestamped import TimestampedModel

J = TypeVar("J", bound="Job")


class StatementTime(Func):
    """PostgreSQL's clock at the begin of the statement: that of one machine for all."""

    function = "statement_timestamp"
    output_field = models.DateTimeField()


class JobQuerySet(models.QuerySet[J]):
    """The reads of a table of jobs."""

    def failed(self) -> Self:
        """Return jobs that wait for their schedule or for somebody to retry them."""
        return self.filter(state=Job.State.FAILED)

    def idle(self) -> Self:
        """Return jobs that neither wait nor run."""
        return self.filter(state__in=(Job.State.RESTING, Job.State.FAILED))

    def due(self) -> Self:
        return self.filter(state=Job.State.DUE, next_due_at__lte=StatementTime())

    def in_flight(self) -> Self:
        """Return jobs that are in the queue or with a worker, and whose lease is alive."""
        return self.filter(Job.IN_FLIGHT)

    def expired(self) -> Self:
        """Return jobs whose message or worker was lost."""
        return self.filter(Job.CLAIMED, Q(claimed_until=None) | Q(claimed_until__lte=Now()))


class Job(TimestampedModel):
    """The state of one kind of data about one subject.

    The attempt is apart from the success and the success from the change, so that a page can say how old the data is
    and why.
    """

    class State(models.TextChoices):
        """The state of a job."""

        RESTING = "RESTING", _("up to date")
        DUE = "DUE", _("due")
        QUEUED = "QUEUED", _("queued")
        RUNNING = "RUNNING", _("running")
        FAILED = "FAILED", _("failed")

    class Priority(models.IntegerChoices):
        """The order in which jobs run when the budget is short."""

        INTERACTIVE = 0, _("interactive")
        HIGH = 1, _("high")
        NORMAL = 2, _("normal")
        LOW = 3, _("low")

        @property
        def queue(self) -> str:
            return "interactive" if self is Job.Priority.INTERACTIVE else "background"

    CLAIMED = Q(state__in=(State.QUEUED, State.RUNNING))
    IN_FLIGHT = CLAIMED & Q(claimed_until__gt=Now())

    kind = models.CharField(max_length=20)
    state = models.CharField(max_length=8, choices=State, default=State.DUE)
    priority = models.PositiveSmallIntegerField(choices=Priority, default=Priority.LOW)
    next_due_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    claim = models.UUIDField(null=True, blank=True, help_text=_("Fencing token of the current claim."))
    claimed_at = models.DateTimeField(null=True, blank=True, help_text=_("When it was queued for a worker."))
    claimed_until = models.DateTimeField(
        null=True, blank=True, help_text=_("When the lease expires, unless the worker renews it.")
    )
    rerun_requested = models.BooleanField(
        default=False, help_text=_("Whether it was requested again while a worker was running it.")
    )
    attempted_at = models.DateTimeField(null=True, blank=True)
    succeeded_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(null=True, blank=True)
    unreadable_entries = models.PositiveIntegerField(
        default=0, db_default=0, help_text=_("Entries of the last answer that were malformed, and so left out.")
    )
    tries = models.PositiveSmallIntegerField(default=0, help_text=_("Failures in a row; waits do not count."))
    first_failed_at = models.DateTimeField(null=True, blank=True)
    last_failed_at = models.DateTimeField(null=True, blank=True)
    error_kind = models.CharField(max_length=20, blank=True)
    error_text = models.CharField(max_length=300, blank=True)
    http_status = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        abstract = True
        ordering = ("-attempted_at",)
        indexes = (
            # Small even when the table is large: they hold only jobs that wait, run or failed.
            models.Index(fields=("priority", "next_due_at"), name="%(class)s_due", condition=Q(state="DUE")),
            models.Index(
                fields=("claimed_until",), name="%(class)s_claimed", condition=Q(state__in=("QUEUED", "RUNNING"))
            ),
            models.Index(fields=("kind",), name="%(class)s_failed", condition=Q(state="FAILED")),
        )

    @property
    def is_in_flight(self) -> bool:
        """Return whether it is queued or running, and its lease has not expired."""
        is_claimed = self.state in {self.State.QUEUED, self.State.RUNNING}
        return is_claimed and self.claimed_until is not None and self.claimed_until > timezone.now()

    @property
    def is_busy(self) -> bool:
        return self.state in {self.State.DUE, self.State.QUEUED, self.State.RUNNING}
