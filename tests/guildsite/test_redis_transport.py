"""A worker that loses Redis continues when it is back."""

from typing import Any
from uuid import uuid4

from celery import current_app


def test_acknowledging_and_closing_work_after_redis_was_lost() -> None:
    connection = current_app.connection_for_read()
    queue = connection.SimpleQueue(f"test-{uuid4()}")
    queue.put({})
    message = queue.get(timeout=5)
    # What Celery does when it notices the loss, and then when the task is done.
    connection.collect()
    message.ack()
    connection.close()


def test_an_acknowledged_message_is_not_delivered_again() -> None:
    with current_app.connection_for_read() as connection:
        queue = connection.SimpleQueue(f"test-{uuid4()}")
        queue.put({})
        message = queue.get(timeout=5)
        channel: Any = message.channel
        assert channel.client.hexists(channel.unacked_key, message.delivery_tag)
        message.ack()
        assert not channel.client.hexists(channel.unacked_key, message.delivery_tag)
        queue.close()
