"""Processes that refresh the same Bungie tokens at once: one request, and nothing is lost."""

import subprocess
import sys
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import requests
from django.test import Client
from django.utils import timezone

from destiny.models import BungieAccount
from sync.destiny.provider import client_for
from sync.engine.rate_limiter import Lane
from tests.battlenet import CHECKOUT, Sandbox
from tests.stack import site_environment

PROCESSES = 4
REFRESH = """
import sys, time, django
django.setup()
from uuid import UUID
from sync.destiny.provider import client_for
from sync.destiny.tokens import TokenBusy, fresh_token
from sync.engine.rate_limiter import Lane
client = client_for(Lane.BACKGROUND)
print("ready", flush=True)
sys.stdin.readline()
try:
    fresh_token(UUID(sys.argv[1]), client)
    print("refreshed")
except TokenBusy:
    print("busy")
"""


@pytest.mark.drill
@pytest.mark.django_db(transaction=True)
def test_one_of_four_processes_refreshes_and_the_tokens_work(sandbox: Sandbox) -> None:
    browser = Client()
    to_bungie = browser.post("/accounts/bungie/login/")
    back = requests.get(f"{to_bungie['Location']}&persona=raider", allow_redirects=False, timeout=10)
    address = urlsplit(back.headers["Location"])
    browser.get(f"{address.path}?{address.query}")
    account = BungieAccount.objects.get()
    BungieAccount.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    sandbox.fault(path="/Platform/App/OAuth/token/", delay_ms=1500, share=1.0)
    environment = site_environment(sandbox.url) | {"DJANGO_SETTINGS_MODULE": "guildsite.settings"}
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", REFRESH, str(account.pk)],
            cwd=CHECKOUT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(PROCESSES)
    ]
    for one in processes:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    outcomes = sorted(one.communicate(timeout=60)[0].strip() for one in _told(processes))
    assert outcomes == ["busy"] * (PROCESSES - 1) + ["refreshed"]
    refreshed = BungieAccount.objects.get()
    assert refreshed.refresh_token != account.refresh_token
    assert refreshed.refresh_claim is None
    sandbox.clear_faults()
    client = client_for(Lane.INTERACTIVE)
    assert client.memberships(token=refreshed.access_token, person="drill").bungie_id == account.bungie_id
    # A second use of the old refresh token would have ended the authorization; the new one works.
    assert client.refreshed_tokens(refreshed.refresh_token, person="drill").bungie_id == account.bungie_id


def _told(processes: "list[subprocess.Popen[str]]") -> "list[subprocess.Popen[str]]":
    """Let all go at once, before the first is waited for."""
    for one in processes:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    return processes
