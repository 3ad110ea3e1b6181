"""Profiles follow Battle.net, including hidden characters and those shown again."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from characters.models import Character, ProfileState, Role
from guilds.models import Guild
from sync.blizzard.client import BlizzardClient
from sync.blizzard.payloads import CharacterSummary
from sync.engine.result import SyncResult
from sync.management.foreground import sync_account, sync_characters, sync_guild
from sync.models import BlizzardJob
from sync.wow import columns
from sync.wow.characters import PROFILE_VERSION, ProfilesResult, fetch_character, is_due_in_full
from tests.battlenet import Sandbox
from tests.sync.documents import CHARACTER
from tests.sync.ground_truth import address_in_sandbox, our_details, true_details
from tests.sync.working import apply_characters

pytestmark = pytest.mark.django_db


@pytest.fixture
def guild(roster_of: Callable[..., Guild], game_data: None) -> Guild:
    """Return a guild of 30 whose roster was synced once."""
    return roster_of("eu", "quillmarsh", "Second Kettle")


@pytest.fixture
def sync_all(battlenet: BlizzardClient) -> Callable[[], ProfilesResult]:
    """Fetch the profiles of all characters."""

    def go() -> ProfilesResult:
        characters = list(Character.objects.select_related("realm").order_by("name"))
        return sync_characters(client=battlenet, characters=characters)

    return go


def shown() -> Character:
    """Return a character with a visible profile."""
    return Character.objects.select_related("realm").filter(profile_state=ProfileState.VISIBLE).order_by("name")[0]


def rows_and_check_times() -> tuple[list[dict[str, Any]], list[datetime]]:
    """Return all columns of all characters, and when the profiles were checked of those that Battle.net shows."""
    rows: list[dict[str, Any]] = [dict(row) for row in Character.objects.order_by("pk").values()]
    jobs = BlizzardJob.objects.filter(kind=BlizzardJob.Kind.PROFILE).order_by("character")
    checked_at = jobs.values_list("succeeded_at", flat=True)
    return rows, [one for one in checked_at if one is not None]


def test_a_304_writes_only_the_job(guild: Guild, sync_all: Callable[[], ProfilesResult], sandbox: Sandbox) -> None:
    first = sync_all().result
    rows = rows_and_check_times()
    hidden = Character.objects.exclude(profile_state=ProfileState.VISIBLE).count()
    sandbox.reset()
    assert sync_all().result == SyncResult(unchanged=30)
    stats = sandbox.stats()["by_status"]
    assert stats.pop("304") == 30 - hidden
    assert sum(stats.values()) == hidden
    again = rows_and_check_times()
    assert again[0] == rows[0]
    assert all(after > before for before, after in zip(rows[1], again[1], strict=True))
    assert len(again[1]) == 30 - hidden
    assert first.updated == 30 - hidden
    assert our_details(guild) == true_details(sandbox, guild)


def age(**passed: float) -> None:
    """Let time pass since every profile was fetched in full."""
    Character.objects.update(last_synced_at=F("last_synced_at") - timedelta(**passed))


def test_after_a_week_of_304s_every_profile_is_fetched_in_full_on_its_own_day(
    guild: Guild, sync_all: Callable[[], ProfilesResult], sandbox: Sandbox
) -> None:
    sync_all()
    visible = Character.objects.filter(profile_state=ProfileState.VISIBLE)
    visible.update(gender="")  # as in a row without the columns that only a full response fills
    now = timezone.now()
    in_a_week = [now + timedelta(days=day) for day in range(8)]
    days = [next(day for day in in_a_week if is_due_in_full(one, day)) for one in visible]
    assert len(set(days)) >= 4, "spread over the week"
    age(days=7)
    sandbox.reset()
    assert sync_all().result.updated == visible.count()
    assert "304" not in sandbox.stats()["by_status"]
    assert not visible.filter(gender="").exists()
    sandbox.reset()
    assert sync_all().result.updated == 0
    assert sandbox.stats()["by_status"]["304"] == visible.count()


def test_profiles_from_before_a_new_column_are_fetched_in_full(
    guild: Guild, sync_all: Callable[[], ProfilesResult], sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync_all()
    monkeypatch.setattr("sync.wow.characters.PROFILE_VERSION", PROFILE_VERSION + 1)
    for expected in (False, True):
        sandbox.reset()
        sync_all()
        assert ("304" in sandbox.stats()["by_status"]) is expected


def test_new_detail_columns_need_a_new_version() -> None:
    """Add a new field here, and raise PROFILE_VERSION."""
    known = {
        1: {
            *("level", "playable_class_id", "playable_race_id", "gender", "faction", "active_spec_id", "role"),
            *("average_item_level", "equipped_item_level", "last_login_at", "profile_state"),
        },
    }
    summary = CharacterSummary.from_json(CHARACTER)
    assert set(columns.of_summary(Character(), summary, None)) == known[PROFILE_VERSION]


@pytest.mark.smoke
def test_a_new_specialization_and_better_gear_are_stored(
    guild: Guild, sync_all: Callable[[], ProfilesResult], sandbox: Sandbox
) -> None:
    sync_all()
    one = shown()
    sandbox.mutate("spec", **address_in_sandbox(one), spec_id=None)
    sandbox.mutate("gear", **address_in_sandbox(one), average_item_level=333, equipped_item_level=330)
    assert sync_all().result == SyncResult(updated=1, unchanged=29)
    one.refresh_from_db()
    assert (one.active_spec, one.role, one.average_item_level, one.equipped_item_level) == (
        None,
        Role.UNKNOWN,
        333,
        330,
    )
    assert our_details(guild) == true_details(sandbox, guild)


def test_a_login_is_stored(guild: Guild, sync_all: Callable[[], ProfilesResult], sandbox: Sandbox) -> None:
    sync_all()
    one = shown()
    sandbox.mutate("login", **address_in_sandbox(one))
    assert sync_all().result == SyncResult(updated=1, unchanged=29)
    after = Character.objects.get(pk=one.pk)
    assert after.last_login_at == after.last_modified != one.last_login_at


def test_a_character_hidden_for_a_while_is_shown_again(
    guild: Guild, sync_all: Callable[[], ProfilesResult], sandbox: Sandbox
) -> None:
    """Even if nothing changed meanwhile, so that a conditional request would get a 304."""
    sync_all()
    one = shown()
    for status, state in ((404, ProfileState.NOT_FOUND), (403, ProfileState.FORBIDDEN)):
        sandbox.fault(path=f"/profile/wow/character/{one.realm.slug}/{one.name.lower()}", status=status)
        result = sync_all().result
        one.refresh_from_db()
        assert (result.failed, one.profile_state) == (0, state)
        entry = BlizzardJob.objects.get(character=one)
        assert (entry.state, entry.http_status) == (BlizzardJob.State.RESTING, status)
        sandbox.clear_faults()
        sync_all()
        one.refresh_from_db()
        assert one.profile_state == ProfileState.VISIBLE
        assert BlizzardJob.objects.get(character=one).error_kind == ""


def test_one_bad_character_does_not_stop_the_others(
    guild: Guild, sync_all: Callable[[], ProfilesResult], sandbox: Sandbox
) -> None:
    one = Character.objects.select_related("realm").filter(level__gt=30).order_by("name")[0]
    sandbox.fault(path=f"/profile/wow/character/{one.realm.slug}/{one.name.lower()}", body="truncated")
    result = sync_all().result
    assert (result.failed, result.updated + result.unchanged) == (1, 29)
    entry = BlizzardJob.objects.get(character=one)
    assert (entry.state, entry.error_kind, entry.http_status) == (BlizzardJob.State.DUE, "bad_payload", 200)
    assert BlizzardJob.objects.exclude(character=one).filter(state=BlizzardJob.State.DUE).count() == 0


def test_a_response_overtaken_by_a_rename_is_dropped_and_fetched_again(
    guild: Guild, battlenet: BlizzardClient, sandbox: Sandbox
) -> None:
    one = Character.objects.select_related("realm").filter(level__gt=30).order_by("name")[0]
    late = fetch_character(battlenet, one)
    sandbox.mutate("rename", **address_in_sandbox(one), new_name="Schneller")
    sync_guild(client=battlenet, guild=guild)
    BlizzardJob.objects.update(state=BlizzardJob.State.RUNNING)
    assert apply_characters([late]).result == SyncResult()
    one.refresh_from_db()
    assert (one.name, one.profile_state) == ("Schneller", ProfileState.UNKNOWN)
    assert BlizzardJob.objects.get(character=one).state == BlizzardJob.State.DUE


def test_the_number_of_statements_does_not_depend_on_the_size_of_the_batch(
    roster_of: Callable[..., Guild], game_data: None, battlenet: BlizzardClient
) -> None:
    roster_of("eu", "hüter-des-moors", "Moorlichter")
    characters = list(Character.objects.filter(level=90).select_related("realm"))
    fetched = [one for one in (fetch_character(battlenet, each) for each in characters) if one.error is None]
    counts = []
    for batch in (fetched[:3], fetched[3:]):
        with CaptureQueriesContext(connection) as captured:
            apply_characters(batch)
        counts.append(len(captured))
    assert len(fetched) > 20
    assert counts[0] == counts[1] < 20


@pytest.fixture
def social(person: Callable[[str], User], battlenet: BlizzardClient) -> User:
    """Create a player with two characters in the demo guild, without a synced roster."""
    user = person("social")
    sync_account(client=battlenet, user=user)
    return user


def test_a_players_character_makes_its_guild_known_and_its_roster_due(
    social: User, sync_all: Callable[[], ProfilesResult]
) -> None:
    applied = sync_all()
    guild = Guild.objects.get()
    assert guild.slug == "gravel-orchard"
    assert applied.guild_ids == {guild.pk}
    assert BlizzardJob.objects.get(guild=guild).state == BlizzardJob.State.DUE


def test_a_recently_confirmed_roster_is_not_due_again(
    social: User, sync_all: Callable[[], ProfilesResult], battlenet: BlizzardClient, sandbox: Sandbox
) -> None:
    """Even if the last response was a 304."""
    sync_all()
    guild = Guild.objects.select_related("realm").get()
    sync_guild(client=battlenet, guild=guild)

    def wanted_after_a_login() -> Any:
        for one in Character.objects.of(social).select_related("realm"):
            sandbox.mutate("gear", **address_in_sandbox(one), average_item_level=(one.average_item_level or 0) + 1)
        characters = Character.objects.of(social).select_related("realm")
        return sync_characters(client=battlenet, characters=list(characters)).guild_ids

    assert wanted_after_a_login() == set()
    for guilds_are_old in (True, False):
        long_ago = timezone.now() - timedelta(hours=3)
        Guild.objects.update(last_synced_at=long_ago, roster_checked_at=long_ago)
        if not guilds_are_old:
            guild.refresh_from_db()
            Guild.objects.update(last_modified=timezone.now() + timedelta(days=1))
            guild.refresh_from_db()
            sync_guild(client=battlenet, guild=guild)
            assert sandbox.stats()["by_status"]["304"] == 1
        assert wanted_after_a_login() == ({guild.pk} if guilds_are_old else set())
