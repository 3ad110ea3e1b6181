"""A bounded cache in each process of what was read from one edition."""

import threading
from collections.abc import Callable, Collection, Mapping
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class EditionCache(Generic[K, V]):
    """Values by key, at most `most` of them; the oldest goes first. What is not there is remembered, too.

    Another edition empties it, so that it never holds two.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._edition: int | None = None
        self._values: dict[K, V | None] = {}

    def get_many(
        self, edition: int, keys: Collection[K], fetch: Callable[[Collection[K]], Mapping[K, V]]
    ) -> dict[K, V]:
        """Return the values of the keys that have one, by one call of `fetch` for all that are not known yet."""
        with self._lock:
            known = self._values if edition == self._edition else {}
            found = {key: known[key] for key in keys if key in known}
        if missing := [key for key in dict.fromkeys(keys) if key not in found]:
            fetched = fetch(missing)
            found |= {key: fetched.get(key) for key in missing}
            self._remember(edition, {key: found[key] for key in missing})
        return {key: value for key in keys if (value := found[key]) is not None}

    def _remember(self, edition: int, values: Mapping[K, V | None]) -> None:
        with self._lock:
            if edition != self._edition:
                self._edition, self._values = edition, {}
            self._values |= values
            for key in list(self._values)[: max(0, len(self._values) - self._most)]:
                del self._values[key]
