"""Users, their tokens and sessions, data exports, proofs of deletion, and the security log."""

import secrets
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.person_field import optional_person
from accounts.templatetags.freshness import exact_time
from accounts.timestamped import TimestampedModel
from accounts.tokens import EncryptedTokenField

PROFILE_SCOPE = "wow.profile"


class UserManager(BaseUserManager["User"]):
    """Creates users, whose natural key is the Battle.net id."""

    def create_user(self, battlenet_id: int | None, battletag: str, **fields: Any) -> "User":
        """Create a user without a password, who signs in with Battle.net, or without a Battle.net id with Bungie."""
        return self.create(battlenet_id=battlenet_id, battletag=battletag, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(battlenet_id=int(username or 0))


class User(TimestampedModel, AbstractBaseUser, PermissionsMixin):
    """A user, identified by the Battle.net id or by a connected Bungie account. The BattleTag can change.

    Who signs in with Bungie alone has no Battle.net id, and the Bungie name instead of a BattleTag.
    """

    password = None  # type: ignore[assignment]  # so Django leaves out an inherited column; nobody has a password
    battlenet_id = models.BigIntegerField(
        _("Battle.net id"),
        unique=True,
        null=True,
        blank=True,
        help_text=_("Empty for players who sign in with Bungie alone."),
    )
    battletag = models.CharField(_("BattleTag"), max_length=64, db_index=True)
    is_active = models.BooleanField(_("active"), default=True)
    language = models.CharField(
        _("language"), max_length=8, blank=True, default="", db_default="", help_text=_("Empty: that of the browser.")
    )
    time_zone = models.CharField(
        _("time zone"), max_length=64, blank=True, default="", db_default="", help_text=_("Empty: UTC.")
    )
    is_staff = models.BooleanField(_("site admin"), default=False, help_text=_("Can use the admin for all guilds."))

    # What limits the rights of this object below those of the player: the token of an API request. It takes the
    # permission and the guild.
    rights_limit: Callable[[str, Any], bool] | None = None

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

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Return whether the player has the permission now, and no token limits it away."""
        return (self.rights_limit is None or self.rights_limit(perm, obj)) and super().has_perm(perm, obj)

    def has_usable_password(self) -> bool:
        """Return False. Otherwise the admin would offer to change the missing password."""
        return False

    def get_short_name(self) -> str:
        return self.display_name

    @property
    def has_warcraft(self) -> bool:
        """Return whether the user signs in with Battle.net, and so can have characters and guilds."""
        return self.battlenet_id is not None

    @cached_property
    def has_bungie(self) -> bool:
        """Return whether a Bungie account is connected. Sessions say it in the statement that reads the user."""
        accounts: Any = self.socialaccount_set  # type: ignore[attr-defined]  # of allauth, which has no types
        return bool(accounts.filter(provider="bungie").exists())

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
        return PROFILE_SCOPE in self.scopes

    def is_usable(self, now: datetime | None = None) -> bool:
        return bool(self.access_token) and self.expires_at > (now or timezone.now())

    @property
    def can_read_characters(self) -> bool:
        return self.shares_characters and self.is_usable()


class BrowserSessionManager(BaseSessionManager["BrowserSession"]):
    """Sessions with their users: every page that reads a session needs its user."""

    def get_queryset(self) -> "models.QuerySet[BrowserSession]":
        return super().get_queryset().select_related("user")


class BrowserSession(AbstractBaseSession):
    """A browser in which somebody is signed in or is about to sign in. `accounts.session_store` writes it."""

    # Identifies the session on pages and in URLs; the session key itself would let anybody in.
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="sessions"
    )
    browser = models.CharField(max_length=32, blank=True)
    system = models.CharField(_("operating system"), max_length=32, blank=True)
    network = models.CharField(
        max_length=43, blank=True, help_text=_("The visitor's network, never the full IP address.")
    )
    started_at = models.DateTimeField(help_text=_("When the player signed in."))
    last_used_at = models.DateTimeField()

    objects: ClassVar[BrowserSessionManager] = BrowserSessionManager()

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")

    def __str__(self) -> str:
        return f"session {self.public_id}"

    @classmethod
    def active(cls, user: User) -> "models.QuerySet[BrowserSession]":
        return cls.objects.filter(user=user, expire_date__gt=timezone.now())

    @property
    def device_name(self) -> str:
        if self.browser and self.system:
            return gettext("%(browser)s on %(system)s") % {"browser": self.browser, "system": self.system}
        return self.browser or self.system or gettext("Unknown browser")

    @classmethod
    def get_session_store_class(cls) -> Any:
        from accounts.session_store import SessionStore

        return SessionStore


EXPORT_KEPT = timedelta(days=1)
# A worker needs seconds. After this the task is considered lost, and the user can export again.
EXPORT_OVERDUE = timedelta(minutes=10)


class DataExport(TimestampedModel):
    """A user's export, prepared in the background. Only its user can read it; it expires after a day."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="exports")
    document = models.TextField(blank=True, editable=False)
    ready_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("data export")
        verbose_name_plural = _("data exports")
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return f"export {self.pk}"

    @property
    def expires_at(self) -> datetime:
        return self.created_at + EXPORT_KEPT

    @property
    def is_expired(self) -> bool:
        return self.expires_at <= timezone.now()

    @property
    def is_pending(self) -> bool:
        return self.ready_at is None and not self.is_overdue

    @property
    def is_overdue(self) -> bool:
        """Return True when the worker's task was probably lost."""
        return self.ready_at is None and self.created_at + EXPORT_OVERDUE <= timezone.now()


def _new_salt() -> str:
    return secrets.token_hex(16)


class DeletedAccount(models.Model):
    """Proof that an account was deleted, without name or id: it can only be matched with a given id."""

    salt = models.CharField(max_length=32, default=_new_salt, editable=False)
    digest = models.CharField(max_length=64, editable=False)
    deleted_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("deleted account")
        verbose_name_plural = _("deleted accounts")
        ordering = ("-deleted_at",)

    def __str__(self) -> str:
        return f"account deleted {self.deleted_at:%Y-%m-%d}"

    @classmethod
    def of(cls, identity: int | str) -> "DeletedAccount":
        """Return an unsaved proof for a Battle.net id, or for a Bungie.net id as "bungie/ID". It is not stored."""
        row = cls()
        row.digest = row._digest_of(identity)
        return row

    def is_of(self, identity: int | str) -> bool:
        keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
        return any(constant_time_compare(self.digest, self._digest_of(identity, key)) for key in keys)

    def _digest_of(self, identity: int | str, key: str | None = None) -> str:
        # Ids can be enumerated, so the digest is keyed with SECRET_KEY, which is not in the database.
        salt = f"accounts.DeletedAccount.{self.salt}"
        return salted_hmac(salt, str(identity), secret=key, algorithm="sha256").hexdigest()


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
        TOKEN_MADE = "token_made", _("API token made")
        TOKEN_REVOKED = "token_revoked", _("API token revoked")
        BUNGIE_CONNECTED = "bungie_connected", _("Bungie account connected")
        BUNGIE_DISCONNECTED = "bungie_disconnected", _("Bungie account disconnected")
        BATTLENET_CONNECTED = "battlenet_connected", _("Battle.net account connected")

    event = models.CharField(_("event"), max_length=32, choices=Event)
    user = optional_person(verbose_name=_("user"), help_text=_("Whose account or permissions it is about."))
    user_label = models.CharField(
        _("user, by name"), max_length=64, blank=True, help_text=_("The BattleTag at that time.")
    )
    actor = optional_person(
        verbose_name=_("actor"), help_text=_("Who did it. Empty for visitors, commands and background work.")
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
        return f"{self.get_event_display()}, {exact_time(self.created_at)}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert the event. Raises ValidationError for a change: the log is append-only."""
        if not self._state.adding:
            raise ValidationError("The security log is append-only.")
        super().save(*args, **kwargs)
