"""Freed names: taking one gives neither the permissions nor the notes of its previous owner."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.reauthentication import mark_reauthenticated
from characters.models import Character, Faction
from guilds.models import Guild, Membership, OfficerNote, TimelineEvent
from sync.blizzard.client import BlizzardClient
from sync.management.foreground import sync_account, sync_guild
from sync.models import BlizzardJob
from tests.battlenet import Sandbox
from tests.personas import BACKEND
from tests.sync.ground_truth import address_in_sandbox, our_roster, true_roster
from tests.sync.working import apply_roster

pytestmark = pytest.mark.django_db

NOTE = "Banks the gold."
READS, HAS_NO_RIGHT, KNOWS_OF_NO_GUILD = 200, 403, 404


@dataclass
class World:
    """The demo guild, the sandbox, and players who sign in."""

    guild: Guild
    sandbox: Sandbox
    battlenet: BlizzardClient
    person: Callable[[str], User]

    def sign_in(self, persona: str) -> Client:
        """Return the browser of a player whose characters were fetched."""
        user = self.person(persona)
        sync_account(client=self.battlenet, user=user, regions=["eu"])
        browser = Client()
        browser.force_login(user, BACKEND)
        session = browser.session
        mark_reauthenticated(session)
        session.save()
        return browser

    def sync_roster(self) -> None:
        """Sync the next roster, and assert that our tables match the ground truth."""
        sync_guild(client=self.battlenet, guild=Guild.objects.select_related("realm").get(pk=self.guild.pk))
        assert our_roster(self.guild) == true_roster(self.sandbox, self.guild)

    def give_name_to_stranger(self, name_of: Character, **details: Any) -> None:
        """Create a character with the freed name and the same properties."""
        looks = {
            "class_id": name_of.playable_class_id,
            "race_id": name_of.playable_race_id,
            "faction": name_of.faction,
            "level": name_of.level,
        }
        self.sandbox.mutate(
            "create_character", **address_in_sandbox(name_of), **{**looks, **details}, persona="newcomer"
        )

    def roster_is_requested(self) -> bool:
        """Return whether a player waits for it."""
        entry = BlizzardJob.objects.get(guild=self.guild)
        return entry.state == BlizzardJob.State.DUE and entry.priority == BlizzardJob.Priority.INTERACTIVE


@pytest.fixture
def world(
    roster_of: Callable[..., Guild],
    game_data: None,
    sandbox: Sandbox,
    battlenet: BlizzardClient,
    person: Callable[[str], User],
) -> World:
    world = World(roster_of(), sandbox, battlenet, person)
    with connection.cursor() as cursor:
        # Without statistics of the new rows, PostgreSQL takes seconds for each of the later syncs.
        cursor.execute("ANALYZE")
    return world


@pytest.fixture
def master(world: World) -> Character:
    """Return the guild master's character, with a note, whose owner has not signed in yet."""
    found = Character.objects.select_related("realm", "membership").get(
        membership__guild=world.guild, membership__rank=0
    )
    OfficerNote.objects.create(guild=world.guild, about_character=found, text=NOTE)
    return found


def pages(guild: Guild) -> list[str]:
    front = guild.get_absolute_url()
    return [front, f"{front}roster/", f"{front}notes/", f"{front}settings/", f"{front}settings/delete/"]


def statuses(browser: Client, guild: Guild) -> set[int]:
    return {browser.get(page).status_code for page in pages(guild)}


def assert_has_no_access(stranger: Client, guild: Guild) -> None:
    """Assert that the stranger can't see or delete anything of the guild."""
    assert statuses(stranger, guild) == {KNOWS_OF_NO_GUILD}
    deletion = stranger.post(f"{guild.get_absolute_url()}settings/delete/", {"name": guild.name})
    assert deletion.status_code == KNOWS_OF_NO_GUILD
    assert guild.name not in stranger.get("/guilds/").content.decode()
    assert guild.name not in stranger.get("/characters/").content.decode()
    assert Guild.objects.open().filter(pk=guild.pk).exists()


def assert_keeps_everything(before: Character, guild: Guild) -> None:
    """Assert that the row keeps its membership and note."""
    after = Membership.objects.select_related("character").get(character=before.pk)
    assert (after.pk, after.guild, after.rank) == (before.membership.pk, guild, before.membership.rank)
    assert after.character.blizzard_id == before.blizzard_id
    assert OfficerNote.objects.get(text=NOTE).about_character_id == before.pk


def test_taking_the_guild_masters_old_name_gives_nothing(world: World, master: Character) -> None:
    owner = world.sign_in("guildmaster")
    assert statuses(owner, world.guild) == {READS}
    world.sandbox.mutate("rename", **address_in_sandbox(master), new_name="Neuername")
    world.give_name_to_stranger(master)
    stranger = world.sign_in("newcomer")
    assert_has_no_access(stranger, world.guild)
    assert world.roster_is_requested()
    assert statuses(owner, world.guild) == {READS}, "the guild master notices nothing"
    assert_keeps_everything(master, world.guild)
    for _ in range(2):
        world.sync_roster()
        assert_has_no_access(stranger, world.guild)
        assert_keeps_everything(master, world.guild)
        world.sign_in("guildmaster")
        world.sign_in("newcomer")
    assert Character.objects.get(pk=master.pk).name == "Neuername"
    assert statuses(owner, world.guild) == {READS}
    recorded = TimelineEvent.objects.filter(character=master).exclude(kind=TimelineEvent.Kind.LINKED)
    assert list(recorded.values_list("kind", flat=True)) == [TimelineEvent.Kind.RENAMED]


def test_taking_the_old_name_of_a_guild_master_who_never_signed_in_gives_nothing(
    world: World, master: Character
) -> None:
    world.sandbox.mutate("rename", **address_in_sandbox(master), new_name="Neuername")
    world.give_name_to_stranger(master)
    stranger = world.sign_in("newcomer")
    assert_has_no_access(stranger, world.guild)
    assert_keeps_everything(master, world.guild)
    world.sync_roster()
    assert_has_no_access(stranger, world.guild)
    assert statuses(world.sign_in("guildmaster"), world.guild) == {READS}
    assert_keeps_everything(master, world.guild)


@pytest.mark.parametrize("signed_in", [True, False])
def test_taking_the_old_name_of_a_deleted_guild_master_gives_nothing(
    world: World, master: Character, signed_in: bool
) -> None:
    if signed_in:
        world.sign_in("guildmaster")
    world.sandbox.mutate("delete_character", **address_in_sandbox(master))
    world.give_name_to_stranger(master)
    stranger = world.sign_in("newcomer")
    assert_has_no_access(stranger, world.guild)
    world.sync_roster()
    assert_has_no_access(stranger, world.guild)
    assert not Membership.objects.filter(character=master).exists()
    assert OfficerNote.objects.get(text=NOTE).about_character_id == master.pk


@pytest.mark.parametrize("first", ["stranger", "roster"])
@pytest.mark.parametrize("faction", Faction.values[:2])
def test_a_stranger_who_also_joins_the_guild_has_that_rank_and_no_history(
    world: World, master: Character, first: str, faction: str
) -> None:
    """Even with another faction, as after a faction change, and with the rank of the previous owner."""
    veteran = (
        Character.objects.select_related("realm", "membership")
        .filter(membership__guild=world.guild, membership__rank=5, user=None, level=90)
        .exclude(pk=master.pk)
        .order_by("name")[0]
    )
    OfficerNote.objects.filter(text=NOTE).update(about_character=veteran)
    owner = User.objects.create_user(77, "Veteran#77")
    Character.objects.filter(pk=veteran.pk).update(
        user=owner, account_blizzard_id=veteran.blizzard_id, owner_confirmed_at=world.guild.last_synced_at
    )
    world.sandbox.mutate("delete_character", **address_in_sandbox(veteran))
    races = {"ALLIANCE": 1, "HORDE": 2}
    world.give_name_to_stranger(veteran, faction=faction, race_id=races[faction])
    place = {"region": "eu", "realm_slug": world.guild.realm.slug, "slug": world.guild.slug}
    world.sandbox.mutate("join", **address_in_sandbox(veteran), guild=place, rank=5)
    if first == "stranger":
        assert_has_no_access(world.sign_in("newcomer"), world.guild)
    world.sync_roster()
    stranger = world.sign_in("newcomer")
    assert stranger.get(world.guild.get_absolute_url()).status_code == READS
    theirs = Membership.objects.select_related("character").get(
        guild=world.guild, character__user__battletag__startswith="Hazelmere"
    )
    assert (theirs.rank, theirs.character.name) == (5, veteran.name)
    note = OfficerNote.objects.get(text=NOTE)
    assert note.about_character_id == veteran.pk != theirs.character_id
    after = Character.objects.get(pk=veteran.pk)
    assert (after.user, after.blizzard_id) == (owner, veteran.blizzard_id)
    assert not Membership.objects.filter(character=veteran).exists()


# --- sold characters ---


@pytest.fixture
def officer(world: World) -> Character:
    """Return a character of rank 1 with a note."""
    found = Character.objects.select_related("realm", "membership").filter(membership__guild=world.guild)
    chosen = found.filter(membership__rank=1).order_by("name")
    owned = {one["name"] for one in world.sandbox.persona("officer")["characters"]}
    one = next(one for one in chosen if one.name in owned)
    OfficerNote.objects.create(guild=world.guild, about_character=one, text=NOTE)
    return one


def test_a_seller_keeps_permissions_until_the_link_expires(world: World, officer: Character) -> None:
    """The buyer never signs in, so only the seller's next sign-in, or time, ends the link."""
    kept = {"region": "eu", "realm_slug": "quillmarsh", "name": "Behalten", "level": 20}
    world.sandbox.mutate("create_character", **kept, persona="officer")
    seller = world.sign_in("officer")
    world.sandbox.mutate("transfer_character", **address_in_sandbox(officer), persona=None)
    mine = Character.objects.filter(user=world.person("officer"), membership__isnull=False).select_related("realm")
    for other in mine.exclude(pk=officer.pk):
        world.sandbox.mutate("transfer_character", **address_in_sandbox(other), persona=None)
    world.sync_roster()
    front = world.guild.get_absolute_url()
    assert seller.get(front).status_code == READS
    aged = timezone.now() - timedelta(days=30, minutes=1)
    Character.objects.filter(user__isnull=False).update(owner_confirmed_at=aged)
    world.sync_roster()
    assert seller.get(front).status_code == HAS_NO_RIGHT
    assert "older than 30 days" in seller.get(front).content.decode()
    world.sign_in("officer")
    assert_has_no_access(seller, world.guild)


def test_a_seller_loses_permissions_when_the_buyer_signs_in(world: World, officer: Character) -> None:
    seller = world.sign_in("officer")
    theirs = world.person("officer").characters.filter(membership__guild=world.guild).exclude(pk=officer.pk)
    Membership.objects.filter(character__in=theirs).delete()
    world.sandbox.mutate("transfer_character", **address_in_sandbox(officer), persona="newcomer")
    buyer = world.sign_in("newcomer")
    front = world.guild.get_absolute_url()
    assert (seller.get(front).status_code, buyer.get(front).status_code) == (KNOWS_OF_NO_GUILD, READS)
    assert Membership.objects.best_rank(world.person("newcomer"), world.guild) == 1
    assert OfficerNote.objects.get(text=NOTE).about_character_id == officer.pk, "it is the same character"


# --- faction changes, transfers and renames ---


@pytest.mark.parametrize("first", ["owner", "roster"])
@pytest.mark.parametrize("change", ["rename", "change_faction", "move_realm"])
def test_after_a_faction_change_permissions_return_with_roster_and_sign_in(
    world: World, master: Character, change: str, first: str
) -> None:
    owner = world.sign_in("guildmaster")
    world.person("guildmaster").characters.exclude(pk=master.pk).update(user=None)
    realm = "vaeloris" if master.realm.slug != "vaeloris" else "brannmoor"
    details = {"rename": {"new_name": "Neuername"}, "change_faction": {}, "move_realm": {"new_realm_slug": realm}}
    world.sandbox.mutate(change, **address_in_sandbox(master), **details[change])
    front = world.guild.get_absolute_url()
    steps = [lambda: world.sign_in("guildmaster"), world.sync_roster]
    for number, step in enumerate(steps if first == "owner" else reversed(steps)):
        step()
        if first == "owner" and number == 0:
            world.person("guildmaster").characters.exclude(pk=master.pk).update(user=None)
        is_waiting = number == 0 and change != "rename"
        answer = owner.get(front)
        assert answer.status_code == (HAS_NO_RIGHT if is_waiting else READS), (change, first, number)
        if is_waiting and first == "owner":
            assert "Waiting for the next roster" in answer.content.decode()
            assert world.roster_is_requested()
    after = Membership.objects.get(character=master.pk)
    assert (after.guild, after.rank) == (world.guild, 0)
    assert OfficerNote.objects.get(text=NOTE).about_character_id == master.pk


def test_a_faction_change_before_the_first_sign_in_keeps_the_history(world: World, master: Character) -> None:
    """The sign-in can't distinguish them from a stranger; the next roster can."""
    world.sandbox.mutate("change_faction", **address_in_sandbox(master))
    owner = world.sign_in("guildmaster")
    OfficerNote.objects.get(text=NOTE, about_character=master)
    mine = Character.objects.get(user=world.person("guildmaster"), name=master.name, realm=master.realm)
    assert mine.pk != master.pk
    assert not Membership.objects.filter(character=mine).exists()
    assert world.roster_is_requested()
    world.sync_roster()
    after = Membership.objects.get(character=mine)
    assert (after.pk, after.rank) == (master.membership.pk, 0)
    assert OfficerNote.objects.get(text=NOTE).about_character_id == mine.pk
    assert not Character.objects.filter(pk=master.pk).exists()
    assert statuses(owner, world.guild) == {READS}
    recorded = TimelineEvent.objects.filter(
        kind__in=(TimelineEvent.Kind.JOINED, TimelineEvent.Kind.LEFT, TimelineEvent.Kind.TRANSFERRED)
    )
    assert list(recorded.values_list("kind", "character")) == [(TimelineEvent.Kind.TRANSFERRED, mine.pk)]


def test_a_roster_older_than_the_sign_in_overrules_nothing(
    world: World, master: Character, battlenet: BlizzardClient
) -> None:
    """Rosters can be hours old and still list the id from before the change."""
    where = (world.guild.region, world.guild.realm.slug, world.guild.slug)
    old, page = battlenet.guild_roster(*where), battlenet.guild(*where)
    world.sign_in("guildmaster")
    world.sandbox.mutate("change_faction", **address_in_sandbox(master))
    owner = world.sign_in("guildmaster")
    new_id = Character.objects.get(pk=master.pk).blizzard_id
    assert old.payload is not None
    fresh = Guild.objects.select_related("realm").get(pk=world.guild.pk)
    apply_roster(guild=fresh, profile=page, roster=old.payload, modified=old.last_modified)
    assert Character.objects.get(pk=master.pk).blizzard_id == new_id != master.blizzard_id
    world.sync_roster()
    assert statuses(owner, world.guild) == {READS}
    recorded = TimelineEvent.objects.filter(kind=TimelineEvent.Kind.TRANSFERRED, character=master)
    assert recorded.count() == 1
