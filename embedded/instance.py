"""Files of a checkout's embedded servers, and leases on them."""

import fcntl
import json
import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from embedded import interrupts
from embedded.errors import StartError

CHECKOUT = Path(__file__).resolve().parent.parent
# Redis has sixteen databases; number 0 is for servers that are started without a lease.
SLOTS = range(1, 16)
LOCK_SECONDS = 180


class Profile(StrEnum):
    """The purpose of the servers."""

    DEMO = "demo"
    RUN = "run"
    TEST = "test"
    BENCH = "bench"


@dataclass
class Access:
    """Port and password of a server, chosen at its first start and kept."""

    port: int
    password: str


@dataclass(frozen=True)
class Instance:
    """The servers of one profile of this checkout.

    Profiles share nothing, so that sandbox data never gets into a real database.
    """

    profile: Profile = Profile.DEMO

    @property
    def root(self) -> Path:
        """Return the folder of all files of these servers."""
        local = CHECKOUT / ".local"
        return local if self.profile is Profile.DEMO else local / self.profile

    @property
    def log_folder(self) -> Path:
        """Return the folder of the logs of servers and site."""
        return self.root / "log"

    @property
    def durable(self) -> bool:
        """Return whether data survives a power cut; tests trade that for speed."""
        return self.profile is not Profile.TEST

    def create(self) -> None:
        """Create the folders, private to the user."""
        (CHECKOUT / ".local").mkdir(mode=0o700, exist_ok=True)
        self.root.mkdir(mode=0o700, exist_ok=True)
        self.log_folder.mkdir(mode=0o700, exist_ok=True)

    def log(self, name: str) -> Path:
        """Return the log file of a server."""
        return self.log_folder / f"{name}.log"

    def access(self, server: str) -> Access:
        """Return the kept port and password of a server; port 0 means none yet."""
        remembered = self._remembered().get(server)
        if remembered is None:
            return Access(port=0, password=secrets.token_urlsafe(24))
        return Access(int(remembered["port"]), str(remembered["password"]))

    def remember(self, server: str, access: Access) -> None:
        """Keep port and password for the next start, unreadable for other users."""
        write_private(self._memory, json.dumps(self._remembered() | {server: asdict(access)}, indent=2))

    @property
    def _memory(self) -> Path:
        return self.root / "servers.json"

    def _remembered(self) -> dict[str, dict[str, int | str]]:
        if not self._memory.exists():
            return {}
        remembered: dict[str, dict[str, int | str]] = json.loads(self._memory.read_text())
        return remembered

    @property
    def kept(self) -> bool:
        """Return whether the servers stay without borrowers (started by `up`)."""
        return self._kept_marker.exists()

    def keep(self, yes: bool) -> None:
        """Set whether the servers stay without borrowers."""
        if yes:
            self._kept_marker.touch()
        else:
            self._kept_marker.unlink(missing_ok=True)

    @property
    def _kept_marker(self) -> Path:
        return self.root / "keep"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the lock for starting and stopping servers."""
        self.create()
        with (self.root / "lock").open("w") as file:
            if not take(file.fileno()):
                print("Waiting for another start or stop of these servers ...", file=sys.stderr, flush=True)
                if not interrupts.wait_until(lambda: take(file.fileno()), seconds=LOCK_SECONDS):
                    raise StartError(f"Another start or stop still holds {file.name}; try again later.")
            yield

    def borrow(self) -> "Lease":
        """Take a lease on the servers for this process.

        The kernel releases it however the process ends.
        """
        for slot in SLOTS:
            descriptor = os.open(self._slot(slot), os.O_RDWR | os.O_CREAT, 0o600)
            if take(descriptor):
                return Lease(slot, descriptor)
            os.close(descriptor)
        raise StartError(f"{len(SLOTS)} commands use the servers in {self.root} already; end one of them first.")

    def borrowed(self) -> bool:
        """Return whether any running process has a lease. Call it only while holding the lock."""
        for slot in SLOTS:
            if not (path := self._slot(slot)).exists():
                continue
            with path.open("r+") as file:
                if not take(file.fileno()):
                    return True
        return False

    def _slot(self, slot: int) -> Path:
        return self.root / f"lease-{slot}"


@dataclass(frozen=True)
class Lease:
    """A use of the servers, with a slot number that no other running process has."""

    slot: int
    descriptor: int

    def give_back(self) -> None:
        """Release the lease and its slot."""
        os.close(self.descriptor)


def write_private(path: Path, text: str) -> None:
    """Write a file atomically, readable only by its owner."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    draft.replace(path)


def take(descriptor: int) -> bool:
    """Lock the open file for this process; return whether no other process has it locked."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
