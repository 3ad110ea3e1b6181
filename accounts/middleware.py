"""Middleware of accounts."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from accounts.addresses import remember_address


class VisitorAddressMiddleware:
    """Lets services that know no request write the visitor's address into the security log."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Remember the address while the request is answered."""
        with remember_address(request):
            return self.get_response(request)
