"""The one notice that cannot be in PostgreSQL: that PostgreSQL does not answer. It is kept in Redis."""

import logging
from datetime import UTC, datetime

import redis
from redis.exceptions import RedisError

from operations.health.finding import Finding
from operations.health.redis_server import connect
from operations.models import Message, Notice
from operations.notices.channels import NotSent, Text, configured, send
from operations.notices.services import TELL_AFTER

logger = logging.getLogger(__name__)

SINCE, TOLD = "notices:database-down:since", "notices:database-down:told"
KEPT_FOR = 30 * 24 * 3600


def tell(finding: Finding, *, now: datetime) -> None:
    """Tell each channel once, when it has lasted for a while. Without Redis, nobody can be told."""
    try:
        with connect() as connection:
            connection.set(SINCE, now.isoformat(), nx=True, ex=KEPT_FOR)
            since = _time(connection.get(SINCE)) or now
            if now - since >= TELL_AFTER:
                text = Text(finding.cause, finding.severity, finding.text, finding.mend, since)
                for channel in configured():
                    _tell(connection, channel, text)
    except RedisError as failure:
        logger.error("Neither PostgreSQL nor Redis answers (%s): nobody is told.", type(failure).__name__)


def end(cause: str, *, now: datetime) -> None:
    """If it was told, create the messages that it is over; PostgreSQL answers again."""
    try:
        with connect() as connection, connection.pipeline() as step:
            since, told, _deleted = step.getdel(SINCE).smembers(TOLD).delete(TOLD).execute()
    except RedisError:
        return
    began = _time(since)
    if began is None or not told:
        return
    notice = Notice.objects.create(
        cause=cause,
        severity="error",
        text="PostgreSQL does not answer.",
        since=began,
        last_seen_at=now,
        told_at=began,
        over_at=now,
    )
    Message.objects.bulk_create(
        Message(notice=notice, channel=str(channel, "utf-8"), is_over=True, next_attempt_at=now) for channel in told
    )


def _tell(connection: redis.Redis, channel: str, text: Text) -> None:
    # Of several processes, the one that adds the channel tells it.
    if not connection.sadd(TOLD, channel):
        return
    try:
        send(channel, text)
    except NotSent as failure:
        logger.warning("The notice %s was not sent by %s: %s", text.cause, channel, failure)
        connection.srem(TOLD, channel)


def _time(value: object) -> datetime | None:
    return datetime.fromisoformat(str(value, "utf-8")).astimezone(UTC) if isinstance(value, bytes) else None
