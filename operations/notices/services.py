"""Keep notices: one for each cause from its first finding until it was not found for a while.

Any number of processes on any number of machines do this at the same time. Each message is claimed before it is sent,
so it is never sent by two of them.
"""

import logging
import time
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet

from operations.health.finding import Finding, Severity
from operations.models import Message, Notice
from operations.notices.channels import NotSent, Text, configured, send

logger = logging.getLogger(__name__)

# A cause is told when it was found for so long, and over when nobody found it for so long.
TELL_AFTER, OVER_AFTER = timedelta(minutes=2), timedelta(minutes=5)
# The pause after a failed attempt doubles up to an hour. It is longer than an attempt can take.
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)
MOST_ATTEMPTS = 30
RETENTION = timedelta(days=90)


def observe(findings: Collection[Finding], *, now: datetime) -> None:
    """Record what was found, and create the messages that are due."""
    worth_telling = [one for one in findings if one.severity != Severity.HINT]
    texts: dict[str, list[Finding]] = {}
    for one in worth_telling:
        texts.setdefault(one.cause[:100], []).append(one)
    is_open = Notice.objects.filter(over_at=None)
    Notice.objects.bulk_create(
        (_notice(cause, found, now) for cause, found in texts.items()),
        # Another process found it, too.
        ignore_conflicts=True,
    )
    is_open.filter(cause__in=texts, last_seen_at__lt=now).update(last_seen_at=now)
    _tell(is_open.filter(told_at=None, last_seen_at__gte=F("since") + TELL_AFTER), now)
    _end(is_open.filter(last_seen_at__lt=now - OVER_AFTER), now)
    Notice.objects.filter(over_at__lt=now - RETENTION).delete()


def deliver(*, now: datetime) -> int:
    """Send the messages that are due; returns how many were sent."""
    beginning = Message.objects.filter(
        notice=OuterRef("notice"), channel=OuterRef("channel"), is_over=False, sent_at=None, attempts__lt=MOST_ATTEMPTS
    )
    waiting = Message.objects.filter(sent_at=None, attempts__lt=MOST_ATTEMPTS, next_attempt_at__lte=now)
    due = waiting.exclude(Exists(beginning), is_over=True).select_related("notice").order_by("pk")
    began = time.monotonic()
    # Each attempt can take seconds, and its claim counts from its own beginning.
    return sum(_deliver(one, now + timedelta(seconds=time.monotonic() - began)) for one in due)


def _notice(cause: str, found: Collection[Finding], now: datetime) -> Notice:
    text = "\n".join(dict.fromkeys(one.text for one in found))
    first = next(iter(found))
    return Notice(cause=cause, severity=first.severity, text=text, mend=first.mend, since=now, last_seen_at=now)


@transaction.atomic
def _tell(notices: QuerySet[Notice], now: datetime) -> None:
    new = list(notices.select_for_update(skip_locked=True))
    Message.objects.bulk_create(
        Message(notice=one, channel=channel, next_attempt_at=now) for one in new for channel in configured()
    )
    Notice.objects.filter(pk__in=[one.pk for one in new]).update(told_at=now)


@transaction.atomic
def _end(notices: QuerySet[Notice], now: datetime) -> None:
    """End notices. Channels are told that it is over if an attempt was made to tell them that it began."""
    ended = list(notices.select_for_update(skip_locked=True))
    Message.objects.filter(notice__in=ended, attempts=0).delete()
    begun = Message.objects.filter(notice__in=ended)
    Message.objects.bulk_create(
        Message(notice=one.notice, channel=one.channel, is_over=True, next_attempt_at=now) for one in begun
    )
    Notice.objects.filter(pk__in=[one.pk for one in ended]).update(over_at=F("last_seen_at"))
    Notice.objects.filter(pk__in=[one.pk for one in ended], told_at=None).delete()


def _deliver(message: Message, now: datetime) -> bool:
    pause = min(FIRST_PAUSE * 2**message.attempts, LONGEST_PAUSE)
    claimed = Message.objects.filter(pk=message.pk, sent_at=None, attempts=message.attempts).update(
        attempts=F("attempts") + 1, next_attempt_at=now + pause
    )
    if not claimed:
        return False
    try:
        send(message.channel, _text(message))
    except NotSent as failure:
        logger.warning("The notice %s was not sent by %s: %s", message.notice.cause, message.channel, failure)
        return False
    Message.objects.filter(pk=message.pk).update(sent_at=now)
    return True


def _text(message: Message) -> Text:
    notice = message.notice
    over_at = notice.over_at if message.is_over else None
    return Text(notice.cause, notice.severity, notice.text, notice.mend, notice.since, over_at)
