"""Model of the security log."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.timestamped import TimestampedModel


class SecurityEvent(TimestampedModel):
    """An event that matters for the security of accounts and guilds. Only `accounts.security_log.record` creates it."""

    class Event(models.TextChoices):
        """Kinds of events."""

        SIGNED_IN = "signed_in", _("signed in")
        SIGN_IN_FAILED = "sign_in_failed", _("sign-in failed")
        SIGNED_OUT = "signed_out", _("signed out")
        SESSIONS_ENDED = "sessions_ended", _("sessions ended")
        ADMIN_GRANTED = "admin_granted", _("site admin granted")
        ADMIN_REVOKED = "admin_revoked", _("site admin revoked")
        ACCOUNT_CLOSED = "account_closed", _("account closed")
        ACCOUNT_REOPENED = "account_reopened", _("account reopened")
        ACCOUNT_DELETED = "account_deleted", _("account deleted")
        DATA_EXPORTED = "data_exported", _("data exported")
        RIGHTS_CHANGED = "rights_changed", _("permissions changed")
        GUILD_DATA_DELETED = "guild_data_deleted", _("guild data deleted")
        GUILD_DATA_RESTORED = "guild_data_restored", _("guild data restored")
        NOTES_DELETED = "notes_deleted", _("notes deleted")

    event = models.CharField(_("event"), max_length=32, choices=Event)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("user"),
        help_text=_("Whose account or permissions it is about."),
    )
    user_label = models.CharField(
        _("user, by name"), max_length=64, blank=True, help_text=_("The BattleTag at that time.")
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("actor"),
        help_text=_("Who did it. Empty for visitors, commands and background work."),
    )
    actor_label = models.CharField(
        _("actor, by name"), max_length=64, blank=True, help_text=_("The BattleTag at that time.")
    )
    # No foreign key: `guilds` is a higher layer, and the event outlives the guild's data.
    guild_id = models.UUIDField(_("guild"), null=True, blank=True)
    address = models.GenericIPAddressField(
        _("IP address"), null=True, blank=True, help_text=_("Of the client. Empty for commands and background work.")
    )
    details = models.JSONField(_("details"), default=dict, blank=True)

    class Meta:
        verbose_name = _("security event")
        verbose_name_plural = _("security log")
        ordering = ("-created_at",)
        indexes = (
            models.Index(fields=("-created_at",), name="security_event_time"),
            models.Index(fields=("event", "-created_at"), name="security_event_kind"),
        )

    def __str__(self) -> str:
        return f"{self.get_event_display()}, {self.created_at:%Y-%m-%d %H:%M}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert the event. Raises ValidationError for a change: the log is append-only."""
        if not self._state.adding:
            raise ValidationError("The security log is append-only.")
        super().save(*args, **kwargs)
