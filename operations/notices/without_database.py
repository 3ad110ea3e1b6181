"""The one notice that cannot be in PostgreSQL: that it does not answer, or takes no writes. It is kept in Redis."""

import json
import logging
from datetime import UTC, datetime

import redis
from redis.exceptions import RedisError

from operations.health.finding import Finding, Severity
from operations.health.redis_server import connect
from operations.models import Message, Notice
from operations.notices.channels import NotSent, Text, configured, send
from operations.notices.services import TELL_AFTER

logger = logging.getLogger(__name__)

BEGAN, TOLD = "notices:database:began", "notices:database:told"
KEPT_FOR = 30 * 24 * 3600


def tell(finding: Finding, *, now: datetime) -> None:
    """Tell each channel once, when it has lasted for a while. Without Redis, nobody can be told."""
    began = {"cause": finding.cause, "text": finding.text, "since": now.isoformat()}
    try:
        with connect() as connection:
            connection.set(BEGAN, json.dumps(began), nx=True, ex=KEPT_FOR)
            since = _since(json.loads(str(connection.get(BEGAN), "utf-8")))  # type: ignore[arg-type, unused-ignore]
            if now - since >= TELL_AFTER:
                text = Text(finding.cause, finding.severity, finding.text, finding.mend, since)
                for channel in configured():
                    _tell(connection, channel, text)
    except RedisError as failure:
        logger.error("Neither PostgreSQL nor Redis answers (%s): nobody is told.", type(failure).__name__)


def end(*, now: datetime) -> None:
    """If it was told, create the messages that it is over; PostgreSQL works again."""
    try:
        with connect() as connection, connection.pipeline() as step:
            value, told, _deleted = step.getdel(BEGAN).smembers(TOLD).delete(TOLD).execute()
    except RedisError:
        return
    if value is None or not told:
        return
    began = json.loads(value)
    since = _since(began)
    notice = Notice.objects.create(
        cause=began["cause"],
        severity=Severity.ERROR,
        text=began["text"],
        since=since,
        last_seen_at=now,
        told_at=since,
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


def _since(began: dict[str, str]) -> datetime:
    return datetime.fromisoformat(began["since"]).astimezone(UTC)
