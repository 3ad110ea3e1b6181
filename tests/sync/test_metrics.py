"""Prometheus metrics, summed over all processes, behind a token."""

import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import redis
from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone

from guilds.models import Guild
from sync.blizzard.client import ENDPOINTS, PICTURE, BlizzardClient, Credentials, endpoint_of
from sync.engine.errors import NotFound, RateLimited, Unavailable
from sync.engine.http import Transport
from sync.engine.protocols import RequestInfo
from sync.engine.providers import providers
from sync.engine.rate_limiter import Lane
from sync.models import BlizzardJob
from sync.wow.provider import blizzard, client_for
from tests.battlenet import CHECKOUT, Sandbox
from tests.factories import add_members, night_watch
from tests.stack import PATIENCE, site_environment
from tests.sync.heartbeats import heartbeat

TOKEN = "a token of at least thirty-two characters"
State, Priority = BlizzardJob.State, BlizzardJob.Priority


@pytest.fixture(autouse=True)
def counters_at_zero(settings: Any, db: None) -> None:
    settings.METRICS_TOKEN = TOKEN
    connection = redis.Redis.from_url(django_settings.REDIS_URL)
    connection.delete(*(f"metrics:{provider.name}" for provider in providers()))
    connection.close()


@pytest.fixture
def scrape(client: Client) -> Callable[[], dict[str, float]]:
    """Return the metrics by name and labels."""

    def read() -> dict[str, float]:
        response = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        assert response.status_code == 200, response.content
        lines = [line for line in response.content.decode().splitlines() if not line.startswith("#")]
        return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}

    return read


@pytest.mark.parametrize(
    "header", ["", "Bearer ", "Bearer wrong", f"Basic {TOKEN}", TOKEN, f"Bearer {TOKEN}x", "Bearer é"]
)
def test_metrics_need_the_token(client: Client, header: str) -> None:
    response = client.get("/metrics", headers={"Authorization": header})
    assert (response.status_code, response.content) == (401, b"")
    assert response.headers["WWW-Authenticate"] == "Bearer"


def test_without_a_configured_token_there_is_no_such_page(client: Client, settings: Any) -> None:
    settings.METRICS_TOKEN = ""
    for header in ("", "Bearer", "Bearer "):
        assert client.get("/metrics", headers={"Authorization": header}).status_code == 404


def sent(endpoint: str, status: str) -> str:
    return f'guildsite_requests_total{{endpoint="{endpoint}",provider="blizzard",status="{status}"}}'


def counter(name: str) -> str:
    return f'guildsite_{name}_total{{provider="blizzard"}}'


ROSTER, CHARACTER = "/data/wow/guild/{realm}/{guild}/roster", "/profile/wow/character/{realm}/{name}"


def test_requests_are_counted_by_endpoint_and_status_without_names(
    sandbox: Sandbox, roster_of: Callable[..., Guild], scrape: Callable[[], dict[str, float]], client: Client
) -> None:
    sandbox.fault(path="/data/wow/guild/.*/roster", status=429, times=1)
    sandbox.fault(path="/profile/wow/character/", status=503, times=1)
    guild = roster_of("eu", "quillmarsh", "Second Kettle")
    who = guild.memberships.select_related("character__realm")[0].character
    blizzard().rate_limiter(Lane.INTERACTIVE).block(0.3)
    with pytest.raises(Unavailable):
        client_for(Lane.BACKGROUND).character("eu", who.realm.slug, who.name)
    read = scrape()
    assert (read[sent(ROSTER, "200")], read[sent(ROSTER, "429")], read[sent(CHARACTER, "503")]) == (1, 1, 1)
    assert read[counter("requests_refused")] == 1
    assert read[counter("requests_refused_below_limit")] == 1
    assert read[counter("request_waits")] >= 1  # all requests were blocked
    assert read[counter("request_wait_seconds")] > 0.2
    total = sum(count for name, count in read.items() if name.startswith("guildsite_requests_total"))
    assert total == sandbox.stats()["requests"] + 2  # and a token for each lane, which is not counted
    assert (
        read['guildsite_budget_left{provider="blizzard",window="hour"}']
        == django_settings.BLIZZARD_RATE_PER_HOUR - total
    )
    text = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).content.decode().lower()
    assert not re.search(
        rf"kettle|quillmarsh|{re.escape(who.name.lower())}|{django_settings.BLIZZARD_CLIENT_SECRET}", text
    )


ASK = """
import django
django.setup()
from concurrent.futures import ThreadPoolExecutor
from sync.engine.errors import RateLimited, Unavailable
from sync.wow.provider import blizzard, client_for
from sync.engine.rate_limiter import Lane
client = client_for(Lane.INTERACTIVE)
with ThreadPoolExecutor(5) as pool:
    list(pool.map(lambda _: client.realms("eu"), range(10)))
"""


def test_the_counts_of_all_processes_are_summed(
    transactional_db: None, sandbox: Sandbox, scrape: Callable[[], dict[str, float]]
) -> None:
    environment = site_environment(sandbox.url) | {"DJANGO_SETTINGS_MODULE": "guildsite.settings"}
    processes = [subprocess.Popen([sys.executable, "-c", ASK], cwd=CHECKOUT, env=environment) for _ in range(2)]
    assert [process.wait(PATIENCE) for process in processes] == [0, 0]
    read = scrape()
    assert (read[sent("/data/wow/realm/index", "200")], read[sent("/token", "200")]) == (20, 2)


def test_deferred_work_is_counted(sandbox: Sandbox, scrape: Callable[[], dict[str, float]], settings: Any) -> None:
    settings.BLIZZARD_RATE_PER_HOUR = 1
    with pytest.raises(RateLimited):
        replace(blizzard(), longest_wait=0.5).client(Lane.INTERACTIVE).realms("eu")
    assert scrape()[counter("deferred")] == 1


def test_jobs_are_counted_by_priority_and_by_kind_of_failure(
    scrape: Callable[[], dict[str, float]], django_assert_num_queries: Any
) -> None:
    guild = night_watch()
    add_members(guild, 6)
    now = timezone.now()
    states: list[dict[str, Any]] = [
        {"state": State.DUE, "priority": Priority.NORMAL, "next_due_at": now - timedelta(minutes=10)},
        {"state": State.DUE, "priority": Priority.NORMAL, "next_due_at": now},
        {"state": State.DUE, "priority": Priority.INTERACTIVE, "next_due_at": now + timedelta(minutes=10)},
        {"state": State.RUNNING, "claimed_until": now + timedelta(seconds=10)},
        {"state": State.FAILED, "error_kind": "bad_payload"},
        {"state": State.RESTING},
    ]
    members = guild.memberships.select_related("character")
    for member, fields in zip(members, states, strict=True):
        BlizzardJob.objects.create(kind="profile", character=member.character, **fields)
    heartbeat("worker@one", queues=["interactive", "background"])
    heartbeat("beat@one", kind="beat", ago=30)
    heartbeat("dispatch", kind="dispatch")
    read = scrape()
    assert read['guildsite_jobs_due{priority="normal",provider="blizzard"}'] == 2
    assert read['guildsite_jobs_due{priority="interactive",provider="blizzard"}'] == 0
    assert 600 <= read['guildsite_jobs_oldest_due_seconds{queue="background"}'] < 610
    assert read['guildsite_jobs_oldest_due_seconds{queue="interactive"}'] == 0
    assert read["guildsite_dispatch_age_seconds"] < 10
    assert read['guildsite_jobs_in_flight{provider="blizzard"}'] == 1
    assert read['guildsite_jobs_failed{error="bad_payload",kind="profile",provider="blizzard"}'] == 1
    assert read['guildsite_workers_alive{role="worker"}'] == 1
    assert read["guildsite_missing"] == 0
    assert 30 <= read["guildsite_beat_age_seconds"] < 40


def test_metrics_without_their_server_are_left_out(scrape: Callable[[], dict[str, float]], settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:9"
    read = scrape()
    assert read['guildsite_up{server="redis"}'] == 0
    assert read['guildsite_up{server="database"}'] == 1
    assert 'guildsite_jobs_in_flight{provider="blizzard"}' in read
    assert not [name for name in read if re.search("request|budget_left|blocked|paused", name)]


def test_every_endpoint_of_the_client_is_known() -> None:
    asked: list[str] = []

    class Asking(BlizzardClient):
        def _send(self, info: RequestInfo, *arguments: Any, **options: Any) -> Any:
            asked.append(info.endpoint)
            raise NotFound(info.path)

    one: Any = Asking(
        credentials=Credentials("", ""),
        oauth_url="",
        api_url="",
        locale="",
        transport=Transport(limiter=blizzard().rate_limiter(Lane.INTERACTIVE), longest_wait=0),
    )
    for ask in (one.account_profile, one.account_mounts, one.account_toys):
        with pytest.raises(NotFound):
            ask("eu", user_token="")
    for ask in (one.character, one.character_status, one.guild, one.guild_roster):
        with pytest.raises(NotFound):
            ask("eu", "tarn-hollow", "Éowyn")
    for ask, more in ((one.character_media, {"since": None}), (one.character_specializations, {})):
        with pytest.raises(NotFound):
            ask("eu", "tarn-hollow", "Éowyn", subject=None, **more)
    for kind in ("playable-class", "playable-specialization"):
        with pytest.raises(NotFound):
            one.icon_address("eu", kind, 1)
    for ask in (one.playable_classes, one.playable_races, one.specializations, one.realms, one.connected_realm_ids):
        with pytest.raises(NotFound):
            ask("eu")
    for ask in (one.playable_race, one.specialization, one.connected_realm):
        with pytest.raises(NotFound):
            ask("eu", 7)
    # Pictures are on another host, and sent without a token.
    assert {*asked, "/token", PICTURE} == set(ENDPOINTS)
    assert endpoint_of("/data/wow/new-thing/arthas/secretive") == "other"
