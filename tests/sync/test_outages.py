"""An outage of refusals changes nothing about characters, and recovers automatically."""

from collections.abc import Callable
from datetime import timedelta
from itertools import chain
from typing import Any

import pytest
import redis
from django.conf import settings as site
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.services import grant_admin
from characters.models import Character, ProfileState
from guilds.models import Guild
from sync.blizzard.client import BlizzardClient
from sync.engine import claims, transitions
from sync.engine.errors import Paused, Unavailable
from sync.engine.outages import end_outages, resume_paused
from sync.engine.rate_limiter import Lane
from sync.engine.transitions import attempt
from sync.management.foreground import sync_guild
from sync.models import BlizzardJob
from sync.wow.characters import ProfilesResult, fetch_one_by_one
from sync.wow.jobs import roster_job
from sync.wow.provider import blizzard, client_for
from tests.battlenet import Sandbox
from tests.html import text_of
from tests.sync.ground_truth import our_details, true_details
from tests.sync.heartbeats import heartbeat
from tests.sync.working import apply_batch

pytestmark = pytest.mark.django_db

State = BlizzardJob.State
CHARACTERS = "/profile/wow/character/"


@pytest.fixture
def members(roster_of: Callable[..., Guild], game_data: None) -> list[Character]:
    """Return 60 characters of the demo guild and 30 of another one, alternating, without profiles."""
    guilds = [roster_of(), roster_of(), roster_of("eu", "quillmarsh", "Second Kettle")]
    kept: list[list[Character]] = []
    for guild, begin in zip(guilds, (0, 30, 0), strict=True):
        rows = Character.objects.filter(membership__guild=guild).exclude(name__regex=r"\d").order_by("pk")
        kept.append(list(rows[begin : begin + 30]))
    mixed = list(chain.from_iterable(zip(*kept, strict=False)))
    BlizzardJob.objects.exclude(character__in=mixed).delete()
    return mixed


def work(client: BlizzardClient | None = None, most: int = 1_000) -> ProfilesResult:
    """Do all due jobs like a worker."""
    claimed = [one.character_id for one in claims.claim_due(BlizzardJob.objects.all(), most)]
    rows = Character.objects.select_related("realm", "membership").in_bulk(claimed)
    wanted = [rows[pk] for pk in claimed if pk in rows]
    return apply_batch(fetch_one_by_one(client or client_for(Lane.INTERACTIVE), wanted))


def make_all_due() -> None:
    """Make all jobs due, in an order that mixes the guilds."""
    transitions.mark_due(BlizzardJob.objects.all(), BlizzardJob.Priority.INTERACTIVE)


def let_a_minute_pass() -> None:
    """Let the circuits await their next probes."""
    with redis.Redis.from_url(site.REDIS_URL) as connection:
        for key in connection.scan_iter("breaker:*:state:*"):
            if connection.hexists(key, "pause_until"):
                connection.hset(key, "pause_until", 0)
    client_for.cache_clear()


def let_the_pauses_end() -> None:
    """Let time pass until the next probes, including for jobs that wait for them."""
    let_a_minute_pass()
    BlizzardJob.objects.filter(state=State.DUE).update(next_due_at=timezone.now())


def finish() -> None:
    """Run due jobs until none is left."""
    for _ in range(20):
        end_outages(blizzard())
        BlizzardJob.objects.filter(state=State.DUE).update(next_due_at=timezone.now())
        if not BlizzardJob.objects.filter(state=State.DUE).exists():
            return
        work()
        let_the_pauses_end()
    raise AssertionError("it never ends")


def hidden() -> int:
    return Character.objects.filter(profile_state__in=(ProfileState.FORBIDDEN, ProfileState.NOT_FOUND)).count()


@pytest.fixture
def all_shown(members: list[Character], sandbox: Sandbox) -> int:
    """Fetch all profiles once; return how many are hidden anyway."""
    make_all_due()
    work()
    Character.objects.update(last_modified=None)
    return hidden()


@pytest.fixture
def site_admin(client: Client, people: Callable[[str], User]) -> Client:
    client.force_login(people("Ada"), "allauth.account.auth_backends.AuthenticationBackend")
    grant_admin(battletag="Ada#1000")
    heartbeat("worker@engine", queues=["interactive", "background"])
    heartbeat("beat@engine", kind="beat")
    heartbeat("dispatch", kind="dispatch")
    return client


@pytest.mark.parametrize("fault", [{"status": 403}, {"status": 404}, {"status": 404, "body": "empty"}])
def test_a_burst_of_refusals_hides_nobody_for_long(
    sandbox: Sandbox, members: list[Character], all_shown: int, fault: dict[str, Any]
) -> None:
    sandbox.fault(path=CHARACTERS, **fault)
    sandbox.forget_requests()
    make_all_due()
    work()
    assert hidden() - all_shown <= 45
    asked = sandbox.stats()["requests"]
    assert asked <= 50
    waiting = BlizzardJob.objects.filter(error_kind="paused")
    assert waiting.count() >= len(members) - asked
    assert set(waiting.values_list("state", "tries", "first_failed_at")) == {(State.DUE, 0, None)}
    assert not waiting.filter(next_due_at__lt=timezone.now() + timedelta(seconds=100)).exists()

    let_the_pauses_end()
    work()  # one probe, which is refused
    assert sandbox.stats()["requests"] == asked + 1
    sandbox.clear_faults()
    let_the_pauses_end()
    finish()
    assert hidden() == all_shown
    assert not BlizzardJob.objects.filter(state=State.FAILED).exists()
    kettle = Guild.objects.select_related("realm").get(slug="second-kettle")
    assert our_details(kettle) == true_details(sandbox, kettle)


def due_probes() -> list[BlizzardJob]:
    return list(BlizzardJob.objects.due().filter(error_kind="paused"))


def test_an_outage_of_503s_costs_one_probe_at_a_time(
    sandbox: Sandbox, members: list[Character], all_shown: int
) -> None:
    sandbox.fault(path=CHARACTERS, status=503)
    sandbox.forget_requests()
    make_all_due()
    work()
    assert sandbox.stats()["requests"] == 10
    waiting = BlizzardJob.objects.filter(error_kind="paused")
    assert waiting.count() == len(members) - 9
    assert not waiting.exclude(state=State.DUE, tries=0).exists()
    end_outages(blizzard())
    assert due_probes() == []
    let_a_minute_pass()
    end_outages(blizzard())
    (probe,) = due_probes()
    assert probe.priority == BlizzardJob.Priority.INTERACTIVE  # as somebody has asked for it
    work()
    let_a_minute_pass()
    end_outages(blizzard())
    assert due_probes() not in ([], [probe])
    work()
    assert not BlizzardJob.objects.failed().exists()

    sandbox.clear_faults()
    finish()
    assert hidden() == all_shown
    assert not BlizzardJob.objects.exclude(state=State.RESTING).exists()


@pytest.mark.parametrize("state", [State.DUE, State.FAILED])
def test_a_roster_that_was_refused_alone_meanwhile_is_due_once(
    sandbox: Sandbox, members: list[Character], state: BlizzardJob.State
) -> None:
    sandbox.fault(path=CHARACTERS, status=503)
    make_all_due()
    work()
    refused = BlizzardJob.objects.filter(pk=roster_job(members[0].membership.guild).pk)
    later = timezone.now() + timedelta(minutes=30)
    values: dict[str, Any] = {"state": state, "error_kind": Unavailable.kind, "next_due_at": later, "tries": 5}
    refused.update(attempted_at=timezone.now(), **values)
    end_outages(blizzard())
    assert not refused.due().exists()
    sandbox.clear_faults()
    let_a_minute_pass()
    end_outages(blizzard())
    work()
    end_outages(blizzard())
    assert refused.due().exists()
    refused.update(attempted_at=timezone.now(), **values)
    end_outages(blizzard())
    assert not refused.due().exists()


def test_a_job_of_a_worker_that_hears_late_of_the_end_is_due_too(
    sandbox: Sandbox, members: list[Character], all_shown: int
) -> None:
    sandbox.fault(path=CHARACTERS, status=503)
    make_all_due()
    work()
    late = client_for(Lane.BACKGROUND)
    with pytest.raises(Paused):
        late.character("eu", "tarn-hollow", members[0].name)
    sandbox.clear_faults()
    let_a_minute_pass()
    end_outages(blizzard())
    work()
    end_outages(blizzard())
    work(most=len(members) // 2)
    work(late)  # which still takes the circuit for open
    assert BlizzardJob.objects.filter(error_kind="paused", next_due_at__gt=timezone.now()).exists()
    end_outages(blizzard())
    work()
    assert not BlizzardJob.objects.exclude(state=State.RESTING).exists()
    assert hidden() == all_shown


@pytest.mark.parametrize("make_due", [resume_paused, end_outages], ids=["Redis was restarted", "no circuit is open"])
def test_jobs_of_an_outage_that_redis_forgot_are_due(
    sandbox: Sandbox, members: list[Character], make_due: Callable[..., int]
) -> None:
    sandbox.fault(path=CHARACTERS, status=503)
    make_all_due()
    work()
    assert due_probes() == []
    with redis.Redis.from_url(site.REDIS_URL) as connection:
        for key in connection.scan_iter("breaker:*"):
            connection.delete(key)
    make_due(blizzard())
    assert len(due_probes()) == len(members) - 9


def test_a_job_waits_at_least_as_long_as_retry_after_says(members: list[Character]) -> None:
    jobs = BlizzardJob.objects.filter(character=members[0])
    claims.claim(jobs)
    error = Unavailable("/profile", status=503)
    error.retry_after = 120.0
    with attempt(jobs) as claim:
        transitions.fail(jobs, error, claim=claim)
    assert jobs.get().next_due_at >= timezone.now() + timedelta(seconds=115)  # type: ignore[operator]


def test_an_outage_is_shown_in_status_readyz_and_metrics(
    sandbox: Sandbox, all_shown: int, site_admin: Client, settings: Any
) -> None:
    sandbox.fault(path=CHARACTERS, status=403)
    make_all_due()
    work()
    page = text_of(site_admin.get("/admin/status/"))
    assert "Requests to /profile/wow/character/{realm}/{name} (eu) are paused" in page
    assert "HTTP 403" in page  # and the 404s of characters without a profile
    assert "Battle.net: paused requests" in page
    ready = site_admin.get("/readyz")
    (paused,) = ready.json()["paused"]
    assert ready.status_code == 200  # no other web server could do better
    assert (paused["endpoint"], paused["region"]) == ("/profile/wow/character/{realm}/{name}", "eu")
    assert 403 in paused["statuses"]
    assert paused["since"] < paused["until"]
    settings.METRICS_TOKEN = "a token of at least thirty-two characters"
    headers = {"Authorization": f"Bearer {settings.METRICS_TOKEN}"}
    lines = site_admin.get("/metrics", headers=headers).content.decode().splitlines()
    assert 'guildsite_paused_endpoints{provider="blizzard"} 1.0' in lines
    endpoint = 'endpoint="/profile/wow/character/{realm}/{name}",provider="blizzard",region="eu"'
    assert f"guildsite_paused{{{endpoint}}} 1.0" in lines

    sandbox.clear_faults()
    let_the_pauses_end()
    finish()
    assert "Everything works." in text_of(site_admin.get("/admin/status/"))
    assert site_admin.get("/readyz").json()["paused"] == []


def test_a_guild_of_hidden_characters_is_no_outage(sandbox: Sandbox, members: list[Character]) -> None:
    sandbox.fault(path=f"{CHARACTERS}tarn-hollow/", status=403)
    demo = [one.pk for one in members if one.membership.guild.slug == "gravel-orchard"]
    realm = Character.objects.filter(pk__in=demo, realm__slug="tarn-hollow")
    transitions.mark_due(BlizzardJob.objects.filter(character__in=realm), BlizzardJob.Priority.INTERACTIVE)
    BlizzardJob.objects.exclude(character__in=realm).update(next_due_at=None)
    work()
    make_all_due()
    work()
    assert blizzard().circuit_breaker().pauses() == []
    assert realm.exclude(profile_state=ProfileState.FORBIDDEN).count() == 0
    assert not BlizzardJob.objects.exclude(state=State.RESTING).exists()


def test_an_outage_of_401s_leaves_no_failures(
    sandbox: Sandbox, members: list[Character], all_shown: int, site_admin: Client
) -> None:
    guild = Guild.objects.select_related("realm").get(slug="second-kettle")
    sandbox.fault(path="/", status=401)
    make_all_due()
    sandbox.forget_requests()
    for _ in range(12):
        work(most=1)
    assert blizzard().circuit_breaker().pauses()
    asked = sandbox.stats()["requests"]
    work()
    roster_job(guild)
    with pytest.raises(Exception, match="paused"):
        sync_guild(client=client_for(Lane.INTERACTIVE), guild=guild)
    assert sandbox.stats()["requests"] == asked <= 25
    assert not BlizzardJob.objects.exclude(state=State.DUE, tries=0).exists()
    assert hidden() == all_shown
    assert "refuses the application's id or token (HTTP 401)" in text_of(site_admin.get("/admin/status/"))

    sandbox.clear_faults()
    let_the_pauses_end()
    sync_guild(client=client_for(Lane.INTERACTIVE), guild=guild)
    finish()
    assert not BlizzardJob.objects.exclude(state=State.RESTING).exists()
    assert our_details(guild) == true_details(sandbox, guild)
