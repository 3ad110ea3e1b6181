"""Reset of the rate limiter, the circuit breaker and the request log between tests."""

import redis
from django.conf import settings

from sync.engine.request_log import own_connection
from sync.models import RequestLogEntry


def forget_requests() -> None:
    """Reset the rate limiters, circuit breakers and request counts of all providers, and of signing in."""
    with redis.Redis.from_url(settings.REDIS_URL) as connection:
        for pattern in ("limiter:*", "breaker:*", "guildsite:*:rl:*"):
            for key in connection.scan_iter(pattern):
                connection.delete(key)
    if RequestLogEntry.objects.exists():
        with own_connection() as database:
            database.execute("DELETE FROM sync_requestlogentry")
