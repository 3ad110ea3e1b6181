"""Receivers of Django's sign-in and sign-out signals."""

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest

from accounts import security_log
from accounts.devices import device_of
from accounts.models import User
from accounts.session_store import SessionStore


@receiver(user_logged_out, dispatch_uid="accounts.record_sign_out")
def record_sign_out(sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
    """Write who signed out, by the site's button or by the admin's. An account that is gone left no one to name."""
    if isinstance(user, User) and User.objects.filter(pk=user.pk).exists():
        security_log.record(security_log.Event.SIGNED_OUT, request=request, user=user, actor=user)


@receiver(user_logged_in, dispatch_uid="accounts.note_device")
def note_device(sender: Any, request: HttpRequest, **kwargs: Any) -> None:
    """Keep what the list of sessions shows; the session itself is written at the end of the request."""
    if isinstance(request.session, SessionStore):
        request.session.device = device_of(request)
