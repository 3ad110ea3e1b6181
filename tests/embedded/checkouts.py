"""A checkout in its own folder, with real servers and a stand-in for the site."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.stack import PATIENCE

HERE = Path(__file__).resolve().parent
EMBEDDED = HERE.parent.parent / "embedded"


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

    def pid(self, server: str) -> int:
        file = {"postgres": "postgres/postmaster.pid", "redis": "redis/redis.pid"}[server]
        return int((self.folder / ".local" / file).read_text().split("\n", 1)[0])

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
