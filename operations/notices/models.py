"""Notices to operators, and the messages that tell them."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Notice(models.Model):
    """A cause that is or was present: one row from its first finding to its end."""

    cause = models.CharField(max_length=100)
    severity = models.CharField(max_length=10)
    text = models.TextField()
    mend = models.TextField()
    since = models.DateTimeField(help_text=_("When it was found first."))
    last_seen_at = models.DateTimeField(help_text=_("When any process found it last."))
    told_at = models.DateTimeField(null=True, blank=True, help_text=_("When operators were to be told."))
    over_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ("-since",)
        constraints = (models.UniqueConstraint(fields=("cause",), condition=Q(over_at=None), name="notice_open_once"),)

    def __str__(self) -> str:
        return f"{self.cause} since {self.since:%Y-%m-%d %H:%M}"


class Message(models.Model):
    """A message about a notice that one channel has to send: that it began, or that it is over."""

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="messages")
    channel = models.CharField(max_length=10)
    is_over = models.BooleanField(default=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("message to operators")
        verbose_name_plural = _("messages to operators")
        constraints = (models.UniqueConstraint(fields=("notice", "channel", "is_over"), name="message_once"),)

    def __str__(self) -> str:
        return f"{self.notice} ({self.channel})"
