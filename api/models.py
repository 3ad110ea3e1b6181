"""Tokens with which programs read the site as the player who made them."""

from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.timestamped import TimestampedModel


class ApiToken(TimestampedModel):
    """A personal token, or the token in an export address. Only its hash is stored; it is shown once.

    It never gives more than its player can do at that moment: each right is also asked of the player.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=64)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    prefix = models.CharField(max_length=16, editable=False, help_text=_("How it begins, to recognize it."))
    permissions = ArrayField(models.CharField(max_length=64), default=list, blank=True)
    # No foreign keys: `guilds` is a higher layer. The id of a guild that is gone gives nothing.
    guild_ids = ArrayField(models.UUIDField(), default=list, blank=True)
    export = models.CharField(
        max_length=32,
        blank=True,
        help_text=_("The file that it can read and nothing else; empty for a personal token."),
    )
    query = models.CharField(max_length=2000, blank=True, help_text=_("Filters, columns and order of that file."))
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering = ("created_at",)

    def __str__(self) -> str:
        return f"{self.prefix}…"

    @property
    def is_expired(self) -> bool:
        return self.expires_at <= timezone.now()

    def allows(self, permission: str, subject: Any = None) -> bool:
        """Return whether the token includes the permission, and the guild if it is about one."""
        return permission in self.permissions and (subject is None or subject.pk in self.guild_ids)
