"""Check the connections to other machines: Battle.net, the site's public address, the mail server."""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

import requests
from django.conf import settings
from django.core import mail
from django.utils.translation import gettext as _

from operations.health.finding import Finding, error, warning
from outgoing.bounds import Bounds, bounded_session

TIMEOUT = 10
BOUNDS = Bounds(size=2**20, seconds=20)
CALLBACK = "/accounts/battlenet/login/callback/"
# Bungie's codes for an API key that is unknown, missing, disabled or of another origin.
REFUSED_KEY = frozenset({2101, 2102, 2103, 2107})
# Seconds; the header counts in whole ones, and sign-ins fail when the clocks differ by minutes.
MOST_CLOCK_OFFSET = 10.0


@dataclass(frozen=True, slots=True)
class BattlenetAnswers:
    """Battle.net's answers: the statuses for our credentials and redirect URL, and how far its clock is ahead.

    None where it did not answer.
    """

    token: int | None = None
    authorize: int | None = None
    clock_offset: float | None = None


def ask_battlenet() -> BattlenetAnswers:
    """Request an application token and the page for signing in; neither counts against the rate limit of the API."""
    with bounded_session(BOUNDS) as session:
        credentials = (settings.BLIZZARD_CLIENT_ID, settings.BLIZZARD_CLIENT_SECRET)
        token = _ask(
            session,
            "POST",
            f"{settings.BLIZZARD_OAUTH_URL}/token",
            data={"grant_type": "client_credentials"},
            auth=credentials,
        )
        wish = {
            "client_id": settings.BLIZZARD_CLIENT_ID,
            "redirect_uri": settings.SITE_URL + CALLBACK,
            "response_type": "code",
            "scope": "openid wow.profile",
            "state": "doctor",
        }
        page = _ask(session, "GET", f"{settings.BLIZZARD_OAUTH_URL}/authorize", params=wish)
    return BattlenetAnswers(
        token=token.status_code if token is not None else None,
        authorize=page.status_code if page is not None else None,
        clock_offset=_clock_offset(token) if token is not None else None,
    )


def battlenet_findings(answers: BattlenetAnswers) -> Iterator[Finding]:
    """Yield what keeps people from signing in, and the sync from working."""
    if answers.token is None:
        yield error(
            "battlenet-unreachable",
            _("Battle.net does not answer at %(url)s.") % {"url": settings.BLIZZARD_OAUTH_URL},
            _("Check this machine's network, DNS and firewall: it must reach other machines by https."),
        )
        return
    if answers.token in (400, 401, 403):
        yield error(
            "battlenet-credentials",
            _("Battle.net refuses the client id or secret (HTTP %(status)d).") % {"status": answers.token},
            _("Copy both again from https://develop.battle.net; a new client can take 15 minutes to work."),
        )
    elif answers.authorize is not None and 400 <= answers.authorize < 500:
        yield error(
            "redirect-url",
            _("Battle.net refuses the redirect URL (HTTP %(status)d).") % {"status": answers.authorize},
            _("Enter %(url)s as Redirect URL of your client at https://develop.battle.net, or correct SITE_URL.")
            % {"url": settings.SITE_URL + CALLBACK},
        )
    if answers.clock_offset is not None and abs(answers.clock_offset) > MOST_CLOCK_OFFSET:
        yield error(
            "clock-battlenet",
            _("This machine's clock differs from Battle.net's by %(seconds)d seconds.")
            % {"seconds": abs(answers.clock_offset)},
            _("Let the machine set its clock by NTP, for example with systemd-timesyncd or chrony."),
        )


def site_findings() -> Iterator[Finding]:
    """Request a page of the site by its public address, as visitors do."""
    with bounded_session(BOUNDS) as session:
        # With a certificate authority of your own, as in the check of the certificate.
        session.verify = os.environ.get("SSL_CERT_FILE") or True
        answer = _ask(session, "GET", f"{settings.SITE_URL}/healthz")
    if answer is None:
        text = _("The site does not answer at %(url)s.") % {"url": settings.SITE_URL}
    elif answer.status_code != 200 or answer.content != b"ok":
        text = _("Something else than this site answers at %(url)s (HTTP %(status)d).") % {
            "url": settings.SITE_URL,
            "status": answer.status_code,
        }
    else:
        return
    yield warning(
        "site-address",
        text,
        _("Check that the site runs, SITE_URL, its DNS entry, and the web server in front of it."),
    )


def mail_server_findings() -> Iterator[Finding]:
    """Connect to the mail server, if notices are sent by email, without sending one."""
    if not (settings.NOTICE_EMAILS and settings.EMAIL_HOST):
        return
    try:
        with mail.get_connection():
            pass
    except OSError as failure:
        yield error(
            "mail",
            _("The mail server cannot be used: %(error)s.") % {"error": type(failure).__name__},
            _("Check host, port, user and password in EMAIL_URL."),
        )


def ask_bungie() -> tuple[int | None, int]:
    """Return the HTTP status and the error code of a request with our API key; 0 without a code."""
    with bounded_session(BOUNDS) as session:
        headers = {"X-API-Key": settings.BUNGIE_API_KEY}
        answer = _ask(session, "GET", f"{settings.BUNGIE_URL}/Platform/Destiny2/Manifest/", headers=headers)
    if answer is None:
        return None, 0
    try:
        return answer.status_code, int(answer.json()["ErrorCode"])
    except (ValueError, LookupError, TypeError):
        return answer.status_code, 0


def bungie_findings(status: int | None, code: int) -> Iterator[Finding]:
    """Yield what keeps Destiny from working."""
    if status is None:
        yield error(
            "bungie-unreachable",
            _("Bungie does not answer at %(url)s.") % {"url": settings.BUNGIE_URL},
            _("Check this machine's network, DNS and firewall: it must reach other machines by https."),
        )
    elif code in REFUSED_KEY:
        yield error(
            "bungie-key",
            _("Bungie refuses the API key (code %(code)d).") % {"code": code},
            _("Copy BUNGIE_API_KEY again from https://www.bungie.net/en/Application; leave the origin there empty."),
        )
    elif code != 1:
        yield warning(
            "bungie-down",
            _("Bungie answers with an error (HTTP %(status)d, code %(code)d).") % {"status": status, "code": code},
            _("It is probably down for maintenance. Run doctor again later."),
        )


def _ask(session: requests.Session, method: str, url: str, **kwargs: object) -> requests.Response | None:
    try:
        return session.request(method, url, timeout=TIMEOUT, allow_redirects=False, **kwargs)  # type: ignore[arg-type]
    except requests.RequestException:
        return None


def _clock_offset(answer: requests.Response) -> float | None:
    try:
        there = parsedate_to_datetime(answer.headers.get("Date", "")).timestamp()
    except ValueError:
        return None
    # In the middle of the second that the header names.
    return there + 0.5 - time.time()
