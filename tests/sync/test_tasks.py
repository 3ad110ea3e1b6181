"""The worker's tasks, from a sign-in to the last profile, including outages and permanent errors."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from celery import current_app
from django.db import connection

from accounts.models import User
from characters.models import Character, ProfileState
from guilds.models import Guild, Membership
from sync import tasks
from sync.engine import transitions
from sync.engine.dispatch import dispatch
from sync.engine.errors import RateLimited, Unavailable
from sync.models import BlizzardJob
from tests.battlenet import Sandbox
from tests.stack import Stack, let_worker_finish, wait_until
from tests.sync.ground_truth import our_roster, true_roster
from tests.sync.working import run_profiles, run_roster

State = BlizzardJob.State
SignIn = Callable[..., Any]


def everything_rests() -> bool:
    """Return whether no interactive job is left. Unowned members of a roster are due later."""
    jobs = BlizzardJob.objects.exclude(character__user=None, kind=BlizzardJob.Kind.PROFILE)
    return jobs.count() > 1 and not jobs.exclude(state=State.RESTING).exists()


def test_after_a_sign_in_the_worker_fetches_everything(stack: Stack, sandbox: Sandbox, sign_in: SignIn) -> None:
    sign_in("raider")
    wait_until(lambda: Guild.objects.filter(last_synced_at__isnull=False).exists() and everything_rests())
    raider, guild = User.objects.get(), Guild.objects.select_related("realm").get()
    assert our_roster(guild) == true_roster(sandbox, guild)
    fields = ("name", "realm_id", "level", "spec_id", "average_item_level", "equipped_item_level")
    columns = ("name", "realm_id", "level", "active_spec_id", "average_item_level", "equipped_item_level")
    shown = Character.objects.of(raider).filter(profile_state=ProfileState.VISIBLE)
    truth = sandbox._get("truth/account/raider")["characters"]
    assert set(shown.values_list(*columns)) == {
        tuple(one[field] for field in fields) for one in truth if one["profile"] == 200
    }
    assert shown.count() == 57  # except the unnamed one, the level 1 one and the hidden one
    assert raider.mains.get().rank == 3
    assert sandbox.stats()["by_endpoint"]["guild-roster"] < 12  # not one for each member


def test_two_people_sign_in_at_once(stack: Stack, sandbox: Sandbox, sign_in: SignIn, client: Any) -> None:
    sign_in("guildmaster")
    client.logout()
    sign_in("officer")
    wait_until(lambda: Membership.objects.exclude(main_of=None).count() == 2 and everything_rests())
    guild = Guild.objects.select_related("realm").get()
    assert our_roster(guild) == true_roster(sandbox, guild)
    ranks = dict(Membership.objects.exclude(main_of=None).values_list("main_of__battletag", "rank"))
    assert ranks == {"Thistledown#2764": 0, "Morwick#21185": 1}


def test_transient_faults_recover_automatically(stack: Stack, sandbox: Sandbox, sign_in: SignIn) -> None:
    sandbox.fault(path="/profile/user/wow", status=503, times=1)
    sandbox.fault(path="/profile/wow/character/", status=500, times=2)
    sandbox.fault(path="/profile/wow/character/", body="truncated", times=1)
    sandbox.fault(path="/data/wow/guild/.*/roster", status=429, times=1)
    sign_in("guildmaster")
    # On a running site the scheduler dispatches; here the test does.
    wait_until(
        lambda: dispatch() >= 0 and Guild.objects.filter(last_synced_at__isnull=False).exists() and everything_rests()
    )
    by_status = sandbox.stats()["by_status"]
    assert (by_status["503"], by_status["500"], by_status["429"]) == (1, 2, 1)
    assert Character.objects.filter(user__isnull=False, profile_state=ProfileState.VISIBLE).count() == 7
    assert not BlizzardJob.objects.exclude(error_kind="").exists()


def test_unshared_characters_are_not_retried(stack: Stack, sandbox: Sandbox, sign_in: SignIn) -> None:
    sign_in("unticker")
    wait_until(lambda: BlizzardJob.objects.filter(state=State.RESTING).count() == 4)
    jobs = set(BlizzardJob.objects.values_list("error_kind", "user"))
    assert jobs == {("not_shared", User.objects.get().pk)}
    assert sandbox.stats()["by_endpoint"] == {}


@pytest.fixture
def guild(roster_of: Callable[..., Guild]) -> Guild:
    """Return a guild of 30 whose roster was synced once."""
    return roster_of("eu", "quillmarsh", "Second Kettle")


def test_a_failure_is_retried_with_growing_pauses_and_then_stays_failed(guild: Guild, sandbox: Sandbox) -> None:
    sandbox.fault(path="/data/wow/guild/quillmarsh/second-kettle/roster", status=503)
    for tries in range(transitions.MOST_TRIES - 1):
        run_roster(guild.pk)
        job = BlizzardJob.objects.get(guild=guild)
        assert (job.state, job.error_kind, job.http_status) == (State.DUE, "unavailable", 503)
        pause = (job.next_due_at - job.attempted_at).total_seconds()  # type: ignore[operator]
        assert transitions.FIRST_PAUSE * 3**tries <= pause <= transitions.FIRST_PAUSE * 3**tries * 1.5
    run_roster(guild.pk)
    job = BlizzardJob.objects.get(guild=guild)
    assert (job.state, job.tries, job.http_status) == (State.FAILED, transitions.MOST_TRIES, 503)
    assert "/second-kettle/roster" in job.error_text
    assert job.first_failed_at < job.last_failed_at  # type: ignore[operator]


def test_a_success_resets_the_tries(guild: Guild, sandbox: Sandbox) -> None:
    sandbox.fault(path="/data/wow/guild/quillmarsh/second-kettle/roster", status=503, times=1)
    run_roster(guild.pk)
    run_roster(guild.pk)
    job = BlizzardJob.objects.get(guild=guild)
    assert (job.state, job.tries, job.error_kind, job.first_failed_at) == (State.RESTING, 0, "", None)


def test_waiting_for_the_budget_costs_no_try(guild: Guild, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox.fault(path="/data/wow/guild/quillmarsh/second-kettle/roster", status=429)
    monkeypatch.setattr("sync.engine.http.MOST_REFUSALS", 1)
    run_roster(guild.pk)
    job = BlizzardJob.objects.get(guild=guild)
    assert (job.state, job.tries, job.http_status) == (State.DUE, 0, 429)
    assert 0.5 < (job.next_due_at - job.attempted_at).total_seconds() <= 1.5  # type: ignore[operator]


def test_permanent_errors_are_not_retried(guild: Guild, sandbox: Sandbox) -> None:
    sandbox.fault(path="/data/wow/guild/quillmarsh/second-kettle/roster", status=404)
    run_roster(guild.pk)
    assert BlizzardJob.objects.get(guild=guild).state == State.FAILED


def test_a_character_that_is_hidden_is_no_failure(guild: Guild, sandbox: Sandbox) -> None:
    one = Character.objects.select_related("realm").filter(level__gt=30).order_by("name")[0]
    sandbox.fault(path=f"/profile/wow/character/{one.realm.slug}/{one.name.lower()}", status=403)
    run_profiles([one.pk])
    job = BlizzardJob.objects.get(character=one)
    assert (job.state, job.error_kind, job.tries) == (State.RESTING, "forbidden", 0)


def test_an_exhausted_budget_is_handled_once_per_task(
    guild: Guild, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    members = list(Character.objects.values_list("pk", flat=True)[:5])
    sandbox.fault(path="/profile/wow/character/", status=429)
    monkeypatch.setattr("sync.engine.http.MOST_REFUSALS", 1)
    sandbox.reset()
    sandbox.fault(path="/profile/wow/character/", status=429)
    run_profiles(members)
    assert sandbox.stats()["by_endpoint"]["character"] == 1
    assert BlizzardJob.objects.filter(character__in=members, state=State.DUE, tries=0, http_status=429).count() == 5


@pytest.mark.parametrize("kind", BlizzardJob.Kind.values)
def test_a_job_deleted_meanwhile_is_no_error(db: None, sandbox: Sandbox, kind: str) -> None:
    tasks.run_jobs.apply(args=("blizzard", kind, [str(uuid4())], str(uuid4())), throw=True)
    assert sandbox.stats()["requests"] == 0


def test_only_temporary_errors_are_transient() -> None:
    assert Unavailable("/").is_transient
    assert RateLimited("/", retry_after=1).is_transient


def test_the_worker_goes_on_with_its_database_connection(stack: Stack) -> None:
    def connections() -> set[int]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            return {pid for (pid,) in cursor.fetchall()}

    def work() -> set[int]:
        for _ in range(20):
            current_app.send_task("sync.tasks.dispatch", queue="interactive")
        wait_until(lambda: "sync.tasks.dispatch" in stack.log() and connections())
        let_worker_finish()
        return connections()

    assert work() & work()
