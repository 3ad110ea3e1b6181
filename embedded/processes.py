"""Processes that outlive the command that started them, identified by their pid file."""

import os
import signal
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil

from embedded import interrupts, logs
from embedded.errors import StartError


def running_pid(pid_file: Path, mark: str) -> int | None:
    """Return the pid in the file, if that process is running and has the mark in its command line.

    The mark distinguishes a server from another process that got its pid after a reboot.
    """
    process = _process(pid_file)
    try:
        return process.pid if process and mark in " ".join(process.cmdline()) else None
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return None


def is_stale(pid_file: Path, name: str) -> bool:
    """Return whether the pid in the file belongs to no process, or to one with another name."""
    process = _process(pid_file)
    try:
        return process is not None and (process.status() == psutil.STATUS_ZOMBIE or process.name() != name)
    except psutil.NoSuchProcess:
        return False


def start_detached(command: Sequence[str], *, folder: Path, log: Path) -> subprocess.Popen[bytes]:
    """Start a process in its own session, where the terminal's Ctrl-C does not reach it."""
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            cwd=folder,
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )


def wait_until_ready(
    name: str,
    answers: Callable[[], bool],
    process: subprocess.Popen[bytes] | None,
    *,
    log: Path,
    seconds: float = 60,
) -> None:
    """Poll until a server answers; raise an error that names its log if it ended."""

    def settled() -> bool:
        return answers() or (process is not None and process.poll() is not None)

    if not interrupts.wait_until(settled, seconds=seconds):
        raise StartError(f"{name} does not answer after {seconds:.0f} seconds. See {log}")
    if process is not None and process.poll() is not None:
        raise StartError(f"{name} did not start{logs.last_line(log)}. See {log}")


def end(running: Callable[[], int | None], *signals: tuple[signal.Signals, float]) -> bool:
    """Send signals one after another, with a timeout each; return whether the process is gone."""
    for number, seconds in signals:
        if (pid := running()) is None:
            return True
        _signal(pid, number)
        interrupts.wait_until(lambda: running() is None, seconds=seconds, interval=0.02)
    return running() is None


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
    except PermissionError as error:
        raise StartError(f"Process {pid} belongs to another user and cannot be ended by this one.") from error


def _process(pid_file: Path) -> psutil.Process | None:
    try:
        return psutil.Process(int(pid_file.read_text().split("\n", 1)[0]))
    except (FileNotFoundError, ValueError, psutil.NoSuchProcess):
        return None
