"""Finished documents, kept as bytes until the world changes."""

from dataclasses import dataclass

# A large world has more documents than memory should hold, and making one again costs a tenth of a millisecond.
_ROOM = 6000

Key = tuple[str, str, str | None, str | None]


@dataclass(frozen=True, slots=True)
class Document:
    """``modified`` (epoch seconds) is None for documents that carry no Last-Modified."""

    body: bytes
    headers: dict[str, str]
    modified: int | None


class Shelf:
    """Documents by path, region, locale and, for those of one person, persona."""

    def __init__(self) -> None:
        self._documents: dict[Key, Document] = {}

    def get(self, key: Key) -> Document | None:
        """The document, if it has been made since the last change."""
        return self._documents.get(key)

    def put(self, key: Key, document: Document) -> None:
        """Keep the document; a full shelf is emptied first."""
        if len(self._documents) >= _ROOM:
            self._documents.clear()
        self._documents[key] = document

    def clear(self) -> None:
        """Throw everything away: the world has changed."""
        self._documents.clear()
