"""The sync page: officers retry failures; players refresh data, but not too often."""

from collections.abc import Callable
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from characters.models import ProfileState
from guilds.models import Guild
from permissions.rights import EVERY_RIGHT
from sync.engine.refresh import PAUSE, TooSoon
from sync.models import BlizzardJob
from sync.wow import refresh as asking
from tests.battlenet import Sandbox
from tests.factories import add_members, make_job, member, night_watch, realm, token
from tests.html import text_of
from tests.personas import Personas
from tests.stack import Stack, wait_until
from tests.sync.ground_truth import our_roster, true_roster

State, Priority = BlizzardJob.State, BlizzardJob.Priority
SYNC = "/guilds/eu/tarren-mill/night-watch/sync/"
POSTS = [SYNC + "refresh/", SYNC + "retry/"]


@pytest.fixture(autouse=True)
def no_worker(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> list[Any]:
    """Collect what is sent to the workers; none is running."""
    sent: list[Any] = []
    if "stack" not in request.fixturenames:
        monkeypatch.setattr(
            "celery.Celery.send_task", lambda app, name, args, **options: sent.append((name, args, options))
        )
    return sent


@pytest.fixture
def officer(personas: Personas) -> Client:
    """Return the browser of Otis, who can refresh and nothing else."""
    personas.give_rights(2, "guilds.view", "guilds.refresh")
    return personas.browser("Otis")


def failures(guild: Guild, count: int, **fields: Any) -> list[BlizzardJob]:
    """Create failed jobs of characters in the guild."""
    add_members(guild, count)
    now = timezone.now()
    known: dict[str, Any] = {
        "error_kind": "unavailable",
        "error_text": "unavailable at /profile/wow/character/tarren-mill/x: HTTP 503",
        "http_status": 503,
        "tries": 6,
        "first_failed_at": now - timedelta(hours=5),
        "last_failed_at": now - timedelta(hours=4),
    }
    members = guild.memberships.exclude(
        character__in=BlizzardJob.objects.filter(kind="profile").values("character")
    ).select_related("character")
    return BlizzardJob.objects.bulk_create(
        BlizzardJob(kind="profile", character=one.character, state=State.FAILED, **known | fields)
        for one in members.filter(character__name__startswith="Soldier")
    )


# --- permissions ---


def test_the_page_needs_the_refresh_permission(personas: Personas) -> None:
    personas.give_rights(2, "guilds.view", "guilds.refresh")
    personas.give_rights(1, *EVERY_RIGHT - {"guilds.refresh"})
    expected = {"": 302, "Mara": 200, "Otis": 200, "Olga": 403, "Rolf": 403, "Nils": 404}
    assert {name: personas.browser(name).get(SYNC).status_code for name in expected} == expected


@pytest.mark.parametrize("address", POSTS)
def test_the_buttons_need_the_refresh_permission(personas: Personas, address: str) -> None:
    personas.give_rights(2, "guilds.view", "guilds.refresh")
    personas.give_rights(1, *EVERY_RIGHT - {"guilds.refresh"})
    (failed,) = failures(personas.guild, 1)
    for name, status in {"": 302, "Olga": 403, "Rolf": 403, "Nils": 404}.items():
        assert personas.browser(name).post(address, {"all": "all"}).status_code == status, name
    failed.refresh_from_db()
    assert failed.state == State.FAILED
    assert personas.browser("Otis").get(address)["Location"] == SYNC
    failed.refresh_from_db()
    assert failed.state == State.FAILED
    assert personas.browser("Otis").post(address, {"all": "all"})["Location"] == SYNC


def test_the_tab_is_shown_only_with_the_permission(personas: Personas) -> None:
    personas.give_rights(2, "guilds.view", "guilds.refresh")
    for name, shown in {"Otis": True, "Rolf": False}.items():
        page = personas.browser(name).get("/guilds/eu/tarren-mill/night-watch/").content.decode()
        assert (f'href="{SYNC}"' in page) is shown


# --- the page ---


def test_a_failure_is_listed_with_its_cause(personas: Personas, officer: Client) -> None:
    failures(personas.guild, 1)
    BlizzardJob.objects.filter(guild=personas.guild).update(
        state=State.FAILED, error_kind="bad_payload", http_status=200
    )
    page = text_of(officer.get(SYNC))
    assert "2 failures" in page
    assert page.index("Roster Battle.net's") < page.index("Soldier")
    assert "Roster Battle.net's answer could not be read (HTTP 200)." in page
    line = "Battle.net returned an error (HTTP 503). First 5 hours ago , last 4 hours ago , 6 tries"
    assert line in page
    assert "unavailable at /profile/wow/character/tarren-mill/x: HTTP 503" in page


def test_a_page_without_failures_says_so(officer: Client) -> None:
    assert "Failures No failures." in text_of(officer.get(SYNC))


def test_the_page_shows_data_freshness_and_queue(personas: Personas, officer: Client) -> None:
    add_members(personas.guild, 4)
    members = [one.character for one in personas.guild.memberships.select_related("character")]
    make_job(members[0], succeeded_at=timezone.now() - timedelta(days=3))
    make_job(members[1], "DUE", succeeded_at=None)
    make_job(members[2], "RUNNING")
    page = text_of(officer.get(SYNC))
    assert "The oldest data was checked 3 days ago . 1 of 3 has not been fetched yet." in page
    assert "1 waiting, 1 running" in page


def test_characters_that_battlenet_does_not_show_are_counted_apart(personas: Personas, officer: Client) -> None:
    add_members(personas.guild, 4)
    members = [one.character for one in personas.guild.memberships.filter(main_of=None).select_related("character")]
    for one, profile_state in zip(members, ProfileState, strict=True):
        one.profile_state = profile_state
        one.save()
        make_job(one, succeeded_at=None)
    page = text_of(officer.get(SYNC))
    assert "2 of 4 have not been fetched yet. 2 of 4 are not shown by Battle.net." in page


def test_the_page_shows_no_other_guilds_or_accounts(personas: Personas, officer: Client) -> None:
    other = night_watch(blizzard_id=2, name="Other Watch", slug="other-watch")
    stranger = member(other, "Stranger").character
    for subject in (stranger, other, personas["Mara"]):
        make_job(subject, "FAILED", error_kind="unavailable")
    assert "Failures No failures." in text_of(officer.get(SYNC))


def test_the_page_costs_the_same_with_10_failures_and_with_1000(personas: Personas, officer: Client) -> None:
    counts = []
    for more in (10, 990):
        failures(personas.guild, more)
        with CaptureQueriesContext(connection) as queries:
            page = officer.get(SYNC)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 14
    assert "1,000 failures" in text_of(page)
    assert page.content.decode().count('name="entry"') == 50
    assert "951–1,000 of 1,000" in text_of(officer.get(SYNC, {"page": 20}))


# --- retrying ---


def due() -> set[Any]:
    return set(BlizzardJob.objects.filter(state=State.DUE, tries=0).values_list("pk", flat=True))


def test_one_selected_or_all_failures_can_be_retried(personas: Personas, officer: Client) -> None:
    rows = [one.pk for one in failures(personas.guild, 6)]
    # The button of one row also submits other selected rows.
    officer.post(SYNC + "retry/", {"one": rows[0], "entry": [rows[4]]})
    assert due() == {rows[0]}
    page = officer.post(SYNC + "retry/", {"entry": rows[1:3]}, follow=True)
    assert due() == set(rows[:3])
    assert "Retrying 2 failures." in text_of(page)
    officer.post(SYNC + "retry/", {"all": "all"})
    assert due() == set(rows)
    assert not BlizzardJob.objects.filter(pk__in=rows).exclude(priority=Priority.HIGH).exists()


def test_jobs_of_other_guilds_and_accounts_are_not_retried(personas: Personas, officer: Client) -> None:
    other = night_watch(blizzard_id=2, name="Other Watch", slug="other-watch", realm=realm("oak"))
    theirs = [one.pk for one in failures(other, 2)]
    theirs += [make_job(other, "FAILED").pk, make_job(personas["Mara"], "FAILED").pk]
    region = BlizzardJob.objects.create(kind="game_data", region="eu", state=State.FAILED)
    page = officer.post(SYNC + "retry/", {"entry": [*theirs, region.pk]}, follow=True)
    assert "Nothing to retry" in text_of(page)
    officer.post(SYNC + "retry/", {"one": theirs[0]})
    officer.post(SYNC + "retry/", {"all": "all"})
    assert due() == set()


def test_jobs_that_did_not_fail_are_not_retried(personas: Personas, officer: Client) -> None:
    add_members(personas.guild, 1)
    rows = [make_job(one.character) for one in personas.guild.memberships.select_related("character")]
    officer.post(SYNC + "retry/", {"entry": [one.pk for one in rows]})
    assert due() == set()


@pytest.mark.parametrize("data", [{}, {"entry": "x"}, {"one": ""}, {"entry": ["'; --", "00000000"]}])
def test_invalid_forms_change_nothing(personas: Personas, officer: Client, data: dict[str, Any]) -> None:
    failures(personas.guild, 1)
    assert "Nothing to retry" in text_of(officer.post(SYNC + "retry/", data, follow=True))
    assert due() == set()


# --- refreshing ---


def test_the_roster_is_refreshed_immediately_and_interactively(
    personas: Personas, officer: Client, no_worker: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        page = officer.post(SYNC + "refresh/", follow=True)
    assert "The roster is being fetched." in text_of(page)
    row = BlizzardJob.objects.get(guild=personas.guild)
    assert no_worker == [
        ("sync.tasks.run_jobs", ("blizzard", "roster", (str(row.pk),), str(row.claim)), {"queue": "interactive"})
    ]
    assert row.state == State.QUEUED


def test_a_guild_can_be_refreshed_once_in_five_minutes(personas: Personas, officer: Client) -> None:
    officer.post(SYNC + "refresh/")
    BlizzardJob.objects.filter(guild=personas.guild).update(state=State.RESTING)
    # Another member of the same guild.
    page = personas.browser("Mara").post(SYNC + "refresh/", follow=True)
    assert "Refreshed a moment ago. You can refresh again in 4 min." in text_of(page)
    assert "Refresh roster" not in text_of(page)
    assert BlizzardJob.objects.get(guild=personas.guild).state == State.RESTING
    BlizzardJob.objects.filter(guild=personas.guild).update(refresh_requested_at=timezone.now() - PAUSE)
    assert "The roster is being fetched." in text_of(officer.post(SYNC + "refresh/", follow=True))


def test_a_roster_that_is_being_fetched_is_not_fetched_twice(
    personas: Personas, officer: Client, no_worker: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    BlizzardJob.objects.filter(guild=personas.guild).update(
        state=State.RUNNING, claimed_until=timezone.now() + timedelta(seconds=10)
    )
    with django_capture_on_commit_callbacks(execute=True):
        officer.post(SYNC + "refresh/")
    assert no_worker == []
    assert BlizzardJob.objects.get(guild=personas.guild).state == State.RUNNING


def test_two_simultaneous_refreshes_are_one(transactional_db: None, people: Callable[[str], User]) -> None:
    guild = night_watch()
    make_job(guild)
    came: list[str] = []

    def ask() -> None:
        try:
            asking.refresh_guild(guild=guild)
            came.append("asked")
        except TooSoon:
            came.append("too soon")
        finally:
            connection.close()

    threads = [Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(came) == ["asked", *["too soon"] * 5]


# --- own characters ---


@pytest.fixture
def rolf(personas: Personas) -> Client:
    token(personas["Rolf"])
    for region in ("us", "eu", "kr", "tw"):
        make_job(personas["Rolf"], region=region)
    return personas.browser("Rolf")


def test_a_player_can_refresh_their_own_list(
    personas: Personas, rolf: Client, no_worker: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    assert 'action="/characters/refresh/"' in rolf.get("/characters/").content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        page = rolf.post("/characters/refresh/", follow=True)
    assert "Your characters are being fetched." in text_of(page)
    person = personas["Rolf"]
    jobs = BlizzardJob.objects.filter(user=person).order_by("pk")
    assert set(jobs.values_list("region", flat=True)) == {"us", "eu", "kr", "tw"}
    sent = [
        ("sync.tasks.run_jobs", ("blizzard", "account", (str(one.pk),), str(one.claim)), {"queue": "interactive"})
        for one in jobs
    ]
    assert no_worker == sent


def test_a_player_cannot_refresh_repeatedly(rolf: Client) -> None:
    rolf.post("/characters/refresh/")
    BlizzardJob.objects.update(state=State.RESTING)
    assert "You can refresh again in 4 min." in text_of(rolf.post("/characters/refresh/", follow=True))


def test_without_a_token_the_player_is_told_to_sign_in(personas: Personas) -> None:
    make_job(personas["Rolf"])
    rolf = personas.browser("Rolf")
    assert 'action="/characters/refresh/"' not in rolf.get("/characters/").content.decode()
    assert "Sign in again first" in text_of(rolf.post("/characters/refresh/", follow=True))
    assert set(BlizzardJob.objects.filter(user=personas["Rolf"]).values_list("state")) == {(State.RESTING,)}


def test_visitors_have_no_list_and_a_get_changes_nothing(personas: Personas, rolf: Client) -> None:
    assert Client().post("/characters/refresh/").status_code == 302
    assert rolf.get("/characters/refresh/")["Location"] == "/characters/"
    assert set(BlizzardJob.objects.filter(user=personas["Rolf"]).values_list("state")) == {(State.RESTING,)}


def test_a_refresh_fetches_current_data(stack: Stack, sandbox: Sandbox, sign_in: Any, client: Client) -> None:
    sign_in("guildmaster")
    wait_until(lambda: Guild.objects.filter(last_synced_at__isnull=False).exists())
    guild = Guild.objects.select_related("realm").get()
    entry = BlizzardJob.objects.filter(guild=guild, state=State.RESTING)
    before = wait_until(entry.first).succeeded_at  # type: ignore[union-attr]
    sandbox.advance(1)
    address = f"/guilds/{guild.region}/{guild.realm.slug}/{guild.slug}/sync/refresh/"
    assert "The roster is being fetched." in text_of(client.post(address, follow=True))
    wait_until(lambda: entry.filter(succeeded_at__gt=before).exists())
    guild.refresh_from_db()
    assert our_roster(guild) == true_roster(sandbox, guild)
