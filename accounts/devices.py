"""The browser, operating system and network of a request, as far as they are stored."""

from dataclasses import dataclass
from ipaddress import ip_network

from django.http import HttpRequest

from accounts.client_ip import UNKNOWN_IP, client_ip_of

# The first match wins: Edge and Opera also call themselves Chrome, and Chrome also calls itself Safari.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iOS"),
    ("iPad", "iPadOS"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
# Enough to tell home from elsewhere, too little to tell a household from its neighbors.
PREFIX = {4: 24, 6: 48}


@dataclass(frozen=True, slots=True)
class Device:
    """Browser, operating system and network; empty where unknown. The user agent string itself is not stored."""

    browser: str = ""
    system: str = ""
    network: str = ""


def device_of(request: HttpRequest) -> Device:
    """Return the device that sent the request."""
    user_agent = request.META.get("HTTP_USER_AGENT", "")
    return Device(
        browser=_first_match(BROWSERS, user_agent),
        system=_first_match(SYSTEMS, user_agent),
        network=network_of(client_ip_of(request)),
    )


def network_of(address: str) -> str:
    """Return the network that a plain IP address belongs to, such as 203.0.113.0/24."""
    if address == UNKNOWN_IP:
        return ""
    version = 6 if ":" in address else 4
    # A zone ("fe80::1%eth0") is about the visitor's own machine.
    return str(ip_network(f"{address.partition('%')[0]}/{PREFIX[version]}", strict=False))


def _first_match(names: tuple[tuple[str, str], ...], user_agent: str) -> str:
    return next((name for mark, name in names if mark in user_agent), "")
