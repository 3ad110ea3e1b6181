"""A Redis transport for Celery whose workers survive the loss of Redis, and a Redis that answers with errors.

A worker that loses its connection restores unacknowledged messages, and acknowledges them when its tasks end, both on a
channel that is closed by then. kombu finds no connection there and raises AttributeError, which stops the worker.
Neither is needed: unacknowledged messages are delivered again, and their jobs show that they are done (decision 15).

A Redis that is full (OOM), read-only (READONLY) or can't save its data (MISCONF) refuses what a worker sends. Celery
would stop the worker at such an answer. Here it counts as a lost connection, and there is none again until Redis takes
writes: the worker logs why, and tries again every 2 to 32 seconds.
"""

import logging
from typing import Any

from kombu.transport import redis, virtual
from redis.exceptions import ResponseError

from sync.engine.servers import reason_of

logger = logging.getLogger(__name__)

# Written once per connection, to see whether Redis takes writes.
PROBE = "broker:probe"


class QoS(redis.QoS):
    """Counts messages in progress; one whose end Redis refuses to note ends nevertheless, so that others can come."""

    def ack(self, delivery_tag: str) -> None:
        try:
            super().ack(delivery_tag)
        except ResponseError as error:
            logger.warning("A message could not be acknowledged: %s", reason_of(error))
            virtual.QoS.ack(self, delivery_tag)

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        try:
            super().reject(delivery_tag, requeue)
        except ResponseError as error:
            logger.warning("A message could not be rejected: %s", reason_of(error))
            virtual.QoS.ack(self, delivery_tag)


class Channel(redis.Channel):
    """A channel to a Redis that takes writes, which does nothing once its connection is lost."""

    QoS = QoS
    do_restore = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        try:
            self.client.set(PROBE, 1)
        except Exception:
            self._disconnect_pools()  # type: ignore[attr-defined, unused-ignore]
            raise

    def basic_ack(self, delivery_tag: str, multiple: bool = False) -> None:
        if not self.closed and self.connection is not None:
            super().basic_ack(delivery_tag, multiple)

    def basic_reject(self, delivery_tag: str, requeue: bool = False) -> None:
        if not self.closed and self.connection is not None:
            super().basic_reject(delivery_tag, requeue)


class Transport(redis.Transport):
    """The transport that is set as `CELERY_BROKER_TRANSPORT`."""

    Channel = Channel
    connection_errors = (*redis.Transport.connection_errors, ResponseError)
