"""`make release`, in a clone of this checkout."""

import hashlib
import json
import subprocess
import sys
import tarfile
import tomllib
from pathlib import Path

import pytest

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

    def release(self, version: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "releases", version],
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    @staticmethod
    def _output(folder: Path, *command: str) -> str:
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path / "clone")


def test_a_release_has_a_tag_an_archive_an_sbom_and_checksums(clone: Clone) -> None:
    released = clone.release("0.1.0")
    assert (released.returncode, released.stderr) == (0, "")
    assert clone.git("describe") == "v0.1.0"
    assert clone.git("status", "--porcelain") == ""
    project = tomllib.loads((clone.folder / "pyproject.toml").read_text())["project"]
    assert project["version"] == "0.1.0"
    changes = (clone.folder / "CHANGELOG.md").read_text()
    assert changes.startswith("# Changelog\n\n## Unreleased\n\n## 0.1.0, 2")
    assert changes.endswith("\n\n* Something new.\n")

    dist = clone.folder / "dist"
    assert (dist / "guildsite-0.1.0.sha256").read_text() == "".join(
        f"{hashlib.sha256((dist / name).read_bytes()).hexdigest()}  {name}\n"
        for name in ("guildsite-0.1.0.tar.gz", "guildsite-0.1.0.cdx.json")
    )
    with tarfile.open(dist / "guildsite-0.1.0.tar.gz") as archive:
        names = set(archive.getnames())
    assert {"guildsite-0.1.0/manage.py", "guildsite-0.1.0/requirements.txt"} <= names
    assert names == {f"guildsite-0.1.0/{file}" for file in clone.git("ls-files").splitlines()} | _folders(names)
    bom = json.loads((dist / "guildsite-0.1.0.cdx.json").read_text())
    assert (bom["metadata"]["component"]["version"], bom["bomFormat"]) == ("0.1.0", "CycloneDX")


def _folders(names: set[str]) -> set[str]:
    return {str(folder) for name in names for folder in Path(name).parents} - {"."}


def test_what_keeps_a_release_from_being_made(clone: Clone) -> None:
    assert "is not a version" in clone.release("1.0").stderr
    before = clone.git("rev-parse", "HEAD")

    (clone.folder / "manage.py").write_text("# changed\n")
    assert "not committed" in clone.release("0.2.0").stderr
    clone.git("checkout", "--quiet", "manage.py")

    clone.git("tag", "v0.2.0")
    assert "0.2.0 was released already" in clone.release("0.2.0").stderr
    assert "0.2.0 was released already, which is newer than 0.1.9" in clone.release("0.1.9").stderr

    clone.commit("CHANGELOG.md", "# Changelog\n\n## Unreleased\n\n## 0.2.0, 2026-11-21\n\n* Something old.\n")
    assert "no entries" in clone.release("0.3.0").stderr
    assert clone.git("log", "-1", "--format=%P") == before
    assert clone.git("tag") == "v0.2.0"
    assert not (clone.folder / "dist").exists()


def test_a_migration_that_the_last_release_does_not_survive_keeps_a_release_from_being_made(clone: Clone) -> None:
    clone.commit(
        "guilds/migrations/0999_planted.py",
        "from django.db import migrations\n\n\n"
        "class Migration(migrations.Migration):\n"
        f"    dependencies = [('guilds', '{_last_migration(clone)}')]\n"
        "    operations = [migrations.RemoveField('guild', 'description')]\n",
    )
    released = clone.release("0.1.0")
    assert released.returncode == 1
    assert "guilds.0999_planted: guilds_guild: drops a column" in released.stderr
    assert clone.git("tag") == ""
    assert clone.git("status", "--porcelain") == ""


def _last_migration(clone: Clone) -> str:
    return max(file.stem for file in (clone.folder / "guilds" / "migrations").glob("0*.py"))
