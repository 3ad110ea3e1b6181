"""The state of Redis, and the findings about it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import redis
from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from operations.health.finding import Finding, error, warning
from sync.engine.servers import reason_of

OLDEST_VERSION = (6, 0)
NEARLY_FULL = 0.9
# Seconds until Redis counts as not answering.
TIMEOUT = 3.0
PROBE, PROBE_LASTS = "operations:probe", 60


@dataclass(frozen=True, slots=True)
class RedisServer:
    """The Redis of the site; sizes in bytes, `max_memory` 0 for no limit.

    `refuses` is the error that a write gets, such as OOM or READONLY; `queues` has the waiting messages of each queue.
    """

    version: tuple[int, ...]
    memory: int
    max_memory: int
    policy: str
    clients: int
    evicted: int
    refuses: str = ""
    queues: dict[str, int] = field(default_factory=dict)


def connect() -> redis.Redis:
    """Return a connection that gives up soon."""
    once = Retry(NoBackoff(), 0)
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT, retry=once)


def read_redis() -> RedisServer | None:
    """Ask the server; None if it does not answer."""
    names = [queue.name for queue in settings.CELERY_TASK_QUEUES]
    try:
        with connect() as connection:
            info: dict[str, Any] = connection.info()  # type: ignore[assignment, unused-ignore]
            lengths = [int(connection.llen(name)) for name in names]  # type: ignore[arg-type, unused-ignore]
            refuses = _refusal(connection)
    except RedisError:
        return None
    return RedisServer(
        version=tuple(int(part) for part in str(info.get("redis_version", "0")).split(".") if part.isdecimal()),
        memory=info.get("used_memory", 0),
        max_memory=info.get("maxmemory", 0),
        policy=info.get("maxmemory_policy", ""),
        clients=info.get("connected_clients", 0),
        evicted=info.get("evicted_keys", 0),
        refuses=refuses,
        queues=dict(zip(names, lengths, strict=True)),
    )


def redis_findings(server: RedisServer | None) -> Iterator[Finding]:
    """Yield what keeps it from working."""
    if server is None:
        yield error(
            "redis-down",
            _("Redis does not answer: no background work is done, and nothing is fetched."),
            _("Start Redis; check the address and password in REDIS_URL. The work continues automatically."),
        )
        return
    if server.refuses:
        yield error(
            "redis-refuses",
            _("Redis refuses to write (%(error)s): no background work is done.") % {"error": server.refuses},
            _("OOM: give it more memory. MISCONF: free space on its disk. READONLY: point REDIS_URL to the primary."),
        )
    elif server.max_memory and server.memory > NEARLY_FULL * server.max_memory:
        yield warning(
            "redis-memory",
            _("Redis uses %(used)s of at most %(most)s.")
            % {"used": filesizeformat(server.memory), "most": filesizeformat(server.max_memory)},
            _("Raise maxmemory in redis.conf."),
        )
    if server.policy not in ("", "noeviction"):
        yield warning(
            "redis-policy",
            _("Redis deletes data when it is full (maxmemory-policy %(policy)s), also queues.")
            % {"policy": server.policy},
            _("Set maxmemory-policy to noeviction."),
        )


def version_findings(server: RedisServer) -> Iterator[Finding]:
    """Yield what was chosen wrongly when the server was set up."""
    if server.version[:2] < OLDEST_VERSION:
        yield error(
            "redis-version",
            _("Redis %(version)s is too old.") % {"version": ".".join(map(str, server.version))},
            _("Upgrade to Redis %(oldest)s or later.") % {"oldest": ".".join(map(str, OLDEST_VERSION))},
        )


def _refusal(connection: redis.Redis) -> str:
    """Return the code of the error that a write gets."""
    try:
        connection.set(PROBE, 1, ex=PROBE_LASTS)
    except redis.exceptions.ResponseError as refusal:
        return reason_of(refusal)
    return ""
