"""The lock that keeps a second site off the same data, and what other commands know about the one that is running."""

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from embedded.errors import StartError
from embedded.instance import CHECKOUT, Instance, Profile, take, write_private
from embedded.processes import running_pid


@dataclass
class RunningSite:
    """A supervisor with its site; `replacements` counts how often it has replaced the site's processes."""

    profile: Profile
    port: int
    pid: int
    code: str
    replacements: int = 0

    def announce(self) -> None:
        """Tell other commands."""
        write_private(_file(Instance(self.profile)), f"{self.pid}\n{json.dumps(asdict(self))}\n")


@contextmanager
def only_one(instance: Instance) -> Iterator[None]:
    """Hold the lock; the kernel releases it however the process ends."""
    instance.create()
    with (instance.root / "site.lock").open("w") as lock:
        if not take(lock.fileno()):
            running = find(instance)
            who = f" (pid {running.pid}, port {running.port})" if running else ""
            raise StartError(f"A site{who} is running on the data in {instance.root} already: end it first.")
        try:
            yield
        finally:
            _file(instance).unlink(missing_ok=True)


def find(instance: Instance) -> RunningSite | None:
    """Return the site that is running on this data, or None."""
    if running_pid(_file(instance), "embedded") is None:
        return None
    return RunningSite(**json.loads(_file(instance).read_text().split("\n", 1)[1]))


def refuse_if_running(instance: Instance) -> None:
    """Raise an error that names the site that is running on this data."""
    if running := find(instance):
        raise StartError(f"A site (pid {running.pid}, port {running.port}) uses these servers: end it first.")


def fingerprint() -> str:
    """Return a hash of this package's code, which a running supervisor keeps until it is restarted."""
    files = sorted((CHECKOUT / "embedded").glob("*.py"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def announced(profile: Profile, port: int) -> RunningSite:
    """Return the site of this process, of which other commands know from now on."""
    here = RunningSite(profile, port, os.getpid(), fingerprint())
    here.announce()
    return here


def _file(instance: Instance) -> Path:
    return instance.root / "site.pid"
