"""The file of a backup: a zip with PostgreSQL's dump and a manifest that says what is in it."""

import hashlib
import json
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from operations.backup.errors import BackupError

FORMAT = 1
DUMP, MANIFEST = "database.dump", "manifest.json"
CHUNK = 1 << 20  # bytes


@dataclass(frozen=True, slots=True)
class Manifest:
    """The manifest of a backup: its contents, and what is needed to restore it."""

    format: int
    created_at: str
    version: str
    # Major versions of the server, and of the pg_dump that read it.
    postgresql: int
    pg_dump: int
    migrations: list[str]
    # By table, schema first. Counted in the transaction that was dumped.
    rows: dict[str, int]
    sha256: str


@contextmanager
def draft_of(path: Path) -> Iterator[IO[bytes]]:
    """Open a new file beside `path`, readable by its owner only, which gets its name when it is complete."""
    draft = path.with_name(f".{path.name}.part")
    try:
        with open(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        _sync_folder(path.parent)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def write_manifest(archive: zipfile.ZipFile, manifest: Manifest) -> None:
    """Add the manifest, readable by people, as the last entry."""
    archive.writestr(MANIFEST, json.dumps(asdict(manifest), indent=1))


def read_manifest(file: Path) -> Manifest:
    """Return the manifest. Raises BackupError if the file is no backup, or one of a newer format."""
    try:
        with zipfile.ZipFile(file) as archive:
            document = json.loads(archive.read(MANIFEST))
            archive.getinfo(DUMP)
        if document["format"] != FORMAT:
            raise BackupError(f"{file} has the format {document['format']}, this version reads format {FORMAT}.")
        return Manifest(**document)
    except (OSError, KeyError, TypeError, ValueError, zipfile.BadZipFile) as error:
        raise BackupError(f"{file} is not a complete backup: {error}") from error


def check_sha256(file: Path, manifest: Manifest) -> None:
    """Read the whole dump. Raises BackupError if it is not the one that was written."""
    digest = hashlib.sha256()
    try:
        with zipfile.ZipFile(file) as archive, archive.open(DUMP) as dump:
            while chunk := dump.read(CHUNK):
                digest.update(chunk)
    except (OSError, zipfile.BadZipFile) as error:
        raise BackupError(f"{file} is damaged: {error}") from error
    if digest.hexdigest() != manifest.sha256:
        raise BackupError(f"{file} is damaged: its SHA-256 is not the one of its manifest.")


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
