"""Plans that move items: what a player wished, the steps to it, and what became of each."""

from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.timestamped import TimestampedModel
from destiny.models.accounts import DestinyMembership

# Plans that ended are listed for so long.
KEPT = timedelta(days=30)


class MovePlan(TimestampedModel):
    """What a player wants to have moved, equipped or locked. A membership's plans are carried out one after the other.

    `goals` are the wishes, each as `destiny.moves.goals.Goal` stores itself. `reason` says why the plan ended early
    (`destiny.moves.sentences`).
    """

    class State(models.TextChoices):
        """The state of a plan."""

        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        PARTLY = "partly", _("partly done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("canceled")

    OPEN = Q(state__in=(State.WAITING, State.RUNNING))

    membership = models.ForeignKey(DestinyMembership, on_delete=models.CASCADE, related_name="plans")
    name = models.CharField(_("name"), max_length=120, blank=True)
    goals = models.JSONField(default=list)
    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    reason = models.CharField(max_length=30, blank=True)
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("plan of moves")
        verbose_name_plural = _("plans of moves")
        ordering = ("-created_at", "-pk")

    def __str__(self) -> str:
        return self.name or str(self.pk)

    @property
    def is_open(self) -> bool:
        """Return whether something of it can still be sent."""
        return self.state in {self.State.WAITING, self.State.RUNNING}


class MoveStep(models.Model):
    """One request of a plan. It is marked as sending, durably, before the request leaves.

    `goal` is the place in the plan's goals of the one that it serves. `character_id` is the guardian that acts: who
    gives or receives the item, or wears it; `slot_hash` the bucket where the item belongs. `quantity` is
    how many of a stack; `total_before` and `target_before` are how many were where it is taken from, and where it goes,
    before. `tries` are the requests to which Bungie did not say that nothing was done.
    `code` is Bungie's error code, `reason` one of ours.
    """

    class State(models.TextChoices):
        """The state of a step. What is sending was sent, or is about to be, and nobody has read an answer yet."""

        PLANNED = "planned", _("planned")
        SENDING = "sending", _("sending")
        DONE = "done", _("done")
        REFUSED = "refused", _("refused")
        SKIPPED = "skipped", _("skipped")
        UNKNOWN = "unknown", _("unknown")

    plan = models.ForeignKey(MovePlan, on_delete=models.CASCADE, related_name="steps", db_index=False)
    number = models.PositiveSmallIntegerField()
    goal = models.PositiveSmallIntegerField()
    action = models.CharField(max_length=10)
    why = models.CharField(max_length=10)
    item_hash = models.BigIntegerField()
    instance_id = models.BigIntegerField(null=True, blank=True)
    quantity = models.PositiveIntegerField(default=1)
    slot_hash = models.BigIntegerField(default=0, db_default=0)
    is_account_slot = models.BooleanField(default=False, db_default=False)
    character_id = models.BigIntegerField()
    socket = models.PositiveSmallIntegerField(null=True, blank=True)
    plug_hash = models.BigIntegerField(null=True, blank=True)
    loadout = models.JSONField(
        null=True,
        blank=True,
        help_text=_("Which of the game's loadouts it is about, and what it is to be called: index, name, icon, color."),
    )
    state = models.CharField(max_length=8, choices=State, default=State.PLANNED)
    code = models.PositiveIntegerField(null=True, blank=True)
    reason = models.CharField(max_length=30, blank=True)
    tries = models.PositiveSmallIntegerField(default=0, db_default=0)
    total_before = models.PositiveIntegerField(null=True, blank=True)
    target_before = models.PositiveIntegerField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("step of a plan")
        verbose_name_plural = _("steps of plans")
        ordering = ("plan", "number")
        constraints = (
            # Its index also finds the steps of a plan.
            models.UniqueConstraint(fields=("plan", "number"), name="movestep_once_per_plan"),
        )

    def __str__(self) -> str:
        return f"{self.number} {self.action}"
