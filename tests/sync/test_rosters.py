"""A guild's roster is stored as Battle.net lists it, with a constant number of statements."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import requests
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from characters.models import Character
from guilds.models import Guild, TimelineEvent
from sync.blizzard.client import BlizzardClient
from sync.engine.errors import BadPayload
from sync.engine.rate_limiter import Lane
from sync.engine.result import SyncResult
from sync.management.foreground import sync_characters, sync_game_data, sync_guild
from sync.models import BlizzardJob
from sync.wow.guilds import find_guild
from sync.wow.provider import client_for
from tests.battlenet import MEMBERS, Sandbox, start_sandbox
from tests.snapshot import Snapshot
from tests.sync.ground_truth import our_details, our_roster, true_details, true_roster

pytestmark = pytest.mark.django_db

SECOND_KETTLE = ("eu", "quillmarsh", "Second Kettle")
TIN_MERIDIAN = ("us", "copper-fen", "Tin Meridian")
RosterOf = Callable[..., Guild]


@pytest.fixture
def rosters() -> defaultdict[str, Snapshot[UUID]]:
    """Copy no roster: these tests are about syncing it."""
    return defaultdict(lambda: Snapshot(lifetime=timedelta(0)))


@pytest.fixture
def fast_sandbox(monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox, full_sandbox: Sandbox) -> Iterator[Sandbox]:
    """Use a sandbox with a guild of 1,000, and with higher rate limits, so that tests don't wait."""
    full_sandbox.reset(world=True)
    monkeypatch.setattr(settings, "BLIZZARD_OAUTH_URL", full_sandbox.url)
    monkeypatch.setattr(settings, "BLIZZARD_API_URL", full_sandbox.url)
    monkeypatch.setattr(settings, "BLIZZARD_RATE_PER_SECOND", 2000)
    client_for.cache_clear()
    yield full_sandbox
    client_for.cache_clear()


@pytest.fixture(scope="module")
def full_sandbox() -> Iterator[Sandbox]:
    process, sandbox = start_sandbox("--rate-per-second", "5000", "--rate-per-hour", "1000000")
    yield sandbox
    process.terminate()
    process.wait(10)
    process.stdout.close()  # type: ignore[union-attr]


def test_a_thousand_members_match_the_ground_truth(game_data: None, fast_sandbox: Sandbox) -> None:
    """All members of a large guild, field by field."""
    client = client_for(Lane.INTERACTIVE)
    guild = find_guild(client=client, region="eu", realm_slug="tarn-hollow", name="Gravel Orchard")
    sync_guild(client=client, guild=guild)
    members = list(Character.objects.filter(membership__guild=guild).select_related("realm"))
    result = sync_characters(client=client, characters=members).result
    ours, truth = our_details(guild), true_details(fast_sandbox, guild)
    differing = ours ^ truth
    print(
        f"\n{len(truth)} members in the sandbox, {len(ours)} in PostgreSQL, {len(differing)} lines differ"
        f" in {len(next(iter(truth)))} columns; {fast_sandbox.stats()['requests']} requests"
    )
    assert len(truth) == 1000
    assert differing == set()
    assert result.failed == 0
    assert {line[-1] for line in ours} == {"VISIBLE", "FORBIDDEN", "NOT_FOUND"}


@pytest.mark.smoke
def test_the_guild_is_stored(roster_of: RosterOf, sandbox: Sandbox) -> None:
    guild, truth = roster_of(), sandbox.demo_guild()
    assert (guild.blizzard_id, guild.name, guild.slug) == (truth["id"], truth["name"], truth["slug"])
    assert (guild.member_count, guild.faction) == (MEMBERS, "ALLIANCE")
    assert guild.crest["emblem"]["color"].keys() == set("rgba")
    assert guild.founded_at is not None


@pytest.mark.parametrize(
    ("region", "realm_slug", "name"),
    [
        ("eu", "severny-brod", "Янтарный Улей"),
        ("eu", "veillée-dardoise", "Étoile Grise"),
        ("kr", "eunbitnaru", "달빛 목공소"),
        ("tw", "mistwick-vale", "霧中茶館"),
    ],
)
def test_rosters_in_every_script_match_the_ground_truth(
    roster_of: RosterOf, sandbox: Sandbox, region: str, realm_slug: str, name: str
) -> None:
    guild = roster_of(region, realm_slug, name)
    assert our_roster(guild) == true_roster(sandbox, guild)


def test_members_with_the_same_name_on_connected_realms_are_separate(roster_of: RosterOf) -> None:
    guild = roster_of()
    names = list(Character.objects.filter(membership__guild=guild).values_list("name", flat=True))
    assert len(names) == MEMBERS
    assert len(names) - len(set(names)) >= 5


def test_characters_with_the_same_id_are_separate(roster_of: RosterOf, sandbox: Sandbox) -> None:
    one = roster_of()
    other = roster_of("eu", "veillée-dardoise", "Étoile Grise")
    shared = {line[0] for line in our_roster(one)} & {line[0] for line in our_roster(other)}
    assert len(shared) == 1
    for _ in range(2):
        sandbox.mutate("login", **order_of_any(sandbox, other))
        assert our_roster(roster_of("eu", "veillée-dardoise", "Étoile Grise")) == true_roster(sandbox, other)
        assert our_roster(one) == true_roster(sandbox, one)


def order_of_any(sandbox: Sandbox, guild: Guild) -> dict[str, str]:
    member = sandbox.members({"region": guild.region, "realm_slug": guild.realm.slug, "slug": guild.slug})[0]
    return {key: member[key] for key in ("region", "realm_slug", "name")}


def test_an_unchanged_roster_costs_one_request_and_writes_the_job_and_when_it_was_checked_only(
    roster_of: RosterOf, battlenet: BlizzardClient, sandbox: Sandbox
) -> None:
    guild = roster_of(*SECOND_KETTLE)
    row: dict[str, Any] = dict(Guild.objects.values().get())
    checked_before = row.pop("roster_checked_at")
    sandbox.reset()
    assert sync_guild(client=battlenet, guild=guild) == SyncResult(unchanged=30)
    assert sandbox.stats()["by_status"] == {"304": 1}
    row_now: dict[str, Any] = dict(Guild.objects.values().get())
    assert row_now.pop("roster_checked_at") > checked_before
    assert row_now == row
    job = BlizzardJob.objects.get(guild=guild)
    assert job.succeeded_at is not None
    assert job.changed_at is not None
    assert job.succeeded_at > job.changed_at


@pytest.mark.parametrize(
    ("times", "most"), [("first", 30), ("not modified", 12), ("unchanged", 12), ("everything changed", 17)]
)
def test_the_number_of_statements_does_not_depend_on_the_size_of_the_guild(
    game_data: None, fast_sandbox: Sandbox, times: str, most: int
) -> None:
    client, counts = client_for(Lane.INTERACTIVE), {}
    sync_game_data(client=client, region="us", realms_only=True)
    for size, address in ((10, SECOND_KETTLE), (100, TIN_MERIDIAN), (1000, ("eu", "tarn-hollow", "Gravel Orchard"))):
        region, realm_slug, name = address
        guild = find_guild(client=client, region=region, realm_slug=realm_slug, name=name)
        shrink(fast_sandbox, guild, size)
        if times != "first":
            sync_guild(client=client, guild=guild)
        if times == "unchanged":
            Guild.objects.filter(pk=guild.pk).update(last_modified=None)
        if times == "everything changed":
            change_everybody(fast_sandbox, guild)
        guild = Guild.objects.select_related("realm").get(pk=guild.pk)
        fast_sandbox.reset()
        with CaptureQueriesContext(connection) as captured:
            result = sync_guild(client=client, guild=guild)
        counts[size] = len(captured)
        changed = {"first": SyncResult(created=size), "everything changed": SyncResult(updated=size)}
        assert result == changed.get(times, SyncResult(unchanged=size))
        requests_sent = {"guild-roster": 1} if times == "not modified" else {"guild-roster": 1, "guild": 1}
        assert fast_sandbox.stats()["by_endpoint"] == requests_sent
        assert our_roster(guild) == true_roster(fast_sandbox, guild)
    print(f"\nstatements of a sync ({times}), by size of the guild: {counts}")
    assert len(set(counts.values())) == 1
    assert counts[10] <= most


def shrink(sandbox: Sandbox, guild: Guild, size: int) -> None:
    """Let members leave until this many are left."""
    for member in members_of(sandbox, guild)[size:]:
        sandbox.mutate("leave", **{key: member[key] for key in ("region", "realm_slug", "name")})


def change_everybody(sandbox: Sandbox, guild: Guild) -> None:
    """Change the rank of all but the guild master, and the level of all."""
    for member in members_of(sandbox, guild):
        address = {key: member[key] for key in ("region", "realm_slug", "name")}
        sandbox.mutate("level", **address, level=member["level"] % 90 + 1)
        if member["rank"] > 0:
            sandbox.mutate("rank", **address, rank=member["rank"] % 9 + 1)


def members_of(sandbox: Sandbox, guild: Guild) -> list[Any]:
    """Return the ground truth about members, best ranks first."""
    address = {"region": guild.region, "realm_slug": guild.realm.slug, "slug": guild.slug}
    return sorted(sandbox.members(address), key=lambda one: int(one["rank"]))


@pytest.mark.smoke
def test_the_first_roster_writes_no_timeline(roster_of: RosterOf) -> None:
    guild = roster_of(*SECOND_KETTLE)
    assert not TimelineEvent.objects.exists()
    assert set(guild.memberships.values_list("joined_seen_at", flat=True)) == {None}


@pytest.mark.parametrize(
    "form", [{"faction": False}, {"character_key": False}, {"faction": False, "character_key": False}]
)
def test_older_forms_of_a_roster_are_supported(
    roster_of: RosterOf, battlenet: BlizzardClient, sandbox: Sandbox, form: dict[str, bool]
) -> None:
    requests.post(f"{sandbox.url}/_sandbox/roster_form", json=form, timeout=5).raise_for_status()
    guild = roster_of(*SECOND_KETTLE)
    truth = true_roster(sandbox, guild)
    expected = truth if form.get("faction", True) else {(*line[:-1], "") for line in truth}
    assert our_roster(guild) == expected
    requests.post(f"{sandbox.url}/_sandbox/roster_form", json={}, timeout=5).raise_for_status()
    sync_guild(client=battlenet, guild=guild)
    assert our_roster(guild) == truth


def test_a_known_faction_is_kept_with_an_older_form(
    roster_of: RosterOf, battlenet: BlizzardClient, sandbox: Sandbox
) -> None:
    guild = roster_of(*SECOND_KETTLE)
    requests.post(f"{sandbox.url}/_sandbox/roster_form", json={"faction": False}, timeout=5).raise_for_status()
    result = sync_guild(client=battlenet, guild=guild)
    assert result == SyncResult(unchanged=30)
    assert our_roster(guild) == true_roster(sandbox, guild)


def test_a_broken_roster_changes_nothing(roster_of: RosterOf, battlenet: BlizzardClient, sandbox: Sandbox) -> None:
    guild = roster_of(*SECOND_KETTLE)
    before = our_roster(guild)
    sandbox.mutate("leave", **order_of_any(sandbox, guild))
    for body in ("truncated", "mistyped", "empty", "html"):
        sandbox.fault(path="/data/wow/guild/quillmarsh/second-kettle/roster", body=body)
        with pytest.raises(BadPayload):
            sync_guild(client=battlenet, guild=guild)
        sandbox.clear_faults()
        assert our_roster(guild) == before
    assert BlizzardJob.objects.get(guild=guild).error_kind == "bad_payload"
    sync_guild(client=battlenet, guild=guild)
    assert our_roster(guild) == true_roster(sandbox, guild) != before
