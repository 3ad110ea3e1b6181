"""The running site: gunicorn and a Celery worker, each in a process of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import redis
import requests
from celery import current_app
from django.conf import settings
from django.db import connection

from tests.battlenet import BUNGIE_API_KEY, BUNGIE_CLIENT_ID, CHECKOUT, CLIENT_ID, CLIENT_SECRET

T = TypeVar("T")


@dataclass
class Stack:
    """The processes of a running site."""

    url: str
    processes: "list[subprocess.Popen[bytes]]"
    logs: Path

    def log(self) -> str:
        """Return everything that its processes have logged."""
        return "".join(file.read_text(errors="replace") for file in sorted(self.logs.glob("*.log")))

    def stop(self) -> None:
        """End its processes and wait for them."""
        for process in self.processes:
            process.send_signal(signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def free_port() -> int:
    """Return a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def database_url() -> str:
    """Return the address of the tests' own database."""
    settings: dict[str, Any] = connection.settings_dict
    login = f"{quote(settings['USER'])}:{quote(settings['PASSWORD'])}"
    return f"postgresql://{login}@{settings['HOST']}:{settings['PORT']}/{settings['NAME']}"


def site_environment(sandbox_url: str) -> dict[str, str]:
    """Return the environment of a process of the site, with the tests' database and the sandbox."""
    return os.environ | {
        "DATABASE_URL": database_url(),
        "DEBUG": "false",
        "BLIZZARD_CLIENT_ID": CLIENT_ID,
        "BLIZZARD_CLIENT_SECRET": CLIENT_SECRET,
        "BLIZZARD_OAUTH_URL": sandbox_url,
        "BLIZZARD_API_URL": sandbox_url,
        "BUNGIE_CLIENT_ID": BUNGIE_CLIENT_ID,
        "BUNGIE_CLIENT_SECRET": CLIENT_SECRET,
        "BUNGIE_API_KEY": BUNGIE_API_KEY,
        "BUNGIE_URL": sandbox_url,
        "BLIZZARD_MEDIA_URLS": f"{sandbox_url}/render",
    }


def run_python(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run Python in this checkout with these variables, and return its output and exit status."""
    inherited = {name: value for name, value in os.environ.items() if name != "DJANGO_ALLOW_ASYNC_UNSAFE"}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=CHECKOUT,
        env=inherited | {"DJANGO_SETTINGS_MODULE": "guildsite.settings"} | environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def start_stack(sandbox_url: str, logs: Path) -> Stack:
    """Start the site on the tests' database and wait until it is up."""
    port = free_port()
    site = {"SITE_URL": f"http://127.0.0.1:{port}", "ALLOWED_HOSTS": "127.0.0.1", "LOG_OUTGOING": "true"}
    environment = site_environment(sandbox_url) | site
    commands = {
        "web": ["-m", "gunicorn", "guildsite.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "1", "--threads", "4"],
        "worker": [
            *["-m", "celery", "-A", "guildsite", "worker", "--pool", "threads", "--concurrency", "8"],
            *["-Q", "interactive,background", "--loglevel", "INFO", "--without-mingle", "--without-gossip"],
        ],
    }
    processes = []
    for name, command in commands.items():
        with (logs / f"{name}.log").open("wb") as log:
            processes.append(
                subprocess.Popen([sys.executable, *command], cwd=CHECKOUT, env=environment, stdout=log, stderr=log)
            )
    stack = Stack(f"http://127.0.0.1:{port}", processes, logs)
    try:
        wait_until(lambda: _is_up(stack))
    except BaseException:
        # A worker that is still running would take the tasks of later runs.
        stack.stop()
        raise
    return stack


def let_worker_finish() -> None:
    """Empty the queues and wait until the worker has finished its tasks.

    Otherwise it would write while the database is being emptied for the next test.
    """
    broker = redis.Redis.from_url(settings.REDIS_URL)
    broker.delete("interactive", "background")
    broker.close()
    inspect = current_app.control.inspect(timeout=2, limit=1)
    wait_until(lambda: not any((inspect.active() or {}).values()) and not any((inspect.reserved() or {}).values()))


def _is_up(stack: Stack) -> bool:
    if any(process.poll() is not None for process in stack.processes):
        raise RuntimeError(f"a process of the site ended at its start:\n{stack.log()}")
    try:
        up = requests.get(f"{stack.url}/healthz", timeout=2).ok
    except (requests.ConnectionError, requests.Timeout):
        return False
    return up and "ready." in (stack.logs / "worker.log").read_text()


# Seconds without progress after which a wait fails. Only something broken takes that long, so it says nothing about
# speed: what needs a second on a quiet machine may need a minute on a busy one.
PATIENCE = 120.0


def wait_until(condition: Callable[[], T], *, progress: Callable[[], object] = lambda: None, pause: float = 0.05) -> T:
    """Return the first true value of `condition`, checking it every `pause` seconds.

    Raises AssertionError after PATIENCE seconds in which neither it nor the value of `progress` changed.
    """
    seen, give_up = progress(), time.monotonic() + PATIENCE
    while True:
        value = condition()
        if value:
            return value
        if (now := progress()) != seen:
            seen, give_up = now, time.monotonic() + PATIENCE
        assert time.monotonic() < give_up, f"no progress in {PATIENCE:.0f} s, last seen: {seen}"
        time.sleep(pause)
