"""A PostgreSQL and a Redis that a drill can stop, wipe and kill."""

import gc
import os
import shutil
import signal
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import redis
from psycopg import sql

from embedded import ports
from embedded.instance import Access, Instance
from embedded.postgresql import SUPERUSER, PostgreSQL
from embedded.redis_server import RedisServer
from tests.battlenet import CHECKOUT

TEMPLATE = "drills"


@dataclass(frozen=True)
class Place(Instance):
    """Servers configured as for a real site, in a temporary folder."""

    folder: Path = Path()

    @property
    def root(self) -> Path:
        """The folder of both servers."""
        return self.folder

    @property
    def durable(self) -> bool:
        """Configure servers so that written data survives a kill."""
        return True


class DrillServers:
    """Both servers, with a database for each drill."""

    def __init__(self, folder: Path) -> None:
        place = Place(folder=folder)
        place.log_folder.mkdir()
        self.postgres = PostgreSQL(place, Access(ports.choose(), "drill"))
        self.redis = RedisServer(place, Access(ports.choose(), "drill"))
        self._databases = 0

    @property
    def redis_url(self) -> str:
        """Return the URL of the Redis, which is empty at the start of each drill."""
        return self.redis.url()

    def start(self) -> None:
        """Start both, and create the tables in a template database."""
        _start(self.postgres)
        _start(self.redis)
        self.postgres.ensure_database(TEMPLATE)
        given = os.environ | {"DATABASE_URL": self.postgres.url(TEMPLATE), "REDIS_URL": self.redis_url}
        subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=CHECKOUT, env=given, check=True)

    def stop(self) -> None:
        """Stop both servers."""
        self.redis.stop()
        self.postgres.stop()

    def fresh(self) -> str:
        """Empty Redis, and return the address of a new database."""
        self.start_redis()
        with redis.Redis.from_url(self.redis_url) as store:
            store.flushall()
        self._databases += 1
        name = f"drill_{self._databases}"
        with psycopg.connect(self.postgres.url("postgres"), autocommit=True) as own:
            make = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
            own.execute(make.format(sql.Identifier(name), sql.Identifier(TEMPLATE)))
        return self.postgres.url(name)

    def empty(self, name: str) -> str:
        """Return the address of a new database without tables."""
        self.postgres.ensure_database(name)
        return self.postgres.url(name)

    def restart_postgres(self, *, crash: bool) -> None:
        """Restart PostgreSQL, after a shutdown that closes all connections or after a crash."""
        pid = self.postgres.running()
        assert pid is not None
        if crash:
            os.kill(pid, signal.SIGQUIT)
        self.postgres.stop()
        _start(self.postgres)

    @contextmanager
    def max_connections(self, number: int) -> Iterator[None]:
        """Restart PostgreSQL with this limit, and afterwards with its own."""
        self._alter(f"SET max_connections = {number}")
        yield
        self._alter("RESET max_connections")

    def _alter(self, change: str) -> None:
        access = self.postgres.access
        superuser = f"postgresql://{SUPERUSER}:{access.password}@{ports.LOOPBACK}:{access.port}/postgres"
        with psycopg.connect(superuser, autocommit=True) as own:
            own.execute(f"ALTER SYSTEM {change}".encode())
        self.restart_postgres(crash=False)

    def start_again(self) -> None:
        """Start what has ended."""
        _start(self.postgres)
        _start(self.redis)

    def start_redis(self) -> None:
        """Start Redis, with its data on disk, if it is not running."""
        _start(self.redis)

    def empty_stopped_redis(self) -> None:
        """Delete its data on disk."""
        assert self.redis.running() is None
        shutil.rmtree(self.redis.data)


def _start(server: PostgreSQL | RedisServer) -> None:
    with warnings.catch_warnings():
        # The servers outlive their process objects in Python.
        warnings.simplefilter("ignore", ResourceWarning)
        server.start()
        gc.collect()


def connection_settings(url: str) -> dict[str, str]:
    """Return the address as Django's database settings."""
    parts = urlsplit(url)
    return {
        "HOST": parts.hostname or "",
        "PORT": str(parts.port),
        "NAME": parts.path.lstrip("/"),
        "USER": parts.username or "",
        "PASSWORD": parts.password or "",
    }
