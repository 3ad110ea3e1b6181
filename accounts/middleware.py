"""Middleware that records the client's IP address and the last use of the session."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from accounts.client_ip import remember_client_ip
from accounts.devices import device_of
from accounts.session_store import SessionStore


class ClientIPMiddleware:
    """Makes the client's IP address available to services, which have no request, for the security log."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with remember_client_ip(request):
            return self.get_response(request)


class LastUsedMiddleware:
    """Records the last use of a session, every five minutes at most."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Record the use after the response, in one statement."""
        response = self.get_response(request)
        session = request.session
        if isinstance(session, SessionStore) and not session.is_use_recorded:
            session.record_use(device_of(request))
        return response
