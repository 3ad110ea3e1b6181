"""The signal that somebody signed in, and receivers of Django's sign-in and sign-out signals."""

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.dispatch import Signal, receiver
from django.http import HttpRequest

from accounts import security_log
from accounts.devices import device_of
from accounts.models import User
from accounts.session_store import SessionStore

# Sent after somebody signed in with Battle.net and the token was stored. Arguments: user, request.
signed_in = Signal()
# Sent when somebody signed in with Bungie or connected a Bungie account. Arguments: user, grant.
bungie_connected = Signal()


@receiver(user_logged_out, dispatch_uid="accounts.record_sign_out")
def record_sign_out(sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
    """Record a sign-out from the site or the admin, unless the account was just deleted."""
    if isinstance(user, User) and User.objects.filter(pk=user.pk).exists():
        security_log.record(security_log.Event.SIGNED_OUT, request=request, user=user, actor=user)


@receiver(user_logged_in, dispatch_uid="accounts.remember_device")
def remember_device(sender: Any, request: HttpRequest, **kwargs: Any) -> None:
    """Remember the device for the list of sessions; the session is saved at the end of the request."""
    if isinstance(request.session, SessionStore):
        request.session.device = device_of(request)
