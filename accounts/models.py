"""Users and their Battle.net tokens."""

from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.browser_sessions import BrowserSession
from accounts.data_requests import DataExport, DeletedAccount
from accounts.security_events import SecurityEvent
from accounts.timestamped import TimestampedModel
from accounts.tokens import EncryptedTokenField

__all__ = ["BattlenetToken", "BrowserSession", "DataExport", "DeletedAccount", "SecurityEvent", "User"]

PROFILE_SCOPE = "wow.profile"


class UserManager(BaseUserManager["User"]):
    """Creates users, whose natural key is the Battle.net id."""

    def create_user(self, battlenet_id: int, battletag: str, **fields: Any) -> "User":
        """Create a user without a password: Battle.net is the only way to sign in."""
        return self.create(battlenet_id=battlenet_id, battletag=battletag, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        """Return the user with this Battle.net id."""
        return self.get(battlenet_id=int(username or 0))


class User(TimestampedModel, AbstractBaseUser, PermissionsMixin):
    """A user, identified by the Battle.net id. The BattleTag is a label that can change."""

    password = None  # type: ignore[assignment]  # Battle.net is the only way to sign in
    battlenet_id = models.BigIntegerField(_("Battle.net id"), unique=True)
    battletag = models.CharField(_("BattleTag"), max_length=64, db_index=True)
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("site admin"), default=False, help_text=_("Can use the admin for all guilds."))

    USERNAME_FIELD = "battlenet_id"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["battletag"]
    objects = UserManager()

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ("battletag",)

    def __str__(self) -> str:
        # Without the BattleTag's number, which lets anybody send a friend request.
        return self.display_name

    def has_usable_password(self) -> bool:
        """Return False. Otherwise the admin would offer to change the missing password."""
        return False

    def get_short_name(self) -> str:
        """Return the name that the admin shows."""
        return self.display_name

    @property
    def display_name(self) -> str:
        """Return the BattleTag without its number, or the number if that is all there is."""
        return self.battletag.partition("#")[0] or self.battletag


class BattlenetToken(TimestampedModel):
    """The OAuth token with which a user's characters are read. It is valid for 24 hours and never shown."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="battlenet_token")
    access_token = EncryptedTokenField()
    refresh_token = EncryptedTokenField(null=True, blank=True)
    expires_at = models.DateTimeField()
    scopes = ArrayField(
        models.CharField(max_length=64), default=list, help_text=_("Granted scopes, which can be fewer than requested.")
    )

    class Meta:
        verbose_name = _("Battle.net token")
        verbose_name_plural = _("Battle.net tokens")

    def __str__(self) -> str:
        return f"token of {self.user_id}"

    @property
    def token_owner(self) -> str:
        """Return the associated data that binds the encrypted tokens to this row."""
        return f"battlenet/{self.user_id}"

    @property
    def shares_characters(self) -> bool:
        """Return True if the user shares their World of Warcraft characters."""
        return PROFILE_SCOPE in self.scopes

    def is_usable(self, now: datetime | None = None) -> bool:
        """Return True if the token can be decrypted and has not expired."""
        return bool(self.access_token) and self.expires_at > (now or timezone.now())

    @property
    def can_read_characters(self) -> bool:
        """Return True while the token can be used to read the player's characters."""
        return self.shares_characters and self.is_usable()
