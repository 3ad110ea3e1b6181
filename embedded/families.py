"""Ending processes with all their descendants."""

import os
import signal
import subprocess
import time
from collections.abc import Iterable
from contextlib import suppress

import psutil

from embedded import interrupts

# Seconds for a worker: it waits at most 30 for a slot of the rate limiter and 25 for the response, writes it, and hands
# back the rest of its batch. What is killed after that is due again, too, a few seconds later.
GRACE_SECONDS = 75.0
KILL_SECONDS = 5.0


class Family:
    """A process that leads a session, and all its descendants, which are told to end, and later killed."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self.process = process
        self.deadline = time.monotonic() + GRACE_SECONDS
        self._members = _members(process.pid)
        # The leader can be gone already; its descendants are in its session nevertheless.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGTERM)

    def is_gone(self) -> bool:
        """Return whether all have ended. Kills them when their time is over."""
        self.process.poll()
        left = [member for member in self._members if _is_alive(member)]
        if left and time.monotonic() > self.deadline:
            for member in left:
                with suppress(psutil.NoSuchProcess):
                    member.kill()
        return not left


def end(processes: "Iterable[subprocess.Popen[bytes]]") -> None:
    """End the processes in parallel and wait for them. Ctrl-C kills them at once."""
    families = [Family(process) for process in processes]

    def are_gone() -> bool:
        if interrupts.is_impatient():
            for family in families:
                family.deadline = 0
        return all([family.is_gone() for family in families])

    interrupts.wait_until(are_gone, seconds=GRACE_SECONDS + KILL_SECONDS)


def _members(leader: int) -> set[psutil.Process]:
    """Return the process with all descendants.

    The session finds children whose parent died; the parents find children with their own session.
    """
    family = {process for process in psutil.process_iter() if _session(process.pid) == leader}
    for member in list(family):
        with suppress(psutil.NoSuchProcess):
            family.update(member.children(recursive=True))
    return family


def _is_alive(process: psutil.Process) -> bool:
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
