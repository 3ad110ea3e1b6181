"""The client's IP address behind the reverse proxies in front of the site."""

from collections.abc import Callable
from contextvars import ContextVar
from ipaddress import IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse

UNKNOWN_IP = "0.0.0.0"  # noqa: S104  # stands for all unknown addresses in rate limits; nothing listens on it

_current: ContextVar[str | None] = ContextVar("client_ip", default=None)


class ClientIPMiddleware:
    """Makes the client's IP address available to services, which have no request, for the security log."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = _current.set(client_ip_of(request))
        try:
            return self.get_response(request)
        finally:
            _current.reset(token)


def client_ip_of(request: HttpRequest) -> str:
    """Return the address that the outermost of our own proxies saw.

    Each proxy appends its client's address to X-Forwarded-For. Entries further left come from the client and can be
    forged. See docs/decisions/0008-client-ip-behind-proxies.md.
    """
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    addresses = [request.META.get("REMOTE_ADDR", ""), *reversed(forwarded.split(",") if forwarded else [])]
    return _normalized(addresses[min(settings.TRUSTED_PROXIES, len(addresses) - 1)])


def current_client_ip() -> str | None:
    """Return the client's address during a request; None in commands and background work."""
    return _current.get()


def _normalized(text: str) -> str:
    try:
        address = ip_address(text.strip())
    except ValueError:
        return UNKNOWN_IP
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(address)
