"""The services that the supervisor keeps running: the processes of the site, and its servers."""

import ctypes
import signal
import socket
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path

import psutil

from embedded import logs
from embedded.errors import ConfigurationError, StartError
from embedded.families import Family
from embedded.instance import CHECKOUT
from embedded.postgresql import PostgreSQL
from embedded.redis_server import RedisServer
from embedded.restarts import restart_after

PR_SET_PDEATHSIG = 1


class Service(ABC):
    """Something that is restarted, after growing pauses, when it ends."""

    def __init__(self, name: str, log: Path) -> None:
        self.name = name
        self.log = log
        self._ends = 0
        self._launched_at = time.monotonic()
        # When to launch it again; None while it runs.
        self._due_at: float | None = None

    @abstractmethod
    def launch(self) -> None:
        """Start it, without waiting until it answers."""

    @abstractmethod
    def end(self) -> tuple[int | None, str] | None:
        """Return its exit status, None if unknown, and how it ended in words; None while it runs."""

    def is_blocked(self) -> bool:
        """Return whether something has to end before it can be launched again."""
        return False

    def tend(self) -> None:
        """Restart it if it has ended and its pause is over. Raises ConfigurationError if that is useless."""
        if self._due_at is None and (end := self.end()) is not None:
            self._plan_restart(*end)
        if self._due_at is not None and time.monotonic() >= self._due_at and not self.is_blocked():
            self.launch_again()

    def launch_again(self) -> None:
        """Launch it now; if that fails, after a pause. Raises ConfigurationError if another try is useless."""
        self._launched_at, self._due_at = time.monotonic(), None
        try:
            self.launch()
        except ConfigurationError:
            raise
        except (StartError, OSError, psutil.Error) as error:
            self._plan_restart(None, f"did not start: {error}")

    def _plan_restart(self, status: int | None, how: str) -> None:
        # Whoever was killed had no time for words.
        words = "" if status is not None and status < 0 else logs.last_line(self.log)
        restart = restart_after(status, ran_for=time.monotonic() - self._launched_at, ends_before=self._ends)
        if restart is None:
            raise ConfigurationError(f"{self.name} {how}{words}. See {self.log}")
        self._ends = restart.ends
        self._due_at = time.monotonic() + restart.pause
        text = f"{self.name} {how}; it is restarted in {restart.pause:g} s"
        print(f"  {time.strftime('%H:%M:%S')} {text}{words}. See {self.log}", file=sys.stderr, flush=True)
        logs.mark(self.log, text)


class SiteProcess(Service):
    """A process of the site, from a shell command as in a Procfile. Its output is appended to its log.

    One that has a listener gets it as the address `BIND`, and its successor starts while it still ends.
    """

    def __init__(
        self,
        name: str,
        log: Path,
        command: Callable[[], str],
        environment: Callable[[], Mapping[str, str]],
        listener: socket.socket | None = None,
    ) -> None:
        super().__init__(name, log)
        self._command = command
        self._environment = environment
        self._listener = listener
        self._leaving: list[Family] = []
        self.process: subprocess.Popen[bytes] | None = None

    def launch(self) -> None:
        logs.mark(self.log, f"{self.name} starts")
        environment = dict(self._environment())
        if self._listener is not None:
            environment["BIND"] = f"fd://{self._listener.fileno()}"
        self.process = launch(self._command(), environment, log=self.log, listener=self._listener)

    def end(self) -> tuple[int | None, str] | None:
        if self.process is None or (status := self.process.poll()) is None:
            return None
        # Its descendants outlive it, for example when only the parent was killed.
        self.leave()
        return status, f"ended with status {status}" if status >= 0 else f"was ended by {signal.Signals(-status).name}"

    def is_blocked(self) -> bool:
        return self._listener is None and self.is_leaving()

    def is_leaving(self) -> bool:
        """Return whether a former process of it, or one of that one's descendants, is still running."""
        self._leaving = [family for family in self._leaving if not family.is_gone()]
        return bool(self._leaving)

    def leave(self) -> None:
        """Tell the process to end."""
        if self.process is not None:
            self._leaving.append(Family(self.process))
            self.process = None

    def replace(self) -> None:
        """End the process and start a new one; nobody who connects meanwhile is refused."""
        self.leave()
        self._ends, self._due_at = 0, time.monotonic()
        self.tend()

    def is_replaced(self) -> bool:
        return self.process is not None and not self.is_leaving()


class Server(Service):
    """PostgreSQL or Redis, which other commands may have started and may share."""

    def __init__(self, server: PostgreSQL | RedisServer) -> None:
        super().__init__(server.name, server.log)
        self._server = server
        self._launched: subprocess.Popen[bytes] | None = None

    def launch(self) -> None:
        self._launched = self._server.launch()

    def end(self) -> tuple[int | None, str] | None:
        # A new server needs a moment before it writes its pid file.
        is_starting = self._launched is not None and self._launched.poll() is None
        return None if is_starting or self._server.running() is not None else (None, "ended")


def launch(
    command: str,
    environment: Mapping[str, str],
    *,
    log: Path,
    shows_progress: bool = False,
    listener: socket.socket | None = None,
) -> "subprocess.Popen[bytes]":
    """Start a shell command in a session of its own."""
    with log.open("ab") as output:
        return subprocess.Popen(
            ["/bin/sh", "-c", f"exec {command}"],
            cwd=CHECKOUT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=None if shows_progress else output,
            start_new_session=True,
            pass_fds=[] if listener is None else [listener.fileno()],
            preexec_fn=_end_with_parent if sys.platform == "linux" else None,
        )


def _end_with_parent() -> None:
    # If this supervisor is killed, the kernel ends what it started.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
