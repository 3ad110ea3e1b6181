"""A Redis transport for Celery whose workers survive the loss of Redis.

A worker that loses its connection restores unacknowledged messages, and acknowledges them when its tasks end, both on a
channel that is closed by then. kombu finds no connection there and raises AttributeError, which stops the worker.
Neither is needed: unacknowledged messages are delivered again, and their jobs show that they are done (decision 15).
"""

from kombu.transport import redis


class Channel(redis.Channel):
    """A channel that does nothing once its connection is lost."""

    do_restore = False

    def basic_ack(self, delivery_tag: str, multiple: bool = False) -> None:
        if not self.closed and self.connection is not None:
            super().basic_ack(delivery_tag, multiple)

    def basic_reject(self, delivery_tag: str, requeue: bool = False) -> None:
        if not self.closed and self.connection is not None:
            super().basic_reject(delivery_tag, requeue)


class Transport(redis.Transport):
    """The transport that is set as `CELERY_BROKER_TRANSPORT`."""

    Channel = Channel
