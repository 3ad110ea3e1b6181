"""Bungie accounts with their tokens, and the Destiny memberships that belong to them."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.timestamped import TimestampedModel
from accounts.tokens import EncryptedTokenField

# An access token is refreshed this long before it expires: longer than any request and its wait for a slot.
FRESH_FOR = timedelta(minutes=2)
# Bungie asks the person again after this time, however often the tokens were refreshed.
AUTHORIZATION_LASTS = timedelta(days=365)


class BungieAccount(TimestampedModel):
    """The Bungie.net account of a player, and the tokens with which its data is read. Tokens are never shown.

    Without tokens the player has to connect it again; what was read stays.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="bungie_account")
    bungie_id = models.BigIntegerField(_("Bungie.net id"), unique=True)
    name = models.CharField(_("Bungie name"), max_length=80, blank=True)
    access_token: Any = EncryptedTokenField(null=True, blank=True)
    refresh_token: Any = EncryptedTokenField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True, help_text=_("When the access token expires."))
    refresh_expires_at = models.DateTimeField(null=True, blank=True, help_text=_("When the refresh token expires."))
    authorized_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When the player last agreed at Bungie, which is good for a year.")
    )
    refreshed_at = models.DateTimeField(null=True, blank=True, help_text=_("When the tokens were last refreshed."))
    lost_tokens_at = models.DateTimeField(
        null=True, blank=True, help_text=_("Since when Bungie no longer accepts the tokens.")
    )
    refresh_claim = models.UUIDField(
        null=True, blank=True, editable=False, help_text=_("Fencing token of the process that refreshes the tokens.")
    )
    refresh_claimed_until = models.DateTimeField(null=True, blank=True, editable=False)
    chosen_membership = models.ForeignKey(
        "destiny.DestinyMembership",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("The membership that the player chose, where cross save does not decide."),
    )

    class Meta:
        verbose_name = _("Bungie account")
        verbose_name_plural = _("Bungie accounts")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name or str(self.bungie_id)

    @property
    def token_owner(self) -> str:
        """Return the associated data that binds the encrypted tokens to this row."""
        return f"bungie/{self.user_id}"

    @property
    def authorized_until(self) -> datetime | None:
        """Return when the player has to agree again at Bungie at the latest."""
        return self.authorized_at and self.authorized_at + AUTHORIZATION_LASTS

    @property
    def has_fresh_token(self) -> bool:
        """Return whether the access token can be used now, without a refresh."""
        return self.expires_at is not None and self.expires_at > timezone.now() + FRESH_FOR and bool(self.access_token)

    @property
    def can_refresh(self) -> bool:
        """Return whether there is a refresh token that has not expired."""
        now = timezone.now()
        ends = [one for one in (self.refresh_expires_at, self.authorized_until) if one is not None]
        return bool(self.refresh_token) and all(end > now for end in ends)

    @property
    def is_connected(self) -> bool:
        """Return whether its data can be read; otherwise the player has to connect it again."""
        return self.has_fresh_token or self.can_refresh


class DestinyMembership(TimestampedModel):
    """An account of one platform with Destiny data. Cross save or the player decides which one of a person counts."""

    class Platform(models.IntegerChoices):
        """The platforms, with Bungie's numbers. New ones can come any day."""

        XBOX = 1, "Xbox"
        PLAYSTATION = 2, "PlayStation"
        STEAM = 3, "Steam"
        BATTLENET = 4, "Battle.net"
        STADIA = 5, "Stadia"
        EPIC = 6, "Epic Games"

    account = models.ForeignKey(BungieAccount, on_delete=models.CASCADE, related_name="memberships")
    membership_type = models.IntegerField(_("platform"))
    membership_id = models.BigIntegerField(_("membership id"), unique=True)
    name = models.CharField(_("Bungie name"), max_length=80, blank=True)
    platform_name = models.CharField(_("name on the platform"), max_length=64, blank=True)
    cross_save_override = models.IntegerField(
        default=0, help_text=_("The platform whose membership cross save uses instead; 0 without cross save.")
    )
    is_primary = models.BooleanField(default=False, help_text=_("Whether cross save chose it."))
    last_played_at = models.DateTimeField(null=True, blank=True)
    unlinked_at = models.DateTimeField(
        null=True, blank=True, help_text=_("Since when Bungie no longer lists it for this account.")
    )

    class Meta:
        verbose_name = _("Destiny membership")
        verbose_name_plural = _("Destiny memberships")
        ordering = ("membership_type", "membership_id")

    def __str__(self) -> str:
        return f"{self.name or self.platform_name or self.membership_id} ({self.platform})"

    @property
    def platform(self) -> str:
        """Return the name of the platform, or its number if it is a new one."""
        known = dict(self.Platform.choices)
        return str(known.get(self.membership_type, self.membership_type))
