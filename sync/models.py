"""The tables of the sync: jobs of both games, fetches of accounts, the log of requests, heartbeats."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sync.destiny.jobs import BungieJob, BungieJobQuerySet
from sync.engine.liveness import Heartbeat
from sync.engine.request_log import RequestLogEntry
from sync.wow.jobs import BlizzardJob, BlizzardJobQuerySet

__all__ = (
    "AccountFetch",
    "BlizzardJob",
    "BlizzardJobQuerySet",
    "BungieJob",
    "BungieJobQuerySet",
    "Heartbeat",
    "RequestLogEntry",
)


class AccountFetch(models.Model):
    """A fetch of a player's account in a region, with the requests it cost. Kept for an hour, for the budget."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="account_fetches")
    started_at = models.DateTimeField(default=timezone.now)
    requests = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("fetch of an account")
        verbose_name_plural = _("fetches of accounts")
        ordering = ("started_at",)

    def __str__(self) -> str:
        return f"{self.requests} @ {self.started_at}"
