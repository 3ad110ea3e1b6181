"""The table of the sessions."""

import uuid
from typing import Any

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.devices import Device


class BrowserSession(AbstractBaseSession):
    """A browser where somebody is, or is about to be, signed in. `accounts.session_store` writes it."""

    # Names the session on pages and in addresses; the key itself would let anybody in.
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="sessions"
    )
    browser = models.CharField(max_length=32, blank=True)
    system = models.CharField(_("operating system"), max_length=32, blank=True)
    network = models.CharField(max_length=43, blank=True, help_text=_("The visitor's network, never the full address."))
    started_at = models.DateTimeField(help_text=_("When the person signed in."))
    last_used_at = models.DateTimeField()

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")

    def __str__(self) -> str:
        return f"session {self.public_id}"

    @classmethod
    def get_session_store_class(cls) -> Any:
        """The engine that reads and writes the rows."""
        from accounts.session_store import SessionStore

        return SessionStore

    def take(self, device: Device) -> None:
        """Set the columns that describe the device."""
        self.browser, self.system, self.network = device.browser, device.system, device.network
