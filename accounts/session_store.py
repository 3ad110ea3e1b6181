"""Session engine whose sessions know their user and expire after 14 days, or 7 days without use."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any, cast

from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.middleware import AuthenticationMiddleware, get_user
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.deprecation import MiddlewareMixin
from django.utils.functional import SimpleLazyObject

from accounts.compiled_queries import CompiledQuery
from accounts.devices import Device, device_of
from accounts.models import BrowserSession, User
from accounts.reauthentication import SIGNED_IN_AT

MAX_AGE = timedelta(days=14)
MAX_IDLE = timedelta(days=7)
# A visitor's session only holds the state of a sign-in.
MAX_AGE_WITHOUT_USER = timedelta(days=1)
# How often the last use is saved.
RECORDED_EVERY = timedelta(minutes=5)
_BUNGIE = SocialAccount.objects.filter(user=OuterRef("user"), provider="bungie")
_SESSION = CompiledQuery(
    lambda key, now: BrowserSession.objects.filter(session_key=key, expire_date__gt=now).annotate(
        has_bungie=Exists(_BUNGIE)
    ),
    key=str,
    now=datetime,
)


class SessionStore(DatabaseStore):
    """Sessions in the table BrowserSession. The server decides when one expires, not the cookie."""

    # Set when somebody signs in.
    device: Device | None = None
    _row: BrowserSession | None = None

    @classmethod
    def get_model_class(cls) -> type[BrowserSession]:
        return BrowserSession

    def _get_session_from_db(self) -> Any:
        """Remember the row, for its start and its last use."""
        self._row = next(iter(_SESSION(key=self.session_key, now=timezone.now())), None)
        if self._row is None:
            self._session_key = None
        return self._row

    def create_model_instance(self, data: dict[str, Any]) -> BrowserSession:
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
            row.browser, row.system, row.network = self.device.browser, self.device.system, self.device.network
        return row

    def save(self, must_create: bool = False) -> None:
        """Save the session. Raises UpdateError for one that was ended meanwhile, instead of restoring it."""
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

    def record_use(self, request: HttpRequest) -> None:
        """Save the time and the network of this use, unless one was saved recently or nobody is signed in."""
        row, now = self._row, timezone.now()
        if row is None or row.user_id is None or row.last_used_at > now - RECORDED_EVERY:
            return
        ends_at = expiry(started_at=row.started_at, used_at=now, has_user=True)
        changes = {"last_used_at": now, "expire_date": ends_at, "network": device_of(request).network}
        BrowserSession.objects.filter(pk=row.pk).update(**changes)

    def verified_user(self) -> User | None:
        """Return the user who was read with the session, if all that Django checks is right; None if in doubt."""
        data = self._get_session()  # type: ignore[attr-defined]
        user = self._row.user if self._row is not None else None
        if (
            user is not None
            and user.is_active
            and data.get(SESSION_KEY) == str(user.pk)
            and data.get(BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS
            and constant_time_compare(data.get(HASH_SESSION_KEY) or "", user.get_session_auth_hash())
        ):
            user.has_bungie = self._row.has_bungie  # type: ignore[union-attr]  # annotated by the query of the row
            return user
        return None

    def _started_at(self, data: dict[str, Any], now: datetime) -> datetime:
        """Return when the user signed in, or else when the session was created."""
        if SIGNED_IN_AT in data:
            return datetime.fromtimestamp(float(data[SIGNED_IN_AT]), tz=timezone.get_default_timezone())
        return self._row.started_at if self._row is not None else now


class SessionUserMiddleware(AuthenticationMiddleware):
    """Django's middleware, except that it takes the user who was read with the session, without another statement.

    Where that does not work, as after a change of SECRET_KEY, Django decides.
    """

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = cast(User, SimpleLazyObject(partial(_user_of, request)))


def _user_of(request: HttpRequest) -> User | AnonymousUser:
    session = request.session
    return (isinstance(session, SessionStore) and session.verified_user()) or get_user(request)


class LastUsedMiddleware(MiddlewareMixin):
    """Records the last use of a session after the response, every five minutes at most."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if isinstance(request.session, SessionStore):
            request.session.record_use(request)
        return response


def expiry(*, started_at: datetime, used_at: datetime, has_user: bool) -> datetime:
    """Return when a session expires unless it is used again."""
    if not has_user:
        return used_at + MAX_AGE_WITHOUT_USER
    return min(started_at + MAX_AGE, used_at + MAX_IDLE)
