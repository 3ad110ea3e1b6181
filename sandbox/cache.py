"""Finished documents, kept as bytes until the world changes."""

from dataclasses import dataclass

# Bytes. A large world has more documents than memory should hold; making one again costs a tenth of a millisecond, or
# two for the largest.
_MAX_BYTES = 100_000_000

Key = tuple[str, str, str | None, str | None]


@dataclass(frozen=True, slots=True)
class Document:
    """``modified`` (epoch seconds) is None for documents that carry no Last-Modified."""

    body: bytes
    headers: dict[str, str]
    modified: int | None


class DocumentCache:
    """Documents by path, region, locale and, for those of one person, persona."""

    def __init__(self) -> None:
        self._documents: dict[Key, Document] = {}
        self._size = 0

    def get(self, key: Key) -> Document | None:
        """The document, if it has been made since the last change."""
        return self._documents.get(key)

    def put(self, key: Key, document: Document) -> None:
        """Keep the document; a full cache is emptied first."""
        if self._size + len(document.body) > _MAX_BYTES:
            self.clear()
        self._documents[key] = document
        self._size += len(document.body)

    def clear(self) -> None:
        """Throw everything away: the world has changed, or there is no room."""
        self._documents.clear()
        self._size = 0
