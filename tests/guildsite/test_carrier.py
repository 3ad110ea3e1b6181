"""A worker that lost Redis in the midst of its work goes on when Redis is back."""

from typing import Any
from uuid import uuid4

from celery import current_app


def test_a_message_can_be_acknowledged_and_the_connection_closed_after_redis_was_lost() -> None:
    connection = current_app.connection_for_read()
    queue = connection.SimpleQueue(f"test-{uuid4()}")
    queue.put({})
    message = queue.get(timeout=5)
    # What Celery does when it notices the loss, and then when the task is done.
    connection.collect()
    message.ack()
    connection.close()


def test_what_is_acknowledged_in_time_does_not_come_again() -> None:
    with current_app.connection_for_read() as connection:
        queue = connection.SimpleQueue(f"test-{uuid4()}")
        queue.put({})
        message = queue.get(timeout=5)
        channel: Any = message.channel
        assert channel.client.hexists(channel.unacked_key, message.delivery_tag)
        message.ack()
        assert not channel.client.hexists(channel.unacked_key, message.delivery_tag)
        queue.close()
