"""Django's session engine with sessions that know their user, and that end after 14 days or 7 idle days."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils import timezone

from accounts.devices import Device
from accounts.models import BrowserSession
from accounts.reauthentication import SIGNED_IN_AT

LONGEST = timedelta(days=14)
LONGEST_IDLE = timedelta(days=7)
# A visitor's session only holds a sign-in that was begun.
LONGEST_WITHOUT_USER = timedelta(days=1)
# How often the last use is written down.
NOTED_EVERY = timedelta(minutes=5)


class SessionStore(DatabaseStore):
    """Sessions in the table BrowserSession. The server decides when one ends, not the cookie."""

    # Set by whoever signs a person in.
    device: Device | None = None
    _row: BrowserSession | None = None

    @classmethod
    def get_model_class(cls) -> type[BrowserSession]:
        """The table of the sessions."""
        return BrowserSession

    def _get_session_from_db(self) -> Any:
        """Remember the row: when it began, and when it was last used."""
        self._row = super()._get_session_from_db()  # type: ignore[misc]
        return self._row

    def create_model_instance(self, data: dict[str, Any]) -> BrowserSession:
        """Return the row of this session, unsaved."""
        now = timezone.now()
        started_at = self._started_at(data, now)
        row = BrowserSession(
            session_key=self._get_or_create_session_key(),  # type: ignore[attr-defined]
            session_data=self.encode(data),
            user_id=data.get(SESSION_KEY),
            started_at=started_at,
            last_used_at=now,
            expire_date=expiry(started_at=started_at, used_at=now, has_user=SESSION_KEY in data),
        )
        if self.device is not None:
            row.take(self.device)
        return row

    def save(self, must_create: bool = False) -> None:
        """Write the session. One that was ended meanwhile is not brought back: raises UpdateError."""
        if must_create or self.session_key is None:
            super().save(must_create)
            return
        row = self.create_model_instance(self._get_session())  # type: ignore[attr-defined]
        fields = ["session_data", "user_id", "started_at", "last_used_at", "expire_date"]
        if self.device is not None:
            fields += ["browser", "system", "network"]
        changes = {name: getattr(row, name) for name in fields}
        if not BrowserSession.objects.filter(pk=row.pk).update(**changes):
            raise UpdateError

    @property
    def is_use_noted(self) -> bool:
        """Whether nothing need be written about this use: it was noted lately, or nobody is signed in."""
        row = self._row
        return row is None or row.user_id is None or row.last_used_at > timezone.now() - NOTED_EVERY

    def note_use(self, device: Device) -> None:
        """Write down when, and from where, the session is used."""
        if self._row is None:
            return
        now = timezone.now()
        ends_at = expiry(started_at=self._row.started_at, used_at=now, has_user=True)
        BrowserSession.objects.filter(pk=self._row.pk).update(
            last_used_at=now, expire_date=ends_at, network=device.network
        )

    def _started_at(self, data: dict[str, Any], now: datetime) -> datetime:
        """When the person signed in, or else when the session was made."""
        if SIGNED_IN_AT in data:
            return datetime.fromtimestamp(float(data[SIGNED_IN_AT]), tz=timezone.get_default_timezone())
        return self._row.started_at if self._row is not None else now


def expiry(*, started_at: datetime, used_at: datetime, has_user: bool) -> datetime:
    """Return when a session ends that is not used again."""
    if not has_user:
        return used_at + LONGEST_WITHOUT_USER
    return min(started_at + LONGEST, used_at + LONGEST_IDLE)
