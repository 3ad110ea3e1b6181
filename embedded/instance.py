"""Where the embedded servers of a checkout keep their files, and who holds them at the moment."""

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
# Redis has sixteen databases; number 0 belongs to those who start the servers without borrowing them.
SLOTS = range(1, 16)
LOCK_SECONDS = 180


class Profile(StrEnum):
    """What the servers are for."""

    DEMO = "demo"
    RUN = "run"
    TEST = "test"
    BENCH = "bench"


@dataclass
class Access:
    """How a server is reached: chosen at its first start and remembered."""

    port: int
    password: str


@dataclass(frozen=True)
class Instance:
    """The servers of one profile of this checkout.

    Profiles share nothing, so that pretend data never meets real data.
    """

    profile: Profile = Profile.DEMO

    @property
    def root(self) -> Path:
        """The folder of everything that these servers keep."""
        local = CHECKOUT / ".local"
        return local if self.profile is Profile.DEMO else local / self.profile

    @property
    def log_folder(self) -> Path:
        """Logs of the servers and of the site's processes."""
        return self.root / "log"

    @property
    def durable(self) -> bool:
        """Whether data survives a power cut: tests trade that for speed."""
        return self.profile is not Profile.TEST

    def create(self) -> None:
        """Makes the folders, closed to other users."""
        (CHECKOUT / ".local").mkdir(mode=0o700, exist_ok=True)
        self.root.mkdir(mode=0o700, exist_ok=True)
        self.log_folder.mkdir(mode=0o700, exist_ok=True)

    def log(self, name: str) -> Path:
        """The log of one server."""
        return self.log_folder / f"{name}.log"

    def access(self, server: str) -> Access:
        """Remembered port and password of a server; port 0 means that none was chosen yet."""
        remembered = self._remembered().get(server)
        if remembered is None:
            return Access(port=0, password=secrets.token_urlsafe(24))
        return Access(int(remembered["port"]), str(remembered["password"]))

    def remember(self, server: str, access: Access) -> None:
        """Keeps port and password for the next start, unreadable for other users."""
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
        """Whether the servers stay when nobody borrows them any more (started by `up`)."""
        return self._kept_marker.exists()

    def keep(self, yes: bool) -> None:
        """Lets the servers outlive their borrowers, or not any more."""
        if yes:
            self._kept_marker.touch()
        else:
            self._kept_marker.unlink(missing_ok=True)

    @property
    def _kept_marker(self) -> Path:
        return self.root / "keep"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Lets one process at a time start or stop servers; a second one waits."""
        self.create()
        with (self.root / "lock").open("w") as file:
            if not _take(file.fileno()):
                print("Waiting for another start or stop of these servers ...", file=sys.stderr, flush=True)
                if not interrupts.wait_until(lambda: _take(file.fileno()), seconds=LOCK_SECONDS):
                    raise StartError(f"Another start or stop still holds {file.name}; try again later.")
            yield

    def borrow(self) -> "Lease":
        """Declares that this process uses the servers.

        The kernel takes the lease back however the process ends.
        """
        for slot in SLOTS:
            descriptor = os.open(self._slot(slot), os.O_RDWR | os.O_CREAT, 0o600)
            if _take(descriptor):
                return Lease(slot, descriptor)
            os.close(descriptor)
        raise StartError(f"{len(SLOTS)} commands use the servers in {self.root} already; end one of them first.")

    def borrowed(self) -> bool:
        """Whether any living process holds a lease. Ask only while holding the lock."""
        for slot in SLOTS:
            if not (path := self._slot(slot)).exists():
                continue
            with path.open("r+") as file:
                if not _take(file.fileno()):
                    return True
        return False

    def _slot(self, slot: int) -> Path:
        return self.root / f"lease-{slot}"


@dataclass(frozen=True)
class Lease:
    """One use of the servers; its slot is a number that no other living process has."""

    slot: int
    descriptor: int

    def give_back(self) -> None:
        """Ends the use; others may have the slot."""
        os.close(self.descriptor)


def write_private(path: Path, text: str) -> None:
    """Writes a file that only its owner reads, whole or not at all."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    draft.replace(path)


def _take(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
