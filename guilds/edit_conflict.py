"""Optimistic locking: forms send back the version of what their user saw; saving on top of another one is refused."""

import hashlib
import json


class EditConflict(Exception):
    """Someone else saved after the user opened the form."""


def version_of(content: object) -> str:
    """Return a short digest of `content`, which must be serializable as JSON."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def check_version(version: str, content: object) -> None:
    """Raise EditConflict unless `version` is that of `content` as it is now."""
    if version != version_of(content):
        raise EditConflict
