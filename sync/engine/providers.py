"""Providers: the APIs that the site keeps in sync with. Everything in the engine that counts, counts per provider."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import redis
from django.conf import settings
from requests import Response

from sync.engine.circuit_breaker import CircuitBreaker
from sync.engine.http import Transport, as_received
from sync.engine.jobs import Job
from sync.engine.rate_limiter import LATEST_AFTER_LOGGING, Lane, RateLimiter, Window
from sync.engine.request_log import PostgresRequestLog, release_connection
from sync.engine.request_metrics import RequestMetrics

Client_co = TypeVar("Client_co", covariant=True)


@dataclass(frozen=True)
class Provider(Generic[Client_co]):
    """One API: its limits, its credentials, its jobs and its client.

    `name` is in Redis keys, tables and metrics, `label` on pages. A request that waits more than `longest_wait` seconds
    for its slot is deferred.
    """

    name: str
    label: str
    hosts: Mapping[str, str]
    windows: tuple[Window, ...]
    make_client: "Callable[[Provider[Client_co], Transport], Client_co]"
    jobs: type[Job]
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    longest_wait: float = 30.0
    # See `Transport`.
    translate: Callable[[Response], Response] = as_received

    def client(self, lane: Lane) -> Client_co:
        """Return a client whose every request passes the rate limiter in this lane."""
        breaker = self.circuit_breaker()
        transport = Transport(
            limiter=self.rate_limiter(lane),
            longest_wait=self.longest_wait,
            metrics=RequestMetrics(_connection(), self.name, breaker),
            breaker=breaker,
            before_waiting=release_connection,
            translate=self.translate,
        )
        return self.make_client(self, transport)

    def rate_limiter(self, lane: Lane) -> RateLimiter:
        """Return the rate limiter of all processes, on its own connection."""
        kept_for = max(one.seconds for one in self.windows) + 2 * LATEST_AFTER_LOGGING
        log = PostgresRequestLog(self.name, kept_for=kept_for)
        return RateLimiter(_connection(), self.windows, lane, name=self.name, log=log)

    def request_metrics(self) -> RequestMetrics:
        return RequestMetrics(_connection(), self.name)

    def circuit_breaker(self) -> CircuitBreaker:
        return CircuitBreaker(_connection(), self.name, probe_every=settings.OUTAGE_PROBE_SECONDS)


# A provider that the settings switch off declares None.
Declaration = Callable[[], "Provider[object] | None"]
_declarations: dict[str, Declaration] = {}


def register(name: str, declare: Declaration) -> None:
    """Register a provider. It is declared at each use, since tests change its settings."""
    _declarations[name] = declare


def providers() -> "list[Provider[object]]":
    """Return all providers that are on, sorted by name."""
    declared = (declare() for _, declare in sorted(_declarations.items()))
    return [one for one in declared if one is not None]


def is_on(name: str) -> bool:
    """Return whether the provider is registered, and the settings don't switch it off."""
    declare = _declarations.get(name)
    return declare is not None and declare() is not None


def _connection() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL)
