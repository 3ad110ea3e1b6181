"""The client that the settings describe, one for each lane and process."""

from functools import cache

import redis
from django.conf import settings

from sync.blizzard.client import BlizzardClient, Credentials
from sync.engine.circuit_breaker import CircuitBreaker
from sync.engine.rate_limiter import Lane, Limits, Throttle
from sync.engine.request_log import PostgresTally
from sync.engine.request_metrics import RedisMeter

# Seconds that a request may wait for its turn before the work is handed back.
LONGEST_WAIT = 30.0


@cache
def client_for(lane: Lane) -> BlizzardClient:
    """A client whose every request passes the shared throttle in this lane."""
    breaker = circuit_breaker()
    return BlizzardClient(
        credentials=Credentials(settings.BLIZZARD_CLIENT_ID, settings.BLIZZARD_CLIENT_SECRET),
        oauth_url=settings.BLIZZARD_OAUTH_URL,
        api_url=settings.BLIZZARD_API_URL,
        locale=settings.BLIZZARD_API_LOCALE,
        gate=throttle_for(lane),
        longest_wait=LONGEST_WAIT,
        meter=RedisMeter(redis.Redis.from_url(settings.REDIS_URL), breaker),
        breaker=breaker,
    )


def throttle_for(lane: Lane) -> Throttle:
    """The shared throttle, on a connection of its own; `budget` tells a page what is left."""
    limits = Limits(
        per_second=settings.BLIZZARD_RATE_PER_SECOND,
        per_hour=settings.BLIZZARD_RATE_PER_HOUR,
        reserve_per_second=settings.BLIZZARD_RESERVE_PER_SECOND,
        reserve_per_hour=settings.BLIZZARD_RESERVE_PER_HOUR,
    )
    return Throttle(redis.Redis.from_url(settings.REDIS_URL), limits, lane, tally=PostgresTally())


def meter() -> RedisMeter:
    """The counts of all processes, on a connection of its own."""
    return RedisMeter(redis.Redis.from_url(settings.REDIS_URL))


def circuit_breaker() -> CircuitBreaker:
    """The circuit breaker of all processes, on a connection of its own."""
    return CircuitBreaker(redis.Redis.from_url(settings.REDIS_URL))
