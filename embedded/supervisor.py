"""Running the processes of the site in parallel, each in its own session: all of them or none."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO

import psutil

from embedded import interrupts
from embedded.errors import StartError
from embedded.instance import CHECKOUT
from embedded.processes import last_line

# Seconds. A worker can be in the middle of a task; what it does not finish in this time is due again.
GRACE_SECONDS = 5
PR_SET_PDEATHSIG = 1


class Supervisor:
    """Starts services and runs steps; leaving its `with` block stops everything."""

    def __init__(self, environment: Mapping[str, str], log_folder: Path) -> None:
        self.environment = environment
        self.log_folder = log_folder
        self.services: dict[str, subprocess.Popen[bytes]] = {}
        self.steps: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> "Supervisor":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end_all()

    def start(self, name: str, command: str) -> None:
        """Start a service from a shell command, as in a Procfile. Its output is in the log of its name."""
        with self._new_log(name) as log:
            self.services[name] = self._launch(command, stdout=log, stderr=log)

    def run(self, name: str, command: str, *, seconds: float = 600) -> str:
        """Run a step and return its output; a failure is one line that names the log."""
        with self._new_log(name) as log:
            self.steps[name] = self._launch(command, stdout=log, stderr=log)
        return self._finish(name, seconds)

    def run_watched(self, name: str, command: str, *, seconds: float = 600) -> str:
        """Run a step like `run`, with its stderr (and its progress bar) on the terminal."""
        with self._new_log(name) as log:
            self.steps[name] = self._launch(command, stdout=log, stderr=None)
        return self._finish(name, seconds)

    def wait_until(self, name: str, answers: Callable[[], bool], *, seconds: float = 60) -> None:
        """Wait for a service to answer."""
        if not interrupts.wait_until(lambda: self._all_alive() and answers(), seconds=seconds, interval=0.1):
            log = self.log(name)
            raise StartError(f"{name} does not answer after {seconds:.0f} seconds{last_line(log)}. See {log}")

    def serve(self) -> None:
        """Never return: a signal or the end of a service ends it."""
        interrupts.wait_until(lambda: not self._all_alive(), seconds=float("inf"), interval=0.2)

    def log(self, name: str) -> Path:
        """Return the log file of a service or step."""
        return self.log_folder / f"{name}.log"

    def _new_log(self, name: str) -> IO[bytes]:
        self.log(name).unlink(missing_ok=True)
        return self.log(name).open("ab")

    def _launch(self, command: str, *, stdout: IO[bytes], stderr: IO[bytes] | None) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603  (the lines of our own Procfile)
            ["/bin/sh", "-c", f"exec {command}"],
            cwd=CHECKOUT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            start_new_session=True,
            preexec_fn=_end_with_parent if sys.platform == "linux" else None,
        )

    def _finish(self, name: str, seconds: float) -> str:
        process, log = self.steps[name], self.log(name)
        if not interrupts.wait_until(lambda: self._all_alive() and process.poll() is not None, seconds=seconds):
            raise StartError(f"{name} takes longer than {seconds:.0f} seconds. See {log}")
        if process.returncode != 0:
            raise StartError(f"{name} failed with status {process.returncode}{last_line(log)}. See {log}")
        return log.read_text(errors="replace")

    def _all_alive(self) -> bool:
        """Return True, or raise an error that names the service that ended."""
        for name, process in self.services.items():
            if (status := process.poll()) is not None:
                log = self.log(name)
                raise StartError(f"{name} ended with status {status}{last_line(log)}. See {log}")
        return True

    def _end_all(self) -> None:
        interrupts.ignore()
        started = [*self.services.values(), *self.steps.values()]
        family = _family({process.pid for process in started})
        for process in started:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
        interrupts.wait_until(lambda: not any(map(_alive, family)), seconds=GRACE_SECONDS)
        for member in filter(_alive, family):
            with suppress(psutil.NoSuchProcess):
                member.kill()
        interrupts.wait_until(lambda: not any(map(_alive, family)), seconds=GRACE_SECONDS)
        for process in started:
            process.poll()


def _family(started: set[int]) -> set[psutil.Process]:
    """Return the started processes with all descendants.

    The session finds children whose parent died; the parents find children with their own session.
    """
    family = {process for process in psutil.process_iter() if _session(process.pid) in started}
    for member in list(family):
        with suppress(psutil.NoSuchProcess):
            family.update(member.children(recursive=True))
    return family


def _alive(process: psutil.Process) -> bool:
    """Return False also for zombies: some containers have no init process that reaps them."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _session(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except ProcessLookupError:
        return None


def _end_with_parent() -> None:
    # If this supervisor is killed, the kernel ends what it started.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
