"""A cache of rendered documents, cleared when the world changes."""

from dataclasses import dataclass

# A large world has more documents than fit in memory; rendering one again takes 0.1 ms, or 2 ms for the largest.
_MAX_BYTES = 100_000_000

Key = tuple[str, str, str | None, str | None]


@dataclass(frozen=True, slots=True)
class Document:
    """A rendered document. ``modified`` (epoch seconds) is None for documents without Last-Modified."""

    body: bytes
    headers: dict[str, str]
    modified: int | None


class DocumentCache:
    """Documents by path, region, locale and (for personal ones) persona."""

    def __init__(self) -> None:
        self._documents: dict[Key, Document] = {}
        self._size = 0

    def get(self, key: Key) -> Document | None:
        """Return the cached document, or None."""
        return self._documents.get(key)

    def put(self, key: Key, document: Document) -> None:
        """Store the document; a full cache is cleared first."""
        if self._size + len(document.body) > _MAX_BYTES:
            self.clear()
        self._documents[key] = document
        self._size += len(document.body)

    def clear(self) -> None:
        """Remove all documents."""
        self._documents.clear()
        self._size = 0
