"""The engine's own tables: the request log and heartbeats."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


class RequestLogEntry(models.Model):
    """How many requests may have been sent to a provider in about a minute: at any time at least as many as were.

    `sync.engine.request_log` writes it, a block of requests ahead, and reads it when Redis lost everything.
    """

    provider = models.CharField(max_length=20)
    period = models.BigIntegerField(help_text=_("When it began, in microseconds of Redis's clock."))
    requests = models.PositiveIntegerField()
    recorded_at = models.DateTimeField(help_text=_("When it was last written to, by PostgreSQL's clock."))

    class Meta:
        verbose_name = _("request log entry")
        verbose_name_plural = _("request log")
        constraints = (models.UniqueConstraint(fields=("provider", "period"), name="request_log_period_once"),)

    def __str__(self) -> str:
        return f"{self.provider}: {self.requests} @ {self.recorded_at}"


class Heartbeat(models.Model):
    """The last heartbeat of a worker or of the scheduler, or the last dispatch that a worker carried out."""

    name = models.CharField(primary_key=True, max_length=255)
    kind = models.CharField(
        max_length=8, choices=(("worker", _("worker")), ("beat", _("scheduler")), ("dispatch", _("dispatch")))
    )
    queues = ArrayField(models.CharField(max_length=64), default=list, blank=True)
    first_seen_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True, blank=True, help_text=_("When it was stopped on purpose."))

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("heartbeats")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name
