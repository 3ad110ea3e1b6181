"""From which address a visitor comes, behind the proxies that the operator put in front of the site."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from ipaddress import IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest

NOWHERE = "0.0.0.0"  # noqa: S104  # a common account for all whose address cannot be known, not one to listen on

_current: ContextVar[str | None] = ContextVar("visitor_address", default=None)


def visitor_address(request: HttpRequest) -> str:
    """The address that the outermost of our own proxies saw.

    Each proxy appends to X-Forwarded-For whom it heard; what stands further left was sent by the visitor
    and may be invented. See docs/decisions/0008-client-ip-behind-proxies.md.
    """
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    heard = [request.META.get("REMOTE_ADDR", ""), *reversed(forwarded.split(",") if forwarded else [])]
    return _plain(heard[min(settings.TRUSTED_PROXIES, len(heard) - 1)])


@contextmanager
def remember_address(request: HttpRequest) -> Iterator[None]:
    """Make the visitor's address known to `current_address` until the request is answered."""
    token = _current.set(visitor_address(request))
    try:
        yield
    finally:
        _current.reset(token)


def current_address() -> str | None:
    """Return the address of the visitor whose request is being answered; None in commands and background work."""
    return _current.get()


def _plain(text: str) -> str:
    try:
        address = ip_address(text.strip())
    except ValueError:
        return NOWHERE
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(address)
