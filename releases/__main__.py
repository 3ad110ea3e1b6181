"""`make release VERSION=`: changelog, version, commit, archive, SBOM, checksums, and the tag last. Pushes nothing."""

import gzip
import hashlib
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from releases import changelog
from releases.errors import ReleaseError
from releases.requirements import CHECKOUT
from releases.sbom import sbom

PROJECT = CHECKOUT / "pyproject.toml"
DIST = CHECKOUT / "dist"


def main() -> int:
    """Make a release; what keeps it from being made is one line."""
    version = sys.argv[1] if len(sys.argv) == 2 else ""
    try:
        release(version)
    except ReleaseError as error:
        print(f"No release: {error}", file=sys.stderr)
        return 1
    print(f"Released {version}: see dist/. Publish it with: git push origin HEAD v{version}")
    return 0


def release(version: str) -> None:
    """Check everything first, then write. Raises ReleaseError."""
    _check_version(version)
    if changed := _git("status", "--porcelain"):
        raise ReleaseError(f"commit or remove what is not committed first:\n{changed}")
    notes = changelog.release(changelog.FILE.read_text(), version, datetime.now(UTC).date())
    if subprocess.run([sys.executable, "-m", "releases.migrations"], cwd=CHECKOUT, check=False).returncode:
        raise ReleaseError("see the migrations above.")
    changelog.FILE.write_text(notes)
    PROJECT.write_text(re.sub(r'^version = ".*"$', f'version = "{version}"', PROJECT.read_text(), count=1, flags=re.M))
    _git("commit", "--quiet", "--all", "--message", f"Release {version}")
    _write_files(version)
    # Last: a tag stands for a release whose files exist.
    _git("tag", "--annotate", f"v{version}", "--message", f"Guildsite {version}")


def _check_version(version: str) -> None:
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        raise ReleaseError(f'"{version}" is not a version: make release VERSION=1.2.3')
    tags = [tag.removeprefix("v") for tag in _git("tag", "--list", "v*").split()]
    earlier = [*changelog.released(), *tags]
    if version in earlier:
        raise ReleaseError(f"{version} was released already.")
    if newer := [one for one in earlier if _parts(one) > _parts(version)]:
        raise ReleaseError(f"{max(newer, key=_parts)} was released already, which is newer than {version}.")


def _parts(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


def _write_files(version: str) -> None:
    """Write archive, SBOM and their SHA-256; the same commit gives the same bytes."""
    DIST.mkdir(exist_ok=True)
    name = f"guildsite-{version}"
    archive, bom = DIST / f"{name}.tar.gz", DIST / f"{name}.cdx.json"
    tar = subprocess.run(
        ["git", "archive", "--format=tar", f"--prefix={name}/", "HEAD"],
        cwd=CHECKOUT,
        check=True,
        capture_output=True,
    )
    archive.write_bytes(gzip.compress(tar.stdout, mtime=0))
    committed_at = datetime.fromtimestamp(int(_git("show", "--no-patch", "--format=%ct", "HEAD")), UTC)
    bom.write_text(sbom(version, committed_at))
    (DIST / f"{name}.sha256").write_text("".join(f"{_sha256(file)}  {file.name}\n" for file in (archive, bom)))


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _git(*arguments: str) -> str:
    result = subprocess.run(["git", *arguments], cwd=CHECKOUT, capture_output=True, text=True, check=False)
    if result.returncode:
        raise ReleaseError(f"git {arguments[0]}: {result.stderr.strip()}")
    return result.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
