"""Destiny on, with the sandbox's Bungie: its manifest, people who sign in with it, and jobs run as a worker does."""

from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from django.core.management import call_command
from django.test import Client

from accounts.models import User
from destiny.models import BungieAccount
from sync.bungie.client import BungieClient
from sync.destiny.jobs import BungieJob, BungieJobQuerySet, open_profile_jobs
from sync.destiny.provider import client_for
from sync.engine import claims
from sync.engine.rate_limiter import Lane
from sync.tasks import run_jobs
from tests.battlenet import Sandbox
from tests.destiny.people import Connected, Run, RunProfile, SignIn

LOGIN = "/accounts/bungie/login/"


@pytest.fixture
def api(sandbox: Sandbox) -> BungieClient:
    """Return the client of the interactive lane."""
    return client_for(Lane.INTERACTIVE)


@pytest.fixture
def with_bungie(sandbox: Sandbox, client: Client) -> SignIn:
    """Go to Bungie as a persona of the sandbox, and come back; returns the last response."""

    def go(persona: str, *, client: Client = client, **data: str) -> Any:
        to_bungie = client.post(LOGIN, data)
        assert to_bungie.status_code == 302, to_bungie.content
        back = requests.get(f"{to_bungie['Location']}&persona={persona}", allow_redirects=False, timeout=10)
        address = urlsplit(back.headers["Location"])
        return client.get(f"{address.path}?{address.query}")

    return go


@pytest.fixture
def connected(with_bungie: SignIn) -> Connected:
    """Return the Bungie account of a persona who has just signed in with it, in a browser of its own."""

    def sign_in(persona: str) -> BungieAccount:
        with_bungie(persona, client=Client())
        return BungieAccount.objects.select_related("user").latest("updated_at")

    return sign_in


@pytest.fixture
def run(api: BungieClient) -> Run:
    """Run a job of an account as a worker does, and return it."""

    return lambda account, kind: run_job(BungieJob.objects.filter(account=account, kind=kind))


@pytest.fixture
def run_profile(api: BungieClient) -> RunProfile:
    """Run the job of a membership's guardians and items as a worker does, and return it."""
    return lambda membership: run_job(open_profile_jobs([membership]))


def run_job(jobs: BungieJobQuerySet) -> BungieJob:
    """Run one job as a worker does, and return it."""
    jobs.update(claimed_until=None)
    (claimed,) = claims.claim(jobs)
    run_jobs.apply(args=("bungie", claimed.kind, [str(claimed.pk)], str(claimed.claim)))
    return jobs.get()


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
