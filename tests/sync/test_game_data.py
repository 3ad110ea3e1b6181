"""Game data: classes, races, specializations and realms, before or after characters that point to them."""

from collections.abc import Callable
from typing import Any

import pytest
import requests
from django.utils import timezone

from characters.models import Character, Faction, PlayableClass, PlayableRace, Realm, Role, Specialization
from guilds.models import Guild
from sync.blizzard.client import BlizzardClient
from sync.engine import claims
from sync.engine.errors import Unavailable
from sync.engine.result import SyncResult
from sync.management.foreground import sync_characters, sync_game_data
from sync.models import BlizzardJob
from sync.wow.receivers import open_regions
from tests.battlenet import Sandbox
from tests.sync.ground_truth import our_roster, true_roster

pytestmark = pytest.mark.django_db

REGIONS = ("us", "eu", "kr", "tw")


def test_the_game_data_of_all_regions_is_complete(battlenet: BlizzardClient, sandbox: Sandbox) -> None:
    for number, region in enumerate(REGIONS):
        sync_game_data(client=battlenet, region=region, realms_only=number > 0)
    counts = {model.__name__: model.objects.count() for model in (PlayableClass, PlayableRace, Specialization)}
    stats = sandbox.stats()["by_endpoint"]
    assert counts["PlayableClass"] == 13
    assert counts["PlayableRace"] == stats["playable-race"]
    assert counts["Specialization"] == stats["playable-specialization"]
    assert set(Realm.objects.values_list("region", flat=True)) == set(REGIONS)
    assert not Realm.objects.filter(connected_realm_id=None).exists()
    assert not Realm.objects.filter(name="").exists()
    assert BlizzardJob.objects.filter(kind=BlizzardJob.Kind.GAME_DATA, state=BlizzardJob.State.RESTING).count() == 4


def test_races_with_the_same_name_differ_in_faction(game_data: None) -> None:
    pandaren = dict(PlayableRace.objects.filter(name="Pandaren").values_list("id", "faction"))
    assert pandaren == {24: Faction.NEUTRAL, 25: Faction.ALLIANCE, 26: Faction.HORDE}
    assert not PlayableRace.objects.filter(faction="").exists()


def test_specializations_have_a_role_and_a_class(game_data: None) -> None:
    roles = dict(Specialization.objects.values_list("id", "role"))
    assert (roles[66], roles[65], roles[70]) == (Role.TANK, Role.HEALER, Role.DAMAGE)
    assert roles[1473] == Role.DAMAGE  # Augmentation
    assert Role.UNKNOWN not in roles.values()
    assert not Specialization.objects.filter(playable_class=None).exists()


def test_connected_realms_share_an_id_that_may_be_no_realms(game_data: None, sandbox: Sandbox) -> None:
    home = Realm.objects.get(region="eu", slug="tarn-hollow")
    together = Realm.objects.filter(connected_realm_id=home.connected_realm_id)
    members = {one["realm_id"] for one in sandbox.members(sandbox.demo_guild())}
    assert members <= set(together.values_list("id", flat=True))


def test_a_second_sync_changes_nothing(game_data: None, battlenet: BlizzardClient) -> None:
    def rows() -> list[Any]:
        return [
            list(model._default_manager.order_by("id").values())
            for model in (PlayableClass, PlayableRace, Specialization, Realm)
        ]

    before = rows()
    result = sync_game_data(client=battlenet, region="eu")
    assert (result.created, result.updated) == (0, 0)
    assert result.unchanged == sum(map(len, before))
    assert [[{**row, "updated_at": None} for row in table] for table in rows()] == [
        [{**row, "updated_at": None} for row in table] for table in before
    ]
    assert rows() == before  # not even the time of the last update


def test_changed_game_data_is_corrected(game_data: None, battlenet: BlizzardClient) -> None:
    PlayableRace.objects.filter(pk=1).update(faction="", name="")
    Realm.objects.filter(slug="tarn-hollow").delete()
    result = sync_game_data(client=battlenet, region="eu")
    assert (result.created, result.updated) == (1, 1)
    assert PlayableRace.objects.get(pk=1).faction == Faction.ALLIANCE


def test_a_failure_leaves_everything_as_it_was_and_is_noted_in_the_job(
    battlenet: BlizzardClient, sandbox: Sandbox
) -> None:
    sandbox.fault(path="/data/wow/playable-specialization/250$", status=503)
    with pytest.raises(Unavailable):
        sync_game_data(client=battlenet, region="eu")
    assert not Realm.objects.exists()
    entry = BlizzardJob.objects.get(region="eu")
    assert (entry.state, entry.error_kind, entry.http_status) == (BlizzardJob.State.DUE, "unavailable", 503)


def test_members_of_an_unknown_race_on_unknown_realms_are_not_lost(
    roster_of: Callable[..., Guild], sandbox: Sandbox
) -> None:
    assert not PlayableRace.objects.exists()
    guild = roster_of()
    assert our_roster(guild) == true_roster(sandbox, guild)
    assert set(PlayableRace.objects.values_list("name", "faction")) == {("", "")}


def test_the_role_is_corrected_when_the_specialization_becomes_known(
    roster_of: Callable[..., Guild], battlenet: BlizzardClient, sandbox: Sandbox
) -> None:
    guild = roster_of("eu", "quillmarsh", "Second Kettle")
    members = Character.objects.filter(membership__guild=guild).select_related("realm")
    sync_characters(client=battlenet, characters=list(members))
    assert set(members.values_list("role", flat=True)) == {Role.UNKNOWN}
    sync_game_data(client=battlenet, region="eu")
    truth = {
        one["name"]: (one["profile"] == 200 and one["role"]) or Role.UNKNOWN
        for one in sandbox.members({"region": "eu", "realm_slug": "quillmarsh", "slug": "second-kettle"})
    }
    assert dict(members.values_list("name", "role")) == truth
    assert len(set(truth.values())) > 2


def test_results_add_up() -> None:
    total = SyncResult.total([SyncResult(created=1, failed=2), SyncResult(created=3, unchanged=4)])
    assert total == SyncResult(created=4, unchanged=4, failed=2)


def test_the_sandbox_counts_requests(battlenet: BlizzardClient, sandbox: Sandbox) -> None:
    """Guards the other tests, which rely on these counts."""
    battlenet.realms("eu")
    assert requests.get(f"{sandbox.url}/_sandbox/stats", timeout=5).json()["by_endpoint"] == {"realm-index": 1}


def test_game_data_of_every_region_is_due_after_the_first_start(sandbox: Sandbox, settings: Any) -> None:
    settings.BLIZZARD_REGIONS = ("eu",)
    open_regions()
    BlizzardJob.objects.update(state=BlizzardJob.State.RESTING, next_due_at=None)
    settings.BLIZZARD_REGIONS = REGIONS
    for _ in range(2):
        open_regions()
    entries = {one.region: one for one in BlizzardJob.objects.all()}
    assert set(entries) == set(REGIONS)
    assert entries["eu"].state == BlizzardJob.State.RESTING, "what is known already keeps its place"
    assert claims.claim_due(BlizzardJob.objects.all(), 10) == [], "the operator can fetch them first"
    BlizzardJob.objects.update(next_due_at=timezone.now())
    assert {one.region for one in claims.claim_due(BlizzardJob.objects.all(), 10)} == {"us", "kr", "tw"}
