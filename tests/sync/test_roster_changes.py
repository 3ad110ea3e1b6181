"""Changes to a guild are in our tables after the next sync, and once on its timeline."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from characters.models import Character, Realm
from guilds.models import Guild, Membership, TimelineEvent
from sync.blizzard.client import BlizzardClient
from sync.engine.result import SyncResult
from sync.management.foreground import sync_account, sync_characters, sync_guild
from sync.models import BlizzardJob
from sync.wow.guilds import find_guild
from tests.battlenet import MEMBERS, Sandbox
from tests.sync.ground_truth import address_of, our_roster, true_roster
from tests.sync.working import apply_roster

pytestmark = pytest.mark.django_db

KETTLE: dict[str, Any] = {"guild": {"region": "eu", "realm_slug": "quillmarsh", "slug": "second-kettle"}}
STRANGER = {"region": "eu", "realm_slug": "quillmarsh", "name": "Bardrin"}  # the newcomer's, without a guild


@pytest.fixture
def guild(roster_of: Callable[..., Guild]) -> Guild:
    """Return a guild of 30 whose roster was synced once."""
    return roster_of("eu", "quillmarsh", "Second Kettle")


@pytest.fixture
def sync_again(battlenet: BlizzardClient, sandbox: Sandbox) -> Callable[[Guild], SyncResult]:
    """Sync, and assert that our tables match the ground truth and a third sync changes nothing."""

    def again(guild: Guild) -> SyncResult:
        guild.refresh_from_db()
        result = sync_guild(client=battlenet, guild=guild)
        assert our_roster(guild) == true_roster(sandbox, guild)
        assert result.created + result.updated + result.unchanged == guild.memberships.count()
        recorded = TimelineEvent.objects.count()
        Guild.objects.filter(pk=guild.pk).update(last_modified=None)
        guild.refresh_from_db()
        assert sync_guild(client=battlenet, guild=guild) == SyncResult(unchanged=guild.memberships.count())
        assert TimelineEvent.objects.count() == recorded
        return result

    return again


def member(guild: Guild, **wanted: Any) -> Any:
    """Return a member as addressed in mutations."""
    character = (
        Character.objects.filter(membership__guild=guild, membership__rank__gt=0, level__gt=20, **wanted)
        .select_related("realm")
        .order_by("blizzard_id")[0]
    )
    return {"region": character.region, "realm_slug": character.realm.slug, "name": character.name}


def ours(address: dict[str, str]) -> Character:
    """Return our row of the addressed character."""
    known = Character.objects.select_related("realm")
    return known.get(region=address["region"], realm__slug=address["realm_slug"], name=address["name"])


def events_of(guild: Guild) -> list[tuple[str, str]]:
    """Return the guild's timeline: kind and character."""
    return list(TimelineEvent.objects.filter(guild=guild).order_by("kind").values_list("kind", "character_name"))


SyncAgain = Callable[[Guild], SyncResult]


def test_a_new_member_joins(guild: Guild, sandbox: Sandbox, sync_again: SyncAgain) -> None:
    sandbox.mutate("join", **STRANGER, **KETTLE, rank=7)
    before = timezone.now()
    assert sync_again(guild) == SyncResult(created=1, unchanged=30)
    membership = Membership.objects.get(character__name="Bardrin")
    assert membership.rank == 7
    assert membership.joined_seen_at is not None
    assert before < membership.joined_seen_at < timezone.now()
    assert events_of(guild) == [(TimelineEvent.Kind.JOINED, "Bardrin")]
    assert BlizzardJob.objects.get(character__name="Bardrin").state == BlizzardJob.State.DUE


def test_a_leaver_loses_the_membership_but_the_character_stays(
    guild: Guild, sandbox: Sandbox, sync_again: SyncAgain
) -> None:
    leaver = member(guild)
    character = ours(leaver)
    sandbox.mutate("leave", **leaver)
    assert sync_again(guild) == SyncResult(removed=1, unchanged=29)
    assert not Membership.objects.filter(character=character).exists()
    assert Character.objects.filter(pk=character.pk).exists()
    assert events_of(guild) == [(TimelineEvent.Kind.LEFT, leaver["name"])]


def test_the_guild_master_changes(guild: Guild, sandbox: Sandbox, sync_again: SyncAgain) -> None:
    master = Character.objects.get(membership__guild=guild, membership__rank=0)
    heir = member(guild)
    before = ours(heir).membership.rank
    sandbox.mutate("rank", **heir, rank=0)
    assert sync_again(guild) == SyncResult(updated=2, unchanged=28)
    assert set(events_of(guild)) == {
        (TimelineEvent.Kind.PROMOTED, heir["name"]),
        (TimelineEvent.Kind.DEMOTED, master.name),
    }
    event = TimelineEvent.objects.get(kind=TimelineEvent.Kind.PROMOTED)
    assert event.details == {"before": before, "after": 0}


@pytest.mark.parametrize(
    ("before", "after", "kind"), [(5, 2, TimelineEvent.Kind.PROMOTED), (2, 9, TimelineEvent.Kind.DEMOTED)]
)
def test_promotions_and_demotions_are_distinguished(
    guild: Guild, sandbox: Sandbox, sync_again: SyncAgain, before: int, after: int, kind: str
) -> None:
    someone = member(guild)
    sandbox.mutate("rank", **someone, rank=before)
    sync_again(guild)
    TimelineEvent.objects.all().delete()
    sandbox.mutate("rank", **someone, rank=after)
    sync_again(guild)
    assert events_of(guild) == [(kind, someone["name"])]


def test_a_rename_keeps_the_row(guild: Guild, sandbox: Sandbox, sync_again: SyncAgain) -> None:
    someone = member(guild)
    before = ours(someone)
    sandbox.mutate("rename", **someone, new_name="Überraschung")
    assert sync_again(guild) == SyncResult(updated=1, unchanged=29)
    assert Character.objects.get(pk=before.pk).name == "Überraschung"
    assert events_of(guild) == [(TimelineEvent.Kind.RENAMED, someone["name"])]
    assert TimelineEvent.objects.get().details == {"before": someone["name"], "after": "Überraschung"}


def test_a_character_not_found_by_its_old_name_is_fetched_by_the_new_one(
    guild: Guild, battlenet: BlizzardClient, sandbox: Sandbox, sync_again: SyncAgain
) -> None:
    someone = member(guild)
    row = ours(someone)
    sandbox.mutate("rename", **someone, new_name="Überraschung")
    sync_characters(client=battlenet, characters=[row])
    job = BlizzardJob.objects.get(character=row)
    assert (job.state, job.error_kind) == (BlizzardJob.State.RESTING, "not_found")
    sync_again(guild)
    job.refresh_from_db()
    assert job.state == BlizzardJob.State.DUE


def test_two_members_swap_names(guild: Guild, sandbox: Sandbox, sync_again: SyncAgain) -> None:
    one = member(guild)
    realm = Realm.objects.get(region="eu", slug=one["realm_slug"])
    other = member(guild, realm=realm, blizzard_id__gt=ours(one).blizzard_id)
    rows = ours(one), ours(other)
    sandbox.mutate("swap_names", **one, other=other)
    assert sync_again(guild) == SyncResult(updated=2, unchanged=28)
    assert [Character.objects.get(pk=row.pk).name for row in rows] == [other["name"], one["name"]]
    assert [kind for kind, _ in events_of(guild)] == [TimelineEvent.Kind.RENAMED, TimelineEvent.Kind.RENAMED]


def test_a_faction_change_keeps_the_row_and_its_membership(
    guild: Guild, sandbox: Sandbox, sync_again: SyncAgain
) -> None:
    someone = member(guild)
    before = ours(someone)
    sandbox.mutate("change_faction", **someone)
    assert sync_again(guild) == SyncResult(updated=1, unchanged=29)
    after = ours(someone)
    assert after.pk == before.pk
    assert after.blizzard_id != before.blizzard_id
    assert after.faction != before.faction
    assert events_of(guild) == [(TimelineEvent.Kind.TRANSFERRED, someone["name"])]
    assert TimelineEvent.objects.get().details == {"before": before.faction, "after": after.faction}


def test_a_move_to_an_unconnected_realm_is_a_leaver_and_a_new_character(
    guild: Guild, sandbox: Sandbox, sync_again: SyncAgain
) -> None:
    someone = member(guild)
    sandbox.mutate("move_realm", **someone, new_realm_slug="nachtanger")
    assert sync_again(guild) == SyncResult(removed=1, unchanged=29)
    assert events_of(guild) == [(TimelineEvent.Kind.LEFT, someone["name"])]


def test_a_move_within_connected_realms_stays_in_the_guild(
    roster_of: Callable[..., Guild], game_data: None, sandbox: Sandbox, sync_again: SyncAgain
) -> None:
    guild = roster_of()
    someone = member(guild, realm__slug="brannmoor")
    sandbox.mutate("move_realm", **someone, new_realm_slug="vaeloris", new_name="Umzüglerin")
    assert sync_again(guild) == SyncResult(created=1, removed=1, unchanged=MEMBERS - 1)
    assert events_of(guild) == [(TimelineEvent.Kind.JOINED, "Umzüglerin"), (TimelineEvent.Kind.LEFT, someone["name"])]


def test_a_character_that_switches_guilds_is_in_one_only(
    guild: Guild, roster_of: Callable[..., Guild], sandbox: Sandbox, sync_again: SyncAgain
) -> None:
    """Whichever roster is synced first."""
    other = roster_of("eu", "veillée-dardoise", "Étoile Grise")
    for first, second in ((guild, other), (other, guild)):
        TimelineEvent.objects.all().delete()
        someone = member(guild)
        row = ours(someone)
        sandbox.mutate("join", **someone, guild=address_of(other), rank=8)
        sync_again(first)
        sync_again(second)
        assert Membership.objects.get(character=row).guild == other
        assert events_of(guild) == [(TimelineEvent.Kind.LEFT, someone["name"])]
        assert events_of(other) == [(TimelineEvent.Kind.JOINED, someone["name"])]


def test_an_older_roster_does_not_take_back_a_character(
    guild: Guild, roster_of: Callable[..., Guild], battlenet: BlizzardClient, sandbox: Sandbox, sync_again: SyncAgain
) -> None:
    """Responses can be hours old: if two guilds list a character, the newer roster wins."""
    other = roster_of("eu", "veillée-dardoise", "Étoile Grise")
    where = (guild.region, guild.realm.slug, guild.slug)
    old, profile = battlenet.guild_roster(*where), battlenet.guild(*where)
    assert old.payload is not None
    someone = member(guild)
    row = ours(someone)
    sandbox.mutate("join", **someone, guild=address_of(other), rank=8)
    sync_again(other)
    # Meanwhile they were renamed in the new guild.
    sandbox.mutate("rename", **someone, new_name="Neuername")
    sync_again(other)
    events = TimelineEvent.objects.count()
    for _ in range(2):
        result = apply_roster(guild=guild, profile=profile, roster=old.payload, modified=old.last_modified)
        assert result == SyncResult(unchanged=29)
    row = Character.objects.select_related("membership").get(pk=row.pk)
    assert (row.membership.guild, row.name) == (other, "Neuername")
    assert TimelineEvent.objects.count() == events
    sync_again(guild)
    # Back again: now the first guild's roster is the newer one.
    sandbox.mutate("join", **(someone | {"name": "Neuername"}), **KETTLE, rank=4)
    sync_again(guild)
    assert Membership.objects.get(character=row).guild == guild


def test_a_character_dropped_by_the_newer_roster_returns_with_the_older_one(
    guild: Guild, roster_of: Callable[..., Guild], battlenet: BlizzardClient, sandbox: Sandbox
) -> None:
    """Their own guild's roster does not change again for that."""
    other = roster_of("eu", "veillée-dardoise", "Étoile Grise")
    someone = member(guild)
    row = ours(someone)

    def sync(one: Guild, **before: Any) -> None:
        if before:
            Guild.objects.filter(pk=one.pk).update(**before)
        sync_guild(client=battlenet, guild=Guild.objects.select_related("realm").get(pk=one.pk))

    # As if the other guild's newer roster had listed them too.
    Membership.objects.filter(character=row).update(guild=other)
    Guild.objects.filter(pk=other.pk).update(last_modified=timezone.now() + timedelta(days=1))
    sync(guild, last_modified=None)
    assert Membership.objects.get(character=row).guild == other
    sync(other, last_modified=None)
    assert not Membership.objects.filter(character=row).exists()
    sync(guild)
    assert Membership.objects.get(character=row).guild == guild


def test_switching_guilds_leaves_another_main_in_the_old_one(
    roster_of: Callable[..., Guild], battlenet: BlizzardClient, sandbox: Sandbox, person: Callable[..., Any]
) -> None:
    officer = person("officer")
    demo = roster_of()
    sync_account(client=battlenet, user=officer)
    main = officer.mains.get().character
    other = roster_of("eu", "veillée-dardoise", "Étoile Grise")
    address = {"region": "eu", "realm_slug": main.realm.slug, "name": main.name}
    sandbox.mutate("join", **address, guild=address_of(other), rank=8)
    sync_guild(client=battlenet, guild=other)
    mains = {one.guild.name: one.character.name for one in officer.mains.select_related("guild", "character")}
    assert mains.keys() == {demo.name, other.name}
    assert mains[other.name] == main.name != mains[demo.name]


def test_a_name_freed_by_a_rename_goes_to_another_row(guild: Guild, sandbox: Sandbox, sync_again: SyncAgain) -> None:
    someone = member(guild)
    row = ours(someone)
    sandbox.mutate("rename", **someone, new_name="Neuername")
    sandbox.mutate("create_character", **someone, level=3, class_id=row.playable_class_id)
    sandbox.mutate("join", **someone, **KETTLE, rank=9)
    assert sync_again(guild) == SyncResult(created=1, updated=1, unchanged=29)
    assert Character.objects.get(pk=row.pk).name == "Neuername"
    assert ours(someone).pk != row.pk


@pytest.mark.parametrize("same_class", [True, False])
def test_a_name_freed_by_a_leaver_does_not_match_a_new_member(
    guild: Guild, battlenet: BlizzardClient, sandbox: Sandbox, sync_again: SyncAgain, same_class: bool
) -> None:
    """The stranger must not get the leaver's owner, nor the owner the stranger's rank."""
    someone = member(guild)
    row = ours(someone)
    sync_characters(client=battlenet, characters=[row])
    sandbox.mutate("leave", **someone)
    sandbox.mutate("rename", **someone, new_name="Neuername")
    class_id = row.playable_class_id if same_class else (5 if row.playable_class_id != 5 else 8)
    sandbox.mutate("create_character", **someone, level=10 if same_class else 90, class_id=class_id)
    sandbox.mutate("join", **someone, **KETTLE, rank=1)
    assert sync_again(guild) == SyncResult(created=1, removed=1, unchanged=29)
    stranger, leaver = ours(someone), Character.objects.get(pk=row.pk)
    assert stranger.pk != leaver.pk
    assert leaver.name == f"{someone['name']}~{row.blizzard_id}"
    assert leaver.needs_rename  # no request is sent for that name
    assert not Membership.objects.filter(character=leaver).exists()


def test_many_days_of_changes_end_correctly(
    guild: Guild, roster_of: Callable[..., Guild], sandbox: Sandbox, sync_again: SyncAgain
) -> None:
    demo = roster_of()
    for _ in range(5):  # each rare event has its weekday
        happened = [one for one in sandbox.advance(1)["events"] if (one["guild"] or {}).get("name") == demo.name]
        TimelineEvent.objects.all().delete()
        sync_again(demo)
        kinds = [kind for kind, _ in events_of(demo)]
        names = {
            "joined": TimelineEvent.Kind.JOINED,
            "promoted": TimelineEvent.Kind.PROMOTED,
            "demoted": TimelineEvent.Kind.DEMOTED,
            "renamed": TimelineEvent.Kind.RENAMED,
        }
        for event, kind in names.items():
            expected = sum(one["kind"] == event for one in happened)
            swapped = 2 * sum(one["kind"] == "swapped_names" for one in happened)
            assert kinds.count(kind) == expected + (swapped if event == "renamed" else 0), (event, happened)
    sync_again(guild)


def test_a_member_listed_twice_is_stored_once(battlenet: BlizzardClient, sandbox: Sandbox, game_data: None) -> None:
    guild = find_guild(client=battlenet, region="eu", realm_slug="quillmarsh", name="second-kettle")
    roster = battlenet.guild_roster("eu", "quillmarsh", "second-kettle").payload
    assert roster is not None
    apply_with_duplicates(battlenet, guild, roster)
    assert our_roster(guild) == true_roster(sandbox, guild)


def apply_with_duplicates(battlenet: BlizzardClient, guild: Guild, roster: Any) -> None:
    apply_roster(
        guild=guild,
        profile=battlenet.guild("eu", "quillmarsh", "second-kettle"),
        roster=replace(roster, members=roster.members * 2),
        modified=None,
    )
