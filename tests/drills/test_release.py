"""`make release`, in a clone of this checkout."""

import hashlib
import json
import tarfile
import tomllib
from pathlib import Path

import pytest

from tests.releases.clone import Clone


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path / "clone")


def test_a_release_has_a_tag_an_archive_an_sbom_and_checksums(clone: Clone) -> None:
    released = clone.run("releases", "0.1.0")
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
    assert "is not a version" in clone.run("releases", "1.0").stderr
    before = clone.git("rev-parse", "HEAD")

    (clone.folder / "manage.py").write_text("# changed\n")
    assert "not committed" in clone.run("releases", "0.2.0").stderr
    clone.git("checkout", "--quiet", "manage.py")

    clone.git("tag", "v0.2.0")
    assert "0.2.0 was released already" in clone.run("releases", "0.2.0").stderr
    assert "0.2.0 was released already, which is newer than 0.1.9" in clone.run("releases", "0.1.9").stderr

    clone.commit("CHANGELOG.md", "# Changelog\n\n## Unreleased\n\n## 0.2.0, 2026-11-21\n\n* Something old.\n")
    assert "no entries" in clone.run("releases", "0.3.0").stderr
    assert clone.git("log", "-1", "--format=%P") == before
    assert clone.git("tag") == "v0.2.0"
    assert not (clone.folder / "dist").exists()


def test_a_migration_that_the_last_release_does_not_survive_keeps_a_release_from_being_made(clone: Clone) -> None:
    clone.migration("guilds", "migrations.RemoveField('guild', 'description')")
    released = clone.run("releases", "0.1.0")
    assert released.returncode == 1
    assert "guilds.0999_planted: guilds_guild: drops a column" in released.stderr
    assert clone.git("tag") == ""
    assert clone.git("status", "--porcelain") == ""


def test_before_the_first_release_the_check_with_its_code_says_that_it_did_not_run(clone: Clone) -> None:
    checked = clone.run("releases.compatibility")
    assert (checked.returncode, checked.stderr) == (0, "")
    assert checked.stdout == "NOT CHECKED: there is no release yet, so no earlier code to run on this schema.\n"
