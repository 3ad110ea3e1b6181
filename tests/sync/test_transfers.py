"""Transfers, faction changes and renames keep the row, and are on the timeline once, whichever sync is first."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from characters.models import Character, ProfileState
from guilds.models import Guild, Membership, OfficerNote, TimelineEvent
from sync.blizzard.client import BlizzardClient
from sync.management.foreground import sync_account, sync_characters, sync_guild
from sync.models import BlizzardJob
from tests.battlenet import Sandbox
from tests.sync.ground_truth import address_in_sandbox, our_roster, true_roster

pytestmark = pytest.mark.django_db

Sync = Callable[[], Any]


@pytest.fixture
def guild(roster_of: Callable[..., Guild], game_data: None) -> Guild:
    """Return the demo guild, with members on three connected realms."""
    return roster_of()


@pytest.fixture
def sync_roster(guild: Guild, battlenet: BlizzardClient, sandbox: Sandbox) -> Sync:
    """Sync the guild, and assert that our tables match the ground truth."""

    def go() -> None:
        fresh = Guild.objects.select_related("realm").get(pk=guild.pk)
        sync_guild(client=battlenet, guild=fresh)
        assert our_roster(guild) == true_roster(sandbox, guild)

    return go


@pytest.fixture
def officer(guild: Guild, person: Callable[[str], User], battlenet: BlizzardClient) -> User:
    """Create a player with three characters in the guild who signed in before, with an empty timeline."""
    officer = person("officer")
    sync_account(client=battlenet, user=officer, regions=["eu"])
    TimelineEvent.objects.all().delete()
    return officer


@pytest.fixture
def sync_officer(officer: User, battlenet: BlizzardClient) -> Sync:
    """Sync the officer's account, as after a sign-in."""
    return lambda: sync_account(client=battlenet, user=officer, regions=["eu"])


def events() -> list[tuple[str, str]]:
    """Return the timeline: kind and character."""
    return list(TimelineEvent.objects.order_by("kind", "character_name").values_list("kind", "character_name"))


def one_of(guild: Guild, **wanted: Any) -> Character:
    """Return a member of some rank and level."""
    members = Character.objects.filter(membership__guild=guild, membership__rank__gt=0, level__gt=20, **wanted)
    return members.select_related("realm", "membership").order_by("-level", "name")[0]


def elsewhere(character: Character) -> str:
    """Return another of the connected realms."""
    return "vaeloris" if character.realm.slug != "vaeloris" else "brannmoor"


def test_a_move_to_a_connected_realm_keeps_the_row(guild: Guild, sandbox: Sandbox, sync_roster: Sync) -> None:
    mover = one_of(guild)
    OfficerNote.objects.create(guild=guild, about_character=mover, text="Reliable.")
    sandbox.mutate("move_realm", **address_in_sandbox(mover), new_realm_slug=elsewhere(mover))
    sync_roster()
    after = Character.objects.select_related("realm", "membership").get(pk=mover.pk)
    assert after.realm.slug == elsewhere(mover)
    assert (after.membership.pk, after.membership.rank) == (mover.membership.pk, mover.membership.rank)
    assert after.officer_notes.count() == 1
    assert events() == [(TimelineEvent.Kind.TRANSFERRED, mover.name)]


def test_a_new_member_with_the_same_name_but_another_rank_is_not_matched(
    guild: Guild, sandbox: Sandbox, sync_roster: Sync
) -> None:
    leaver = one_of(guild, membership__rank=5)
    sandbox.mutate("move_realm", **address_in_sandbox(leaver), new_realm_slug=elsewhere(leaver))
    sandbox.mutate("rank", **(address_in_sandbox(leaver) | {"realm_slug": elsewhere(leaver)}), rank=1)
    sync_roster()
    assert events() == [(TimelineEvent.Kind.JOINED, leaver.name), (TimelineEvent.Kind.LEFT, leaver.name)]
    assert not Membership.objects.filter(character=leaver).exists()


def test_the_owner_signs_in_before_the_roster_comes(
    guild: Guild, officer: User, sandbox: Sandbox, sync_roster: Sync, sync_officer: Sync
) -> None:
    mover = one_of(guild, user=officer)
    sandbox.mutate("move_realm", **address_in_sandbox(mover), new_realm_slug=elsewhere(mover), new_name="Umzügler")
    sync_officer()
    expected = [(TimelineEvent.Kind.RENAMED, mover.name), (TimelineEvent.Kind.TRANSFERRED, mover.name)]
    assert events() == expected
    sync_roster()
    assert events() == expected
    after = Character.objects.select_related("membership").get(pk=mover.pk)
    assert (after.user, after.name, after.membership.pk) == (officer, "Umzügler", mover.membership.pk)


def test_the_owner_signs_in_after_the_roster_came(
    guild: Guild, officer: User, sandbox: Sandbox, sync_roster: Sync, sync_officer: Sync
) -> None:
    """The roster alone could only see a leaver and a new member."""
    mover = one_of(guild, user=officer)
    count = Character.objects.count()
    OfficerNote.objects.create(guild=guild, about_character=mover, text="Reliable.")
    sandbox.mutate("move_realm", **address_in_sandbox(mover), new_realm_slug=elsewhere(mover), new_name="Umzügler")
    sync_roster()
    assert events() == [(TimelineEvent.Kind.JOINED, "Umzügler"), (TimelineEvent.Kind.LEFT, mover.name)]
    for _ in range(2):
        sync_officer()
        sync_roster()
        assert events() == [(TimelineEvent.Kind.RENAMED, mover.name), (TimelineEvent.Kind.TRANSFERRED, mover.name)]
    after = Character.objects.select_related("membership").get(pk=mover.pk)
    assert (after.user, after.name, after.membership.rank) == (officer, "Umzügler", mover.membership.rank)
    assert (after.officer_notes.count(), Character.objects.count()) == (1, count)
    assert BlizzardJob.objects.filter(character=mover).count() == 1


def test_a_transfer_is_a_leaver_for_the_guild_but_the_same_character_for_its_owner(
    guild: Guild, officer: User, sandbox: Sandbox, sync_roster: Sync, sync_officer: Sync
) -> None:
    mover = one_of(guild, user=officer)
    sandbox.mutate("move_realm", **address_in_sandbox(mover), new_realm_slug="nachtanger")
    sync_roster()
    sync_officer()
    assert events() == [(TimelineEvent.Kind.LEFT, mover.name)]
    after = Character.objects.select_related("realm").get(pk=mover.pk)
    assert (after.user, after.realm.slug) == (officer, "nachtanger")
    assert officer.mains.get().character != mover


def test_two_possible_transfers_are_not_matched(
    guild: Guild, officer: User, sandbox: Sandbox, sync_officer: Sync
) -> None:
    mover = one_of(guild, user=officer)
    sandbox.mutate("move_realm", **address_in_sandbox(mover), new_realm_slug=elsewhere(mover), new_name="Umzügler")
    twin = {"region": "eu", "realm_slug": elsewhere(mover), "name": "Zwilling"}
    kind = {"class_id": mover.playable_class_id, "faction": mover.faction, "level": 90}
    sandbox.mutate("create_character", **twin, **kind, persona="officer")
    sync_officer()
    assert events() == []
    assert not Character.objects.filter(pk=mover.pk, user=officer).exists()


@pytest.mark.parametrize("action", ["rename", "change_faction"])
@pytest.mark.parametrize("first", ["owner", "roster"])
def test_a_change_first_seen_at_sign_in_is_on_the_timeline_once(
    guild: Guild, officer: User, sandbox: Sandbox, sync_roster: Sync, sync_officer: Sync, action: str, first: str
) -> None:
    one = one_of(guild, user=officer)
    sandbox.mutate(action, **address_in_sandbox(one), new_name="Neuername")
    for sync in (sync_officer, sync_roster) if first == "owner" else (sync_roster, sync_officer):
        sync()
        assert events() == [
            (TimelineEvent.Kind.RENAMED if action == "rename" else TimelineEvent.Kind.TRANSFERRED, one.name)
        ]


def test_a_new_id_in_the_profile_waits_for_the_roster(
    guild: Guild, battlenet: BlizzardClient, sandbox: Sandbox, sync_roster: Sync
) -> None:
    """The profile is addressed by name, and can have a stranger's id or one from a faction change."""
    one = one_of(guild)
    job = BlizzardJob.objects.filter(guild=guild)
    job.update(succeeded_at=timezone.now() - timedelta(hours=2))
    sandbox.mutate("change_faction", **address_in_sandbox(one))

    def sync_page() -> Character:
        found = Character.objects.select_related("realm")
        sync_characters(client=battlenet, characters=list(found.filter(pk=one.pk)))
        return found.get(pk=one.pk)

    assert sync_page().blizzard_id == one.blizzard_id
    assert events() == []
    assert job.get().state == BlizzardJob.State.DUE, "the roster is requested"
    sync_roster()
    assert events() == [(TimelineEvent.Kind.TRANSFERRED, one.name)]
    assert BlizzardJob.objects.get(character=one).state == BlizzardJob.State.DUE, "the page is looked at again"
    after = sync_page()
    assert (after.profile_state, after.blizzard_id == one.blizzard_id) == (ProfileState.VISIBLE, False)
    assert events() == [(TimelineEvent.Kind.TRANSFERRED, one.name)]


def test_a_profile_of_another_character_with_the_name_is_ignored(
    guild: Guild, battlenet: BlizzardClient, sandbox: Sandbox, sync_roster: Sync
) -> None:
    one = one_of(guild)
    sandbox.mutate("rename", **address_in_sandbox(one), new_name="Neuername")
    sandbox.mutate(
        "create_character", **address_in_sandbox(one), level=12, class_id=5 if one.playable_class_id != 5 else 8
    )
    sync_characters(client=battlenet, characters=[one])
    after = Character.objects.get(pk=one.pk)
    assert (after.blizzard_id, after.level, after.profile_state) == (one.blizzard_id, one.level, ProfileState.NOT_FOUND)
    sync_roster()
    assert Character.objects.get(pk=one.pk).name == "Neuername"
    assert events() == [(TimelineEvent.Kind.RENAMED, one.name)]


def test_a_sign_in_writes_linked_events_once(
    guild: Guild, person: Callable[[str], User], battlenet: BlizzardClient
) -> None:
    raider = person("raider")
    for _ in range(2):
        sync_account(client=battlenet, user=raider)
        events = TimelineEvent.objects.filter(kind=TimelineEvent.Kind.LINKED)
        assert events.count() == TimelineEvent.objects.count() == 12
        assert set(events.values_list("guild", "person")) == {(guild.pk, raider.pk)}


def test_a_sold_character_is_linked_to_its_new_owner(
    guild: Guild, officer: User, person: Callable[[str], User], battlenet: BlizzardClient, sandbox: Sandbox
) -> None:
    social = person("social")
    sync_account(client=battlenet, user=social)
    TimelineEvent.objects.all().delete()
    one = one_of(guild, user=officer)
    sandbox.mutate("transfer_character", **address_in_sandbox(one), persona="social")
    for user in (social, officer):
        sync_account(client=battlenet, user=user)
    event = TimelineEvent.objects.get()
    assert (event.kind, event.character, event.person) == (TimelineEvent.Kind.LINKED, one, social)
