"""Optimistic locking: forms send back the version of what their user saw; saving on top of another one is refused."""

import hashlib
import json
from typing import Any

from django import forms
from django.http import QueryDict


class EditConflict(Exception):
    """Someone else saved after the user opened the form."""


def version_of(content: object) -> str:
    """Return a short digest of `content`, which must be serializable as JSON."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def check_version(version: str, content: object) -> None:
    """Raise EditConflict unless `version` is that of `content` as it is now."""
    if version != version_of(content):
        raise EditConflict


class VersionField(forms.CharField):
    """The version that the user saw, sent back by the form."""

    def __init__(self) -> None:
        # Without an id, since a page can have several of them.
        super().__init__(max_length=16, widget=forms.HiddenInput({"id": False}))


def overwriting(data: QueryDict, content: object) -> dict[str, Any]:
    """Return the form's data with the version of `content`, so that sending it again overwrites `content`."""
    return {**data.dict(), "version": version_of(content)}
