"""`make audit` with a copy of osv.dev's advisories, as on a machine without internet."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from releases.advisories import Advisories
from releases.requirements import CHECKOUT, SITE, locked
from tests.stack import PATIENCE

DJANGO = next(package.version for package in locked(SITE) if package.name == "django")


def advisory(**affected: Any) -> dict[str, Any]:
    package = {"name": "Django", "ecosystem": "PyPI"}
    return {"id": "OSV-1", "modified": "2026-11-01T00:00:00Z", "affected": [{"package": package, **affected}]}


def ranges(*events: dict[str, str]) -> list[dict[str, Any]]:
    return [{"type": "ECOSYSTEM", "events": list(events)}]


def audit(file: Path, *documents: dict[str, Any]) -> "subprocess.CompletedProcess[str]":
    with zipfile.ZipFile(file, "w") as archive:
        for number, document in enumerate(documents):
            archive.writestr(f"OSV-{number}.json", json.dumps(document))
    return subprocess.run(
        [sys.executable, "-m", "releases.audit"],
        cwd=CHECKOUT,
        env=os.environ | {"ADVISORIES": str(file)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def test_a_known_vulnerability_is_named_and_fails(tmp_path: Path) -> None:
    found = audit(tmp_path / "all.zip", advisory(versions=[DJANGO]))
    assert found.returncode == 1
    assert "OSV-1" in found.stdout
    assert "Found 1 known vulnerability in 1 package" in found.stderr


def test_an_advisory_for_other_versions_fails_nothing(tmp_path: Path) -> None:
    found = audit(tmp_path / "all.zip", advisory(versions=["1.0"]), advisory(ranges=ranges({"introduced": "99"})))
    assert (found.returncode, found.stdout) == (0, "2 advisories, the newest of 01 Nov 2026.\n")


def test_advisories_that_can_not_be_read_are_not_taken_for_none(tmp_path: Path) -> None:
    for documents in [(), ({"id": "OSV-1"},)]:
        found = audit(tmp_path / "all.zip", *documents)
        assert (found.returncode, found.stdout) == (2, "")
        assert found.stderr.startswith("Not checked: ")


@pytest.mark.parametrize(
    ("events", "affected"),
    [
        (({"introduced": "0"},), "1.9 2.0 2.1 3.0"),
        (({"introduced": "2.0"}, {"fixed": "2.1"}), "2.0"),
        (({"introduced": "2.0"}, {"last_affected": "2.1"}), "2.0 2.1"),
        (({"introduced": "0"}, {"fixed": "2.0"}, {"introduced": "2.1"}, {"fixed": "3.0"}), "1.9 2.1"),
    ],
)
def test_ranges_of_versions(events: tuple[dict[str, str], ...], affected: str) -> None:
    advisories = Advisories([advisory(ranges=ranges(*events))])
    assert [version for version in ("1.9", "2.0", "2.1", "3.0") if advisories.of("django", version)] == affected.split()
