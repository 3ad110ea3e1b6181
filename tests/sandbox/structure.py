"""The structure of documents: which keys they have, and values of which types."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

_TABLE = re.compile(r"Destiny\w+Definition")


def structure(documents: Iterable[Any]) -> set[str]:
    """Return the path of each key and, for scalars, the type: ".members[].rank number".

    Keys that are numbers or names of Destiny's tables are the same key "*".
    """
    return {path for document in documents for path in _paths(document, "")}


def without(paths: set[str], allowed: Iterable[str]) -> set[str]:
    """Return the paths that are not at or below one of those allowed."""
    return {
        path
        for path in paths
        if not any(path == top or path.startswith((f"{top}.", f"{top}[", f"{top} ")) for top in allowed)
    }


def _paths(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            name = "*" if key.isdecimal() or _TABLE.fullmatch(key) else key
            yield f"{path}.{name}"
            yield from _paths(inner, f"{path}.{name}")
    elif isinstance(value, list):
        for inner in value:
            yield from _paths(inner, f"{path}[]")
    else:
        yield f"{path} {'number' if type(value) in (int, float) else type(value).__name__}"
