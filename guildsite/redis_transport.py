"""Celery's way through Redis, for workers that outlive the loss of Redis.

A worker that loses its connection gives back what it has not acknowledged, and its tasks go on and are acknowledged
later, both by way of a channel that is closed by then. kombu finds no connection there and raises AttributeError, which
ends the worker. Neither is needed: what is not acknowledged comes again, and its job tells that it was done
(decision 15).
"""

from kombu.transport import redis


class Channel(redis.Channel):
    """A channel that does nothing once its connection is lost."""

    do_restore = False

    def basic_ack(self, delivery_tag: str, multiple: bool = False) -> None:
        """Acknowledge a message if its channel is still open."""
        if not self.closed and self.connection is not None:
            super().basic_ack(delivery_tag, multiple)

    def basic_reject(self, delivery_tag: str, requeue: bool = False) -> None:
        """Reject a message if its channel is still open."""
        if not self.closed and self.connection is not None:
            super().basic_reject(delivery_tag, requeue)


class Transport(redis.Transport):
    """The transport that is set as `CELERY_BROKER_TRANSPORT`."""

    Channel = Channel
