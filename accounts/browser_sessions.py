"""Model of the browser sessions."""

import uuid
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.devices import Device

if TYPE_CHECKING:
    from accounts.models import User


class BrowserSession(AbstractBaseSession):
    """A browser in which somebody is signed in or is about to sign in. `accounts.session_store` writes it."""

    # Identifies the session on pages and in URLs; the session key itself would let anybody in.
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="sessions"
    )
    browser = models.CharField(max_length=32, blank=True)
    system = models.CharField(gettext_lazy("operating system"), max_length=32, blank=True)
    network = models.CharField(
        max_length=43, blank=True, help_text=gettext_lazy("The visitor's network, never the full IP address.")
    )
    started_at = models.DateTimeField(help_text=gettext_lazy("When the player signed in."))
    last_used_at = models.DateTimeField()

    class Meta:
        verbose_name = gettext_lazy("session")
        verbose_name_plural = gettext_lazy("sessions")

    def __str__(self) -> str:
        return f"session {self.public_id}"

    @classmethod
    def active(cls, user: "User") -> "models.QuerySet[BrowserSession]":
        """Return the user's sessions that have not expired."""
        return cls.objects.filter(user=user, expire_date__gt=timezone.now())

    @property
    def device_name(self) -> str:
        """Return the browser and the operating system, as far as they are known."""
        if self.browser and self.system:
            return _("%(browser)s on %(system)s") % {"browser": self.browser, "system": self.system}
        return self.browser or self.system or _("Unknown browser")

    @classmethod
    def get_session_store_class(cls) -> Any:
        from accounts.session_store import SessionStore

        return SessionStore

    def take(self, device: Device) -> None:
        """Set the columns that describe the device."""
        self.browser, self.system, self.network = device.browser, device.system, device.network
