"""A PostgreSQL and a Redis that a drill can stop, wipe and kill."""

import gc
import os
import shutil
import signal
import subprocess
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import redis
from psycopg import sql

from embedded import ports
from embedded.instance import Access, Instance
from embedded.postgresql import PostgreSQL
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
    """Both servers, and a database for each drill."""

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
        """Start both, and make the tables once."""
        _start(self.postgres)
        _start(self.redis)
        self.postgres.ensure_database(TEMPLATE)
        given = os.environ | {"DATABASE_URL": self.postgres.url(TEMPLATE), "REDIS_URL": self.redis_url}
        subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=CHECKOUT, env=given, check=True)

    def stop(self) -> None:
        """Stop both."""
        self.redis.stop()
        self.postgres.stop()

    def fresh(self) -> str:
        """The address of a database as after the first migration; Redis is empty."""
        self.start_redis()
        with redis.Redis.from_url(self.redis_url) as store:
            store.flushall()
        self._databases += 1
        name = f"drill_{self._databases}"
        with psycopg.connect(self.postgres.url("postgres"), autocommit=True) as own:
            make = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
            own.execute(make.format(sql.Identifier(name), sql.Identifier(TEMPLATE)))
        return self.postgres.url(name)

    def restart_postgres(self, *, crash: bool) -> None:
        """Restart it the polite way, which ends every connection, or as a crash that finds them open."""
        pid = self.postgres.running()
        assert pid is not None
        if crash:
            os.kill(pid, signal.SIGQUIT)
        self.postgres.stop()
        _start(self.postgres)

    def start_redis(self) -> None:
        """Start it with what it kept on disk, unless it runs."""
        _start(self.redis)

    def empty_stopped_redis(self) -> None:
        """Throw away what it kept on disk."""
        assert self.redis.running() is None
        shutil.rmtree(self.redis.data)


def _start(server: PostgreSQL | RedisServer) -> None:
    with warnings.catch_warnings():
        # The servers outlive the objects that Python has of their processes.
        warnings.simplefilter("ignore", ResourceWarning)
        server.start()
        gc.collect()


def connection_settings(url: str) -> dict[str, str]:
    """The address as Django's settings have it."""
    parts = urlsplit(url)
    return {
        "HOST": parts.hostname or "",
        "PORT": str(parts.port),
        "NAME": parts.path.lstrip("/"),
        "USER": parts.username or "",
        "PASSWORD": parts.password or "",
    }
