"""Without Redis, users can sign in and their jobs stay due."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from accounts.models import BattlenetToken
from sync.models import BlizzardJob
from tests.accounts.oauth_flow import LOGIN
from tests.battlenet import CHECKOUT, Sandbox
from tests.stack import Stack, free_port, site_environment, wait_until


@pytest.fixture
def site_without_redis(transactional_db: None, sandbox: Sandbox, tmp_path: Path) -> Iterator[Stack]:
    """Start a web process whose Redis does not answer."""
    port = free_port()
    environment = site_environment(sandbox.url) | {
        "REDIS_URL": "redis://127.0.0.1:9/0",
        "SITE_URL": f"http://127.0.0.1:{port}",
        "ALLOWED_HOSTS": "127.0.0.1",
    }
    command = [sys.executable, "-m", "gunicorn", "guildsite.wsgi", "--bind", f"127.0.0.1:{port}", "--threads", "4"]
    with (tmp_path / "web.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=CHECKOUT, env=environment, stdout=log, stderr=log)
    site = Stack(f"http://127.0.0.1:{port}", [process], tmp_path)
    try:
        wait_until(lambda: answers(site))
        yield site
    finally:
        site.stop()


def answers(site: Stack) -> bool:
    assert site.processes[0].poll() is None, site.log()
    try:
        return requests.get(f"{site.url}/healthz", timeout=2).ok
    except (requests.ConnectionError, requests.Timeout):
        return False


def test_people_can_sign_in_and_their_jobs_stay_due(site_without_redis: Stack) -> None:
    site = site_without_redis
    browser = requests.Session()
    browser.get(site.url, timeout=60)
    form = {"csrfmiddlewaretoken": browser.cookies["csrftoken"]}
    to_battlenet = browser.post(f"{site.url}{LOGIN}", form, allow_redirects=False, timeout=60)
    assert to_battlenet.status_code == 302, to_battlenet.text
    arrived = browser.get(f"{to_battlenet.headers['Location']}&persona=social", timeout=60)
    assert (arrived.status_code, arrived.url) == (200, f"{site.url}/characters/")
    assert "Pebblecup" in arrived.text
    assert BattlenetToken.objects.get().is_usable()
    assert set(BlizzardJob.objects.values_list("state", flat=True)) == {BlizzardJob.State.DUE}
    assert "sign-in attempts are not limited" in site.log()

    ready = requests.get(f"{site.url}/readyz", timeout=60)
    assert ready.status_code == 503
    assert (ready.json()["database"], ready.json()["redis"]) == (True, False)
