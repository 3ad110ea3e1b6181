"""Malformed entries are left out and counted, their members stay, and the rest is applied."""

import copy
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from characters.models import Character, PlayableRace, Realm
from guilds.models import Guild, TimelineEvent
from sync.blizzard import game_data, payloads
from sync.blizzard.client import BlizzardClient
from sync.blizzard.fields import UnreadableEntry
from sync.engine.errors import BadPayload, NotFound, PayloadError
from sync.management.foreground import sync_account, sync_game_data, sync_guild
from sync.models import BlizzardJob
from tests.battlenet import Sandbox
from tests.sync.documents import ACCOUNT, REALM, ROSTER, Json
from tests.sync.ground_truth import our_roster, true_roster
from tests.sync.working import apply_roster

KETTLE = {"region": "eu", "realm_slug": "quillmarsh", "slug": "second-kettle"}
ROSTER_PATH = "/data/wow/guild/quillmarsh/second-kettle/roster"
DEFECTS: dict[str, Callable[[Json], object]] = {
    "no realm": lambda one: one.pop("realm"),
    "an empty name": lambda one: one.update(name=" "),
    "a level that is a float": lambda one: one.update(level=89.5),
    "an id of the wrong type": lambda one: one.update(id="5"),
    "a name that no table can hold": lambda one: one.update(name="Nesta\x00beth"),
    "half a character in its name": lambda one: one.update(name="Nesta\ud800beth"),
}


def roster_with(*changes: Any, of: int = 20) -> Json:
    """Return a roster of this size with changes to the first entries."""
    members = []
    for number in range(of):
        member: Any = copy.deepcopy(ROSTER["members"][0])
        member["character"] |= {"id": 100 + number, "name": f"Member {chr(97 + number)}"}
        members.append(member)
    for member, change in zip(members, changes, strict=False):
        change(member["character"])
    return ROSTER | {"members": members}


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_malformed_member_is_left_out_and_the_others_are_parsed(defect: str) -> None:
    roster = payloads.GuildRoster.from_json(roster_with(DEFECTS[defect]))
    assert (len(roster.members), len(roster.unreadable), roster.entries) == (19, 1, 20)


@pytest.mark.parametrize("broken", [None, 5, [], {}, {"character": None, "rank": 3}, {"rank": 1}])
def test_an_entry_without_name_and_id_is_anonymous(broken: Any) -> None:
    document = roster_with()
    document["members"][0] = broken
    (entry,) = payloads.GuildRoster.from_json(document).unreadable
    assert entry.is_anonymous


def test_a_document_with_more_than_a_tenth_of_malformed_entries_is_refused() -> None:
    defect = DEFECTS["no realm"]
    assert len(payloads.GuildRoster.from_json(roster_with(defect, defect)).unreadable) == 2
    with pytest.raises(PayloadError, match="3 of 20 members are malformed, the first: realm"):
        payloads.GuildRoster.from_json(roster_with(defect, defect, defect))


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (UnreadableEntry(id=5), True),
        (UnreadableEntry(id=5, realm_id=9, name="Other"), True),
        (UnreadableEntry(name="nestabeth"), True),
        (UnreadableEntry(realm_id=3701, name="Nestabeth"), True),
        (UnreadableEntry(realm_id=9, name="Nestabeth"), False),
        (UnreadableEntry(id=6), False),
        (UnreadableEntry(), True),
        (UnreadableEntry(realm_id=9), True),
    ],
)
def test_readable_parts_of_an_entry_identify_its_member(entry: UnreadableEntry, expected: bool) -> None:
    assert entry.can_be(id=5, realm_id=3701, name="Nestabeth") is expected


def test_malformed_entries_of_indexes_are_left_out() -> None:
    realms = game_data.realm_index({"realms": [*[REALM] * 10, {"id": "1"}]})
    assert (len(realms), realms.unreadable) == (10, 1)
    hrefs = [{"href": f"https://h/connected-realm/{number}"} for number in range(10)]
    ids = game_data.connected_realm_ids({"connected_realms": [*hrefs, {"href": "https://h/connected-realm/x"}]})
    assert (len(ids), ids.unreadable) == (10, 1)


def test_a_nameless_entry_keeps_its_member_by_the_id() -> None:
    """Battle.net's index has such entries, so they are no reason to refuse an account, however short."""
    account: Any = copy.deepcopy(ACCOUNT)
    account["wow_accounts"][0]["characters"][0]["name"] = ""
    profile = payloads.AccountProfile.from_json(account)
    assert profile.characters == ()
    assert profile.unreadable == (UnreadableEntry(id=5, realm_id=3701),)


@pytest.fixture
def guild(roster_of: Callable[..., Guild]) -> Guild:
    """Return a guild of 30 whose roster was synced once."""
    return roster_of("eu", "quillmarsh", "Second Kettle")


@pytest.fixture
def sync(battlenet: BlizzardClient, guild: Guild) -> Callable[[], Any]:
    """Sync the guild like a worker, whether or not Battle.net has changes."""

    def go() -> Any:
        Guild.objects.filter(pk=guild.pk).update(last_modified=None)
        return sync_guild(client=battlenet, guild=Guild.objects.select_related("realm").get(pk=guild.pk))

    return go


@pytest.mark.parametrize("defect", ["no_realm", "no_name", "empty_name", "float_level", "string_id", "null_id"])
def test_a_member_whose_entry_is_malformed_stays_and_the_others_are_up_to_date(
    guild: Guild, sandbox: Sandbox, sync: Callable[[], Any], defect: str
) -> None:
    before = our_roster(guild)
    sandbox.fault(path=ROSTER_PATH, body="malformed", defect=defect, entries=2)
    result = sync()
    assert (result.removed, result.unchanged) == (0, 28)
    assert our_roster(guild) == before
    assert not TimelineEvent.objects.filter(guild=guild).exists()
    entry = BlizzardJob.objects.get(guild=guild)
    assert (entry.state, entry.unreadable_entries) == (BlizzardJob.State.RESTING, 2)
    sandbox.clear_faults()
    sync_guild_outcome = sync()
    assert sync_guild_outcome.unchanged == 30
    assert BlizzardJob.objects.get(guild=guild).unreadable_entries == 0


def test_other_members_leave_and_change_ranks_despite_malformed_entries(
    guild: Guild, sandbox: Sandbox, sync: Callable[[], Any]
) -> None:
    leaver = Character.objects.filter(membership__guild=guild, membership__rank__gt=0).select_related("realm")[0]
    sandbox.mutate("leave", region="eu", realm_slug=leaver.realm.slug, name=leaver.name)
    sandbox.fault(path=ROSTER_PATH, body="malformed", defect="no_realm", entries=2)
    assert sync().removed == 1
    assert our_roster(guild) == true_roster(sandbox, guild)


def test_a_roster_with_many_malformed_entries_is_refused_whole(
    guild: Guild, sandbox: Sandbox, sync: Callable[[], Any]
) -> None:
    sandbox.fault(path=ROSTER_PATH, body="malformed", defect="float_level", entries=4)
    with pytest.raises(BadPayload, match="4 of 30"):
        sync()
    assert guild.memberships.count() == 30


def test_nobody_is_removed_while_an_entry_is_anonymous(
    guild: Guild, battlenet: BlizzardClient, sync: Callable[[], Any]
) -> None:
    roster: Any = battlenet.guild_roster("eu", "quillmarsh", "second-kettle").payload
    profile = battlenet.guild("eu", "quillmarsh", "second-kettle")
    short = replace(roster, members=roster.members[2:], unreadable=(UnreadableEntry(),))
    noon = datetime(2026, 11, 21, 12, tzinfo=UTC)
    for hours in range(3):
        apply_roster(guild=guild, profile=profile, roster=short, modified=noon + timedelta(hours=hours))
    assert guild.memberships.count() == 30
    apply_roster(guild=guild, profile=profile, roster=replace(short, unreadable=()), modified=noon + timedelta(days=1))
    assert guild.memberships.count() == 28


def test_a_corrected_roster_is_fetched_despite_the_same_last_modified(
    guild: Guild, battlenet: BlizzardClient, sandbox: Sandbox
) -> None:
    leaver = Character.objects.filter(membership__guild=guild, membership__rank__gt=0).select_related("realm")[0]
    roster: Any = battlenet.guild_roster("eu", "quillmarsh", "second-kettle")
    entry = UnreadableEntry(id=leaver.blizzard_id)
    apply_roster(
        guild=guild,
        profile=battlenet.guild("eu", "quillmarsh", "second-kettle"),
        roster=replace(roster.payload, unreadable=(entry,)),
        modified=roster.last_modified,
    )
    sandbox.forget_requests()
    sync_guild(client=battlenet, guild=Guild.objects.select_related("realm").get(pk=guild.pk))
    assert sandbox.stats()["by_status"] == {"200": 2}
    assert BlizzardJob.objects.get(guild=guild).unreadable_entries == 0


def test_the_sync_page_counts_the_entries_that_could_not_be_read(
    guild: Guild, sandbox: Sandbox, sync: Callable[[], Any], client: Client, people: Callable[[str], User]
) -> None:
    people("Olga")
    User.objects.filter(battletag__startswith="Olga").update(is_superuser=True, is_staff=True)
    client.force_login(people("Olga"))
    address = "/guilds/eu/quillmarsh/second-kettle/sync/"
    assert "could not be read" not in client.get(address).content.decode()
    sandbox.fault(path=ROSTER_PATH, body="malformed", defect="empty_name", entries=2)
    sync()
    assert "2 entries of the last roster could not be read." in client.get(address).content.decode()


def test_the_metrics_count_them(guild: Guild, client: Client, settings: Any) -> None:
    settings.METRICS_TOKEN = "a token of at least thirty-two characters"
    BlizzardJob.objects.filter(guild=guild).update(unreadable_entries=3)
    page = client.get("/metrics", headers={"Authorization": f"Bearer {settings.METRICS_TOKEN}"}).content.decode()
    assert 'guildsite_unreadable_entries{kind="roster",provider="blizzard"} 3.0' in page
    assert 'guildsite_unreadable_entries{kind="account",provider="blizzard"} 0.0' in page


@pytest.mark.parametrize("defect", ["no_realm", "empty_name", "float_level", "string_id", "null_id"])
def test_a_malformed_entry_of_the_account_releases_no_character(
    battlenet: BlizzardClient, sandbox: Sandbox, person: Callable[[str], User], game_data: None, defect: str
) -> None:
    raider = person("raider")
    sync_account(client=battlenet, user=raider, regions=["eu"])
    owned = set(Character.objects.of(raider).values_list("pk", flat=True))
    assert len(owned) > 10
    sandbox.fault(path="/profile/user/wow$", body="malformed", defect=defect, entries=1)
    synced = sync_account(client=battlenet, user=raider, regions=["eu"])
    assert synced.result.removed == 0
    assert set(Character.objects.of(raider).values_list("pk", flat=True)) == owned
    assert BlizzardJob.objects.get(user=raider, region="eu").unreadable_entries == 1


@pytest.mark.parametrize("fault", [{"status": 404}, {"body": "mistyped"}, {"body": "truncated"}])
def test_a_missing_race_does_not_block_a_regions_game_data(
    battlenet: BlizzardClient, sandbox: Sandbox, db: None, fault: dict[str, Any]
) -> None:
    sandbox.fault(path="/data/wow/playable-race/1$", **fault)
    sync_game_data(client=battlenet, region="eu")
    assert not PlayableRace.objects.filter(pk=1).exists()
    assert PlayableRace.objects.count() > 20
    assert not Realm.objects.filter(connected_realm_id=None).exists()
    entry = BlizzardJob.objects.get(region="eu")
    assert (entry.state, entry.unreadable_entries) == (BlizzardJob.State.RESTING, 1)


def test_a_missing_connected_realm_keeps_known_data_of_its_realms(
    game_data: None, battlenet: BlizzardClient, sandbox: Sandbox
) -> None:
    before = list(Realm.objects.order_by("pk").values())
    number = Realm.objects.get(region="eu", slug="tarn-hollow").connected_realm_id
    sandbox.fault(path=f"/data/wow/connected-realm/{number}$", status=404)
    result = sync_game_data(client=battlenet, region="eu")
    assert (result.created, result.updated) == (0, 0)
    assert list(Realm.objects.order_by("pk").values()) == before


def test_game_data_of_which_everything_is_missing_is_a_failure(
    battlenet: BlizzardClient, sandbox: Sandbox, db: None
) -> None:
    sandbox.fault(path="/data/wow/playable-race/[0-9]", status=404)
    with pytest.raises(NotFound):
        sync_game_data(client=battlenet, region="eu")
    assert not PlayableRace.objects.exists()
