"""The site's commands and the processes of its Procfile."""

import hashlib
import re
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from urllib.parse import urlsplit

import requests

from embedded import environment, ports
from embedded.errors import ConfigurationError, StepFailed
from embedded.instance import CHECKOUT
from embedded.supervisor import Supervisor

PROCFILE_LINE = re.compile(r"^([A-Za-z0-9_-]+):\s*(.+)$")
PROCESSES = ("web", "interactive", "worker", "beat")


@contextmanager
def timed(label: str) -> Iterator[None]:
    """Print a step with its duration when it is done."""
    began = time.monotonic()
    yield
    print(f"  {label:<52} {time.monotonic() - began:6.1f} s", flush=True)


def require_port(variable: str, default: int) -> int:
    """Return the port of a service; raise an error if it is in use."""
    port = environment.port(variable, default)
    if not ports.is_free(port):
        raise ports.taken(variable, port)
    return port


def address(port: int) -> str:
    """Return the local URL of a port."""
    return f"http://{ports.LOOPBACK}:{port}"


def check(supervisor: Supervisor) -> None:
    """Check the settings, without the database. Raises ConfigurationError: only a person can correct them."""
    try:
        supervisor.run("check", "python manage.py check")
    except StepFailed as failure:
        lines = failure.output.strip().splitlines()
        problems = [line for line in lines if line.startswith(("guildsite: ", "?: "))] or lines[-1:]
        raise ConfigurationError(f"The settings are not usable: {'; '.join(problems)}") from failure


def prepare(supervisor: Supervisor) -> None:
    """Migrate the database, and collect static files if they changed."""
    commands = procfile()
    with timed("Database up to date"):
        supervisor.run("release", commands["release"])
    fingerprint, stamp = _static_fingerprint(), CHECKOUT / ".local" / "static.stamp"
    collected = (CHECKOUT / "staticfiles").is_dir() and stamp.exists()
    if not collected or stamp.read_text() != fingerprint:
        with timed("Static files collected"):
            supervisor.run("collectstatic", "python manage.py collectstatic --noinput")
        stamp.write_text(fingerprint)


def start(supervisor: Supervisor, listener: socket.socket, *, seconds: float = 60) -> None:
    """Start the processes of the Procfile and wait until the site answers."""
    port, host = listener.getsockname()[1], public_host(supervisor.environment())
    with timed(f"Site ({', '.join(PROCESSES)})"):
        for name in PROCESSES:
            supervisor.start(name, partial(_command, name), listener=listener if name == "web" else None)
        supervisor.wait_for("web", lambda: answers(f"{address(port)}/healthz", host), seconds=seconds)


def public_host(environment: Mapping[str, str]) -> str:
    """Return the host name that the site surely responds to."""
    return urlsplit(environment.get("SITE_URL", "")).netloc or "localhost"


def answers(url: str, host: str | None = None) -> bool:
    """Return whether a local URL answers; `host` is the name by which it is asked."""
    try:
        return fetch(url, host).status_code < HTTPStatus.BAD_REQUEST
    except requests.RequestException:
        return False


def fetch(url: str, host: str | None = None) -> requests.Response:
    """GET a local URL without a proxy."""
    with requests.Session() as session:
        session.trust_env = False
        return session.get(url, headers={"Host": host}, timeout=5, allow_redirects=False)


def procfile() -> dict[str, str]:
    """Return the commands of the Procfile by name."""
    lines = (CHECKOUT / "Procfile").read_text().splitlines()
    return {match[1]: match[2] for line in lines if (match := PROCFILE_LINE.match(line))}


def _command(name: str) -> str:
    return procfile()[name]


def _static_fingerprint() -> str:
    """Return a fingerprint of our static files and of the versions of packages with static files."""
    sources = [*CHECKOUT.glob("static/**/*"), *CHECKOUT.glob("[!.]*/static/**/*")]
    facts = [f"{file} {stat.st_size} {stat.st_mtime_ns}" for file in sorted(sources) if (stat := file.stat())]
    settings = [CHECKOUT / name for name in ("requirements.txt", "guildsite/settings.py")]
    contents = [file.read_text() for file in settings if file.exists()]
    return hashlib.sha256("\n".join(facts + contents).encode()).hexdigest()
