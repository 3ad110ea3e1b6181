"""The ledger: one row for each thing kept in step with Battle.net; the tally of what that was asked; signs of life."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.timestamped import TimestampedModel
from characters.models import Character, Region
from guilds.models import Guild


class BlizzardJobQuerySet(models.QuerySet["BlizzardJob"]):
    """The reads of the ledger."""

    def failed(self) -> "BlizzardJobQuerySet":
        """What will not be tried again by itself before its next regular turn."""
        return self.filter(state="FAILED")

    def of_account(self, user: Any) -> "BlizzardJobQuerySet":
        """The jobs of a person's account, one for each region that the site asks today."""
        return self.filter(kind="ACCOUNT", user=user, region__in=settings.BLIZZARD_REGIONS)

    def of_guild(self, guild: Guild) -> "BlizzardJobQuerySet":
        """The guild's roster and the characters that stand on it; nobody's account."""
        return self.filter(Q(guild=guild) | Q(character__membership__guild=guild))


class BlizzardJob(TimestampedModel):
    """When one region of an account, a character, a guild or a region's game data was asked for, and what came of it.

    The attempt is kept apart from the success and the success from the change, so that a page can say how old
    its figures are and why.
    """

    class Kind(models.TextChoices):
        """What is kept in step."""

        ACCOUNT = "ACCOUNT", _("account")
        CHARACTER = "CHARACTER", _("character")
        GUILD = "GUILD", _("guild")
        GAME_DATA = "GAME_DATA", _("game data")

    class State(models.TextChoices):
        """Where the row stands between two attempts."""

        RESTING = "RESTING", _("up to date")
        DUE = "DUE", _("waiting")
        CLAIMED = "CLAIMED", _("running")
        FAILED = "FAILED", _("failed")

    class Priority(models.IntegerChoices):
        """Who is served first when the budget is short."""

        INTERACTIVE = 0, _("people wait for it")
        ROSTERS = 1, _("rosters")
        ACTIVE = 2, _("active characters")
        REST = 3, _("the rest")

    # The `error_kind` of a roster that waits for a later one.
    DOUBTFUL_ROSTER = "doubtful_roster"

    kind = models.CharField(max_length=9, choices=Kind)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="account_jobs"
    )
    character = models.OneToOneField(Character, on_delete=models.CASCADE, null=True, blank=True, related_name="ledger")
    guild = models.OneToOneField(Guild, on_delete=models.CASCADE, null=True, blank=True, related_name="ledger")
    region = models.CharField(
        max_length=2, choices=Region, null=True, blank=True, help_text=_("Of an account, or whose game data it is.")
    )

    asked_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When somebody asked for it with a button, which is limited.")
    )
    awaited_by = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        related_name="awaited",
        blank=True,
        help_text=_("People whose page waits for this guild's roster."),
    )

    state = models.CharField(max_length=8, choices=State, default=State.DUE)
    priority = models.PositiveSmallIntegerField(choices=Priority, default=Priority.REST)
    next_due_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    claimed_at = models.DateTimeField(null=True, blank=True, help_text=_("When it was handed to a worker."))
    claim = models.UUIDField(
        null=True, blank=True, help_text=_("Which handing out it was part of; who knows another one has lost it.")
    )
    claimed_until = models.DateTimeField(
        null=True, blank=True, help_text=_("When it is due again, unless the worker says that it still works.")
    )
    is_begun = models.BooleanField(default=False, help_text=_("Whether a worker has it in hand, and not the queue."))
    is_asked_again = models.BooleanField(
        default=False, help_text=_("Whether somebody asked for it while a worker had it in hand.")
    )
    attempted_at = models.DateTimeField(null=True, blank=True)
    succeeded_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(null=True, blank=True)
    unreadable_entries = models.PositiveIntegerField(
        default=0, db_default=0, help_text=_("Entries of the last answer that were malformed, and so left out.")
    )
    tries = models.PositiveSmallIntegerField(default=0, help_text=_("Failures in a row; a wait is none."))
    first_failed_at = models.DateTimeField(null=True, blank=True)
    last_failed_at = models.DateTimeField(null=True, blank=True)
    missing_since = models.DateTimeField(
        null=True,
        blank=True,
        help_text=_("When Battle.net first said that the account has no characters in the region, where it had some."),
    )
    error_kind = models.CharField(max_length=20, blank=True)
    error_text = models.CharField(max_length=300, blank=True)
    http_status = models.PositiveSmallIntegerField(null=True, blank=True)

    objects = BlizzardJobQuerySet.as_manager()

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        ordering = ("-attempted_at",)
        constraints = (
            models.CheckConstraint(
                name="ledger_entry_has_one_subject",
                condition=(
                    Q(kind="ACCOUNT", user__isnull=False, character=None, guild=None, region__isnull=False)
                    | Q(kind="CHARACTER", user=None, character__isnull=False, guild=None, region=None)
                    | Q(kind="GUILD", user=None, character=None, guild__isnull=False, region=None)
                    | Q(kind="GAME_DATA", user=None, character=None, guild=None, region__isnull=False)
                ),
            ),
            models.UniqueConstraint(fields=("user", "region"), name="ledger_account_once_per_region"),
            models.UniqueConstraint(
                fields=("region",), condition=Q(kind="GAME_DATA"), name="ledger_game_data_once_per_region"
            ),
        )
        indexes = (
            # Small even when the table is large: only what waits or runs stands in them.
            models.Index(fields=("priority", "next_due_at"), name="ledger_due", condition=Q(state="DUE")),
            models.Index(fields=("claimed_until",), name="ledger_claimed", condition=Q(state="CLAIMED")),
            models.Index(fields=("kind",), name="ledger_failed", condition=Q(state="FAILED")),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.subject}"

    @property
    def subject(self) -> Any:
        """The character or guild, the person with the region, or the region's code."""
        if self.kind == self.Kind.ACCOUNT:
            return f"{self.user} ({self.region})"
        return self.character or self.guild or self.region

    @property
    def is_busy(self) -> bool:
        """Whether an answer is still to come. A roster in doubt has one, and can be requested again."""
        return self.state in {self.State.DUE, self.State.CLAIMED} and not self.is_in_doubt

    @property
    def is_in_doubt(self) -> bool:
        """Whether it is a roster that waits for a later one to confirm it."""
        if self.state != self.State.DUE or self.error_kind != self.DOUBTFUL_ROSTER or self.next_due_at is None:
            return False
        return self.next_due_at > timezone.now()

    def age(self, now: datetime | None = None) -> float | None:
        """Seconds since the figures were last confirmed; None when they never were."""
        if self.succeeded_at is None:
            return None
        return ((now or timezone.now()) - self.succeeded_at).total_seconds()


class AccountFetch(models.Model):
    """One fetch of one region of a person's account, with the requests it cost. Kept for an hour, which they bound."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="account_fetches")
    started_at = models.DateTimeField(default=timezone.now)
    requests = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("fetch of an account")
        verbose_name_plural = _("fetches of accounts")
        ordering = ("started_at",)

    def __str__(self) -> str:
        return f"{self.requests} @ {self.started_at}"


class RequestTally(models.Model):
    """How many requests may have been sent in about a minute: at any time at least as many as were.

    `sync.engine.request_log` writes it, a block of requests ahead, and reads it when Redis lost everything.
    """

    period = models.BigIntegerField(primary_key=True, help_text=_("When it began, in microseconds of Redis's clock."))
    requests = models.PositiveIntegerField()
    counted_at = models.DateTimeField(help_text=_("When it was last written to, by PostgreSQL's clock."))

    class Meta:
        verbose_name = _("tally of requests")
        verbose_name_plural = _("tally of requests")

    def __str__(self) -> str:
        return f"{self.requests} @ {self.counted_at}"


class Heartbeat(models.Model):
    """The last heartbeat of a worker or of the scheduler."""

    name = models.CharField(primary_key=True, max_length=255)
    kind = models.CharField(max_length=6, choices=(("worker", _("worker")), ("beat", _("scheduler"))))
    queues = ArrayField(models.CharField(max_length=64), default=list, blank=True)
    first_seen_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True, help_text=_("When it said goodbye."))

    class Meta:
        verbose_name = _("sign of life")
        verbose_name_plural = _("signs of life")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name
