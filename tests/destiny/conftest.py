"""Destiny on, with the sandbox's Bungie."""

from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from accounts.models import User
from sync.destiny.provider import client_for
from tests.battlenet import Sandbox


@pytest.fixture
def bungie(sandbox: Sandbox, settings: Any, tmp_path: Path) -> Iterator[Sandbox]:
    """The sandbox, whose Bungie this site uses. Content files go to a folder of the test."""
    settings.DESTINY_ENABLED = True
    settings.MANIFEST_LANGUAGES = ("en",)
    folder = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path / "files"}}
    settings.STORAGES = {**settings.STORAGES, "manifest": folder}
    client_for.cache_clear()
    yield sandbox
    client_for.cache_clear()


@pytest.fixture
def sync_manifest(bungie: Sandbox) -> Callable[[], str]:
    """Run the command; returns what it prints."""

    def run() -> str:
        output = StringIO()
        call_command("sync_manifest", stdout=output)
        return output.getvalue()

    return run


@pytest.fixture
def someone(people: Callable[[str], User]) -> User:
    """Somebody who has signed in."""
    return people("Ada")
