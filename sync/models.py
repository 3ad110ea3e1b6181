"""The tables of the sync: jobs, fetches of accounts, the log of requests, heartbeats."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sync.wow.blizzard_job import BlizzardJob, BlizzardJobQuerySet

__all__ = ("AccountFetch", "BlizzardJob", "BlizzardJobQuerySet", "Heartbeat", "RequestTally")


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
