"""Running the processes of the site in parallel: each is restarted when it ends, until all are stopped."""

import socket
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType

from embedded import families, interrupts, logs, services
from embedded.errors import StartError, StepFailed
from embedded.postgresql import PostgreSQL
from embedded.redis_server import RedisServer
from embedded.services import Server, SiteProcess


class Supervisor:
    """Keeps services running and runs steps; leaving its `with` block stops everything that it started."""

    def __init__(self, environment: Callable[[], Mapping[str, str]], log_folder: Path) -> None:
        """`environment` is called for each process, since the settings can change between two starts."""
        self.environment = environment
        self.log_folder = log_folder
        self._sandbox: list[SiteProcess] = []
        self._processes: list[SiteProcess] = []
        self._servers: list[Server] = []
        self._steps: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> "Supervisor":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        interrupts.ignore()
        processes = [one.process for one in self._processes if one.process is not None]
        families.end([*processes, *(step for step in self._steps if step.poll() is None)])
        # Workers that end still wait for its answers.
        families.end(one.process for one in self._sandbox if one.process is not None)

    def start(self, name: str, command: Callable[[], str], *, listener: socket.socket | None = None) -> None:
        """Start a process of the site and keep it running; `command` is called for each start."""
        self._start(self._processes, name, command, listener)

    def start_sandbox(self, command: str) -> None:
        """Start the sandbox and keep it running until everything else has ended."""
        self._start(self._sandbox, "sandbox", lambda: command, None)

    def watch(self, server: PostgreSQL | RedisServer) -> None:
        """Keep a server running that was started already. It outlives this supervisor."""
        self._servers.append(Server(server))

    def run(self, name: str, command: str, *, seconds: float = 600, shows_progress: bool = False) -> str:
        """Run a step and return its output. Raises StepFailed.

        With `shows_progress` its stderr, and so its progress bar, is on the terminal.
        """
        log = self.log(name)
        logs.start_new(log)
        step = services.launch(command, self.environment(), log=log, shows_progress=shows_progress)
        self._steps.append(step)
        if not self.wait_until(lambda: step.poll() is not None, seconds=seconds):
            raise StartError(f"{name} takes longer than {seconds:.0f} seconds. See {log}")
        output = log.read_text(errors="replace")
        if step.returncode != 0:
            message = f"{name} failed with status {step.returncode}{logs.last_line(log)}. See {log}"
            raise StepFailed(message, step.returncode, output)
        return output

    def wait_for(self, name: str, answers: Callable[[], bool], *, seconds: float) -> None:
        """Wait until a process answers."""
        if not self.wait_until(answers, seconds=seconds):
            log = self.log(name)
            raise StartError(f"{name} does not answer after {seconds:.0f} seconds{logs.last_line(log)}. See {log}")

    def wait_until(self, condition: Callable[[], bool], *, seconds: float) -> bool:
        """Keep everything running until the condition is true; return whether it became true in time."""

        def tend() -> bool:
            self._tend()
            return condition()

        return interrupts.wait_until(tend, seconds=seconds, interval=0.1)

    def replace_all(self) -> None:
        """Replace the processes of the site by new ones, with today's code and settings; servers stay."""
        for process in self._processes:
            process.replace()

    def are_replaced(self) -> bool:
        """Return whether all new processes run and all former ones have ended."""
        return all(process.is_replaced() for process in self._processes)

    def pids(self) -> dict[str, int]:
        """Return the pids of the processes of the site by name."""
        return {one.name: one.process.pid for one in self._processes if one.process is not None}

    def log(self, name: str) -> Path:
        """Return the log file of a process or step."""
        return self.log_folder / f"{name}.log"

    def _start(
        self, group: list[SiteProcess], name: str, command: Callable[[], str], listener: socket.socket | None
    ) -> None:
        process = SiteProcess(name, self.log(name), command, self.environment, listener)
        group.append(process)
        process.launch_again()

    def _tend(self) -> None:
        for service in (*self._servers, *self._sandbox, *self._processes):
            service.tend()
        logs.rotate(self.log_folder)
