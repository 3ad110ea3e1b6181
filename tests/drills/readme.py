"""The commands of the README, as they stand there, run in order in a fresh clone."""

import os
import re
import shlex
import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from tests.battlenet import CHECKOUT
from tests.stack import wait_until

# What `make drill` sets for its own processes, and what would change what a command of the README means.
OURS = re.compile(
    "(DATABASE_URL|REDIS_URL|DEBUG|SITE_URL|ALLOWED_HOSTS|SECRET_KEY|CRYPTOGRAPHY_KEY|PORT|SANDBOX_PORT)$"
    "|BLIZZARD_|DJANGO_|PYTEST|MAKE|MFLAGS|PYTHON"
)


def blocks(readme: str) -> list[list[str]]:
    """Return the commands of each fenced block."""
    found = re.findall(r"^( *)```\n(.*?)^\1```$", readme, re.MULTILINE | re.DOTALL)
    return [[line.strip() for line in block.splitlines()] for _, block in found]


@dataclass
class Operator:
    """Somebody who follows the README: fills in the placeholders, and types its commands one after the other."""

    folder: Path
    variables: dict[str, str]
    placeholders: dict[str, str]
    typed: list[str] = field(default_factory=list)
    serving: "list[subprocess.Popen[bytes]]" = field(default_factory=list)

    def type(self, command: str) -> str:
        """Run a command in the foreground and return its output; it has to succeed."""
        done = self._start(command)
        output, _ = done.communicate(timeout=600)
        assert done.returncode == 0, f"{command}: {output.decode()}"
        return output.decode()

    def serve(self, command: str) -> "subprocess.Popen[bytes]":
        """Run a command up to the point where it serves."""
        log = self.folder.parent / f"serving-{len(self.serving)}.log"
        with log.open("wb") as output:
            process = self._start(command, output.fileno())
        self.serving.append(process)
        wait_until(lambda: process.poll() is not None or "Ctrl-C" in log.read_text(), progress=log.read_text)
        assert process.poll() is None, log.read_text()
        return process

    def press_ctrl_c(self, process: "subprocess.Popen[bytes]") -> None:
        """End what runs in the foreground, and wait until nothing of it is left."""
        self.serving.remove(process)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
            process.wait(100)

    def borrow_packages(self) -> None:
        """Use the packages of this checkout, which are the same, because a fresh installation takes a minute."""
        (self.folder / ".venv").symlink_to(CHECKOUT / ".venv")
        for locks in self.folder.glob("requirements*.txt"):
            os.utime(locks, (0, 0))

    def clean_up(self) -> None:
        """End what is still running."""
        for process in list(self.serving):
            self.press_ctrl_c(process)
        if self.folder.exists():
            subprocess.run(["make", "-s", "down"], cwd=self.folder, env=self._environment(), check=False)

    def _start(self, command: str, output: int = subprocess.PIPE) -> "subprocess.Popen[bytes]":
        self.typed.append(command)
        for placeholder, value in self.placeholders.items():
            command = command.replace(placeholder, value)
        return subprocess.Popen(
            ["/bin/sh", "-ec", command],
            cwd=self.folder if self.folder.exists() else self.folder.parent,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def _environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not OURS.match(name)}
        return inherited | self.variables


def clone_of_this() -> str:
    """Return the address of this checkout for `git clone`."""
    return shlex.quote(str(CHECKOUT))
