"""A checkout in its own folder, with real servers and a stand-in for the site."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.battlenet import CHECKOUT
from tests.stack import PATIENCE

HERE = Path(__file__).resolve().parent
EMBEDDED = CHECKOUT / "embedded"


@contextmanager
def serving(checkout: "Checkout", command: str = "demo", **variables: str) -> Iterator["subprocess.Popen[str]"]:
    """Run the demo or the site up to the point where it serves; a test that fails leaves nothing running."""
    with checkout.start(command, **variables) as process:
        try:
            assert process.stdout
            assert any("Ctrl-C" in line for line in process.stdout), process.stderr and process.stderr.read()
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                process.wait(PATIENCE)


def command_line(process: psutil.Process) -> str:
    """Return the command line of a process; an empty text when it has just ended."""
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


@dataclass
class Checkout:
    """Runs `python -m embedded` in a folder."""

    folder: Path
    prefix: Sequence[str] = ()
    variables: dict[str, str] = field(default_factory=dict)

    def create(self) -> "Checkout":
        shutil.copytree(HERE / "dummy", self.folder)
        shutil.copytree(EMBEDDED, self.folder / "embedded", ignore=shutil.ignore_patterns("__pycache__"))
        return self

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*self.prefix, sys.executable, "-m", "embedded", *arguments],
            cwd=self.folder,
            env=self._environment(variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        process = self.start(*arguments, **variables)
        output, errors = process.communicate(timeout=PATIENCE)
        return subprocess.CompletedProcess(arguments, process.returncode, output, errors)

    def up(self) -> dict[str, str]:
        """Return the URLs that `up --print-env` prints."""
        result = self.run("up", "--print-env")
        assert result.returncode == 0, result.stderr
        lines = [line.removeprefix("export ") for line in result.stdout.splitlines()]
        return dict(line.split("=", 1) for line in lines)

    def pid(self, server: str, profile: str = "") -> int:
        pid = self.find_pid(server, profile)
        assert pid is not None, f"{server} does not run"
        return pid

    def find_pid(self, server: str, profile: str = "") -> int | None:
        """Return the pid of a server; None while it has none."""
        name = {"postgres": "postgres/postmaster.pid", "redis": "redis/redis.pid"}[server]
        file = self.folder / ".local" / profile / name
        text = file.read_text() if file.exists() else ""
        return int(text.split("\n", 1)[0]) if text else None

    def log(self, name: str) -> Path:
        """Return a log of the real site."""
        return self.folder / ".local" / "run" / "log" / f"{name}.log"

    def command_lines(self) -> list[str]:
        """Return the command lines of all processes of this checkout."""
        return [" ".join(command) for process in psutil.process_iter() if (command := self._ours(process))]

    def _ours(self, process: psutil.Process) -> list[str]:
        try:
            command: list[str] = process.cmdline()
            ours = str(self.folder) in " ".join(command) or process.cwd().startswith(str(self.folder))
        except psutil.Error:
            return []
        return command if ours else []

    def _environment(self, variables: dict[str, str]) -> dict[str, str]:
        """Return this process's environment without the variables that `make test` sets."""
        inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return inherited | self.variables | variables
