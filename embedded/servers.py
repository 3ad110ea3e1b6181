"""Starting, lending and stopping the embedded servers.

A server with a configured URL (`DATABASE_URL`, `REDIS_URL`) is used, not started.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from embedded import interrupts, ports
from embedded.instance import Instance, Profile
from embedded.postgresql import DATABASE, PostgreSQL
from embedded.redis_server import RedisServer


@dataclass(frozen=True)
class Servers:
    """The URLs of a running PostgreSQL and Redis, and those of them that are embedded."""

    database_url: str
    redis_url: str
    embedded: tuple[PostgreSQL | RedisServer, ...] = ()


def start(profile: Profile = Profile.DEMO, given: Mapping[str, str] = os.environ) -> Servers:
    """Start the servers that are not running; they stay until `stop`."""
    instance = Instance(profile)
    with instance.locked():
        try:
            servers = _start(instance, given)
        except BaseException:
            interrupts.ignore()
            _stop_unused(instance)
            raise
        instance.keep(True)
    return servers


def stop(profile: Profile = Profile.DEMO) -> None:
    """Stop the servers, even if another command still uses them."""
    instance = Instance(profile)
    if not instance.root.exists():
        return
    with instance.locked():
        instance.keep(False)
        _stop(instance)


@contextmanager
def borrowed(profile: Profile, given: Mapping[str, str] = os.environ) -> Iterator[Servers]:
    """Lend servers within the block; the last borrower stops them, unless they were started to stay."""
    instance = Instance(profile)
    with instance.locked():
        lease = instance.borrow()
    try:
        with instance.locked():
            servers = _start(instance, given, lease.slot if profile is Profile.TEST else 0)
        yield servers
    finally:
        interrupts.ignore()
        with instance.locked():
            lease.give_back()
            _stop_unused(instance)


def use_until_exit(profile: Profile) -> Servers:
    """Lend the embedded servers to this process until it ends, however that happens.

    Used by each process of a test run whose servers `borrowed` started; each gets its own database and Redis number.
    """
    instance = Instance(profile)
    with instance.locked():
        return _start(instance, {}, instance.borrow().slot)


def running(profile: Profile) -> dict[str, int | None]:
    """Return the pid of each embedded server, or None."""
    return {server.name: server.running() for server in both(Instance(profile))}


def _start(instance: Instance, given: Mapping[str, str], slot: int = 0) -> Servers:
    """Start both. A slot other than 0 gets a database and a Redis number that no other test run has."""
    postgres, redis = both(instance)
    database_url, redis_url = given.get("DATABASE_URL"), given.get("REDIS_URL")
    embedded: list[PostgreSQL | RedisServer] = []
    if not database_url:
        start_one(instance, postgres)
        database = f"{DATABASE}_{slot}" if slot else DATABASE
        postgres.ensure_database(database)
        database_url = postgres.url(database)
        embedded.append(postgres)
    if not redis_url:
        start_one(instance, redis)
        if slot:
            redis.empty(slot)
        redis_url = redis.url(slot)
        embedded.append(redis)
    return Servers(database_url, redis_url, tuple(embedded))


def start_one(instance: Instance, server: PostgreSQL | RedisServer) -> None:
    """Start one server, on another port than before if that is taken. Call it only while holding the lock."""
    if server.running() is None and not (server.access.port and ports.is_free(server.access.port)):
        server.access.port = ports.choose()
        instance.remember(server.name, server.access)
    server.start()


def _stop_unused(instance: Instance) -> None:
    if not instance.kept and not instance.borrowed():
        _stop(instance)


def _stop(instance: Instance) -> None:
    for server in both(instance):
        server.stop()


def both(instance: Instance) -> tuple[PostgreSQL, RedisServer]:
    """Return the servers of an instance, running or not."""
    return (
        PostgreSQL(instance, instance.access(PostgreSQL.name)),
        RedisServer(instance, instance.access(RedisServer.name)),
    )
