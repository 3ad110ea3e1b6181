"""Models of data exports and account deletions."""

import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts.timestamped import TimestampedModel

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
        """Return when the export is deleted."""
        return self.created_at + EXPORT_KEPT

    @property
    def is_expired(self) -> bool:
        """Return True when the export can no longer be downloaded."""
        return self.expires_at <= timezone.now()

    @property
    def is_pending(self) -> bool:
        """Return True while a worker prepares the export."""
        return self.ready_at is None and not self.is_overdue

    @property
    def is_overdue(self) -> bool:
        """Return True when the worker's task was probably lost."""
        return self.ready_at is None and self.created_at + EXPORT_OVERDUE <= timezone.now()


def _new_salt() -> str:
    return secrets.token_hex(16)


class DeletedAccount(models.Model):
    """Proof that an account was deleted, without name or id: it can only be matched with a given Battle.net id."""

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
    def of(cls, battlenet_id: int) -> "DeletedAccount":
        """Return an unsaved proof for this Battle.net id. The id itself is not stored."""
        row = cls()
        row.digest = row._digest_of(battlenet_id)
        return row

    def is_of(self, battlenet_id: int) -> bool:
        """Return True if this is the proof for the Battle.net id."""
        return constant_time_compare(self.digest, self._digest_of(battlenet_id))

    def _digest_of(self, battlenet_id: int) -> str:
        # Battle.net ids can be enumerated, so the digest is keyed with SECRET_KEY, which is not in the database.
        return salted_hmac(f"accounts.DeletedAccount.{self.salt}", str(battlenet_id), algorithm="sha256").hexdigest()
