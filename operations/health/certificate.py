"""The certificate of the site's own address."""

import socket
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from operations.health.finding import Finding, error, warning

TIMEOUT = 5.0
HTTPS_PORT = 443
# Certificates of 90 days are usually renewed 30 days before their end, those of 6 days 2 days before.
EXPIRES_SOON, SHARE_LEFT = timedelta(days=14), 0.2
# Seconds between two looks at it.
AGAIN = 3600


@dataclass(frozen=True, slots=True)
class Certificate:
    """When it is valid; without times, `problem` says why it is not."""

    valid_from: datetime | None = None
    valid_until: datetime | None = None
    problem: str = ""


def read_certificate() -> Certificate | None:
    """Return the certificate that visitors get, at most an hour old; None if the site has no https."""
    parts = urlsplit(settings.SITE_URL)
    if parts.scheme != "https" or not parts.hostname:
        return None
    return _read(parts.hostname, parts.port or HTTPS_PORT, int(time.monotonic() // AGAIN))


@lru_cache(maxsize=1)
def _read(host: str, port: int, hour: int) -> Certificate:
    return fetch_certificate(host, port)


def fetch_certificate(host: str, port: int) -> Certificate:
    """Connect like a browser does, with this machine's list of trusted authorities."""
    try:
        with (
            socket.create_connection((host, port), timeout=TIMEOUT) as plain,
            ssl.create_default_context().wrap_socket(plain, server_hostname=host) as secure,
        ):
            found = secure.getpeercert() or {}
    except ssl.SSLCertVerificationError as refusal:
        return Certificate(problem=refusal.verify_message)
    except OSError as failure:
        return Certificate(problem=type(failure).__name__)
    return Certificate(_time(found["notBefore"]), _time(found["notAfter"]))


def certificate_findings(certificate: Certificate | None, now: datetime) -> Iterator[Finding]:
    """Yield what is wrong with it; None has no findings."""
    mend = _("Renew it, and look at the web server's log for why that did not happen automatically.")
    if certificate is None:
        return
    if certificate.valid_from is None or certificate.valid_until is None:
        yield error(
            "certificate",
            _("Visitors cannot connect to %(url)s: %(problem)s.")
            % {"url": settings.SITE_URL, "problem": certificate.problem},
            _("Check the web server in front of the site, its certificate, and the firewall."),
        )
        return
    left = certificate.valid_until - now
    if left < min(EXPIRES_SOON, SHARE_LEFT * (certificate.valid_until - certificate.valid_from)):
        day = certificate.valid_until.date().isoformat()
        yield warning("certificate", _("The certificate of the site expires on %(day)s.") % {"day": day}, mend)


def _time(text: object) -> datetime:
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(text)), UTC)
