"""The SQLite files of the manifest, by language, in the file system or in an object store."""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from django.core.files import File
from django.core.files.storage import storages
from django.db import transaction
from django.utils import timezone

from destiny.manifest.models import Edition, ManifestFile
from sync.engine.claims import Claim
from sync.engine.errors import Unavailable

ALIAS = "manifest"
WHERE = "content files"
CHUNK = 2**20


class StorageUnavailable(Unavailable):
    """The file system or the object store did not take, or not give back, a content file."""

    kind = "storage"


def has(edition: Edition, language: str) -> bool:
    """Return whether the language's file is stored and was read back."""
    return edition.files.filter(language=language).exclude(verified_at=None).exists()


def store(edition: Edition, language: str, path: Path, claim: Claim) -> None:
    """Store the language's file and read it back. Raises StorageUnavailable."""
    storage, name = storages[ALIAS], f"{edition.pk}/{language}.sqlite3"
    fetched_at = timezone.now()
    with path.open("rb") as content:
        sha256 = sha256_of(content)
        try:
            # Of an attempt that was interrupted.
            storage.delete(name)
            stored = storage.save(name, File(content))
            with storage.open(stored) as again:
                is_same = sha256_of(again) == sha256
        except OSError as error:
            raise StorageUnavailable(WHERE, detail=_words(error)) from error
    values = {
        "name": stored,
        "size": path.stat().st_size,
        "sha256": sha256,
        "fetched_at": fetched_at,
        "verified_at": timezone.now() if is_same else None,
    }
    with transaction.atomic():
        claim.ensure_held()
        ManifestFile.objects.update_or_create(edition=edition, language=language, defaults=values)
    if not is_same:
        raise StorageUnavailable(WHERE, detail=f"{stored} was stored, but is another file when it is read")


def delete(files: Iterable[ManifestFile]) -> None:
    """Delete files and their rows. A file that can't be deleted now keeps its row, for the next time."""
    for one in files:
        try:
            storages[ALIAS].delete(one.name)
        except OSError as error:
            raise StorageUnavailable(WHERE, detail=_words(error)) from error
        one.delete()


def sha256_of(content: "IO[bytes] | File[bytes]") -> str:
    """Return the SHA-256 of a file, read in pieces from its beginning."""
    content.seek(0)
    digest = hashlib.sha256()
    while chunk := content.read(CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


def _words(error: OSError) -> str:
    # Of ours, a message; of the system, a text that names no path.
    return error.strerror or " ".join(str(error).split())[:200] or type(error).__name__
