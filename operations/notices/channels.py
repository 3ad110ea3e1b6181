"""The channels to operators: email and a webhook."""

from dataclasses import dataclass
from datetime import datetime

import requests
from django.conf import settings
from django.core import mail
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from outgoing.bounds import Bounds, ResponseTooLarge, bounded_session

EMAIL, WEBHOOK = "email", "webhook"
TIMEOUT = 10
# Of the webhook's answer, which nobody reads.
BOUNDS = Bounds(size=2**20, seconds=20)
LONGEST = 1500


@dataclass(frozen=True, slots=True)
class Text:
    """A message to operators about one cause; `over_at` is set when it is over."""

    cause: str
    severity: str
    text: str
    mend: str
    since: datetime
    over_at: datetime | None = None

    @property
    def heading(self) -> str:
        return f"[{settings.SITE_HOST}] {_('Over') if self.over_at else self.severity.capitalize()}:"

    @property
    def subject(self) -> str:
        return " ".join(f"{self.heading} {self.text}".split())[:200]

    @property
    def body(self) -> str:
        times = [_("Since %(time)s UTC.") % {"time": date_format(self.since, "DATETIME_FORMAT")}]
        if self.over_at:
            times.append(_("Over since %(time)s UTC.") % {"time": date_format(self.over_at, "DATETIME_FORMAT")})
        return "\n".join([self.text, *([] if self.over_at else [self.mend]), *times])


class NotSent(Exception):
    """A channel did not take a message. Says nothing about its address, which can contain a secret."""


def configured() -> list[str]:
    """Return the channels that have an address."""
    return [
        *([EMAIL] if settings.NOTICE_EMAILS and settings.EMAIL_HOST else []),
        *([WEBHOOK] if settings.NOTICE_WEBHOOK else []),
    ]


def send(channel: str, text: Text) -> None:
    """Send one message. Raises NotSent."""
    try:
        _send_mail(text) if channel == EMAIL else _post(text)
    except (OSError, requests.RequestException) as failure:
        # SMTPException is an OSError, too. The original messages can contain addresses.
        raise NotSent(type(failure).__name__) from None


def _send_mail(text: Text) -> None:
    mail.send_mail(text.subject, text.body, None, settings.NOTICE_EMAILS)


def _post(text: Text) -> None:
    """POST as JSON. Discord shows `content`, Slack and Mattermost `text`; programs read the other fields."""
    words = f"{text.heading} {text.body}"[:LONGEST]
    document = {
        "content": words,
        "text": words,
        "cause": text.cause,
        "severity": text.severity,
        "state": "over" if text.over_at else "open",
        "since": text.since.isoformat(timespec="seconds"),
        "site": settings.SITE_URL,
    }
    with bounded_session(BOUNDS) as session:
        try:
            answer = session.post(settings.NOTICE_WEBHOOK, json=document, timeout=TIMEOUT, allow_redirects=False)
            status = answer.status_code
        except ResponseTooLarge as error:
            status = error.status
    if not 200 <= status < 300:
        raise NotSent(f"HTTP {status}")
