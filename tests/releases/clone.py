"""A repository of its own, with the files of this checkout as they are now."""

import subprocess
import sys
from pathlib import Path

from tests.stack import PATIENCE

CHECKOUT = Path(__file__).resolve().parents[2]
ENTRIES = "# Changelog\n\n## Unreleased\n\n* Something new.\n"


class Clone:
    """A repository with what is in this checkout now."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        files = self._output(CHECKOUT, "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
        existing = "\0".join(file for file in files.split("\0") if file and (CHECKOUT / file).exists())
        subprocess.run(
            ["xargs", "-0", "cp", "--parents", "-t", str(folder)], cwd=CHECKOUT, input=existing, text=True, check=True
        )
        self.git("init", "--quiet", "--initial-branch", "main")
        self.git("config", "user.name", "Mara")
        self.git("config", "user.email", "mara@guild.example")
        self.commit("CHANGELOG.md", ENTRIES)

    def git(self, *arguments: str) -> str:
        return self._output(self.folder, "git", *arguments).strip()

    def commit(self, file: str, text: str) -> None:
        (self.folder / file).write_text(text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", f"Write {file}")

    def migration(self, app: str, *operations: str) -> None:
        """Commit a migration after the app's last one."""
        last = max(file.stem for file in (self.folder / app / "migrations").glob("0*.py") if "planted" not in file.stem)
        self.commit(
            f"{app}/migrations/0999_planted.py",
            "from django.db import migrations, models\n\n\nclass Migration(migrations.Migration):\n"
            f"    dependencies = [({app!r}, {last!r})]\n    operations = [{', '.join(operations)}]\n",
        )

    def run(self, module: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=self.folder,
            capture_output=True,
            text=True,
            # It installs nothing, but migrates, fills and tests: a minute on a quiet machine.
            timeout=5 * PATIENCE,
            check=False,
        )

    @staticmethod
    def _output(folder: Path, *command: str) -> str:
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout
