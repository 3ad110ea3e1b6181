"""Middleware of accounts."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from accounts.client_ip import remember_address
from accounts.devices import device_of
from accounts.session_store import SessionStore


class VisitorAddressMiddleware:
    """Lets services that know no request write the visitor's address into the security log."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Remember the address while the request is answered."""
        with remember_address(request):
            return self.get_response(request)


class LastUseMiddleware:
    """Notes the last use of a session, every few minutes at most."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Write it after the answer is made, in one statement."""
        response = self.get_response(request)
        session = request.session
        if isinstance(session, SessionStore) and not session.is_use_noted:
            session.note_use(device_of(request))
        return response
