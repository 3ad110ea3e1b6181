"""A renamed or moved guild keeps its row; a disbanded one ends once, after confirmation."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from characters.models import Character
from guilds.models import Guild, Membership, OfficerNote, TimelineEvent
from sync.blizzard.client import BlizzardClient
from sync.blizzard.payloads import GuildRef
from sync.engine.errors import NotFound
from sync.management.foreground import sync_account, sync_characters, sync_guild
from sync.models import BlizzardJob
from sync.wow.guild_lookup import ENOUGH_PAGES, guild_slug
from sync.wow.guilds import SECOND_LOOK, ensure_guild
from tests.battlenet import Sandbox
from tests.sync.ground_truth import address_in_sandbox, our_roster, true_roster
from tests.sync.working import apply_roster, run_roster

pytestmark = pytest.mark.django_db

KETTLE = {"region": "eu", "realm_slug": "quillmarsh", "slug": "second-kettle"}
GREY = {"region": "eu", "realm_slug": "veillée-dardoise", "slug": "étoile-grise"}


@pytest.fixture
def guild(roster_of: Callable[..., Guild], people: Callable[[str], User], game_data: None) -> Guild:
    """Return a guild of 30 whose roster was synced once, with a rank name and an officer note."""
    guild = roster_of("eu", "quillmarsh", "Second Kettle")
    guild.ranks.filter(rank_level=1).update(rank_name="Kettle keeper")
    about = Character.objects.filter(membership__guild=guild).order_by("pk")[0]
    OfficerNote.objects.create(guild=guild, about_character=about, text="Reliable.", author=people("Olga"))
    return guild


@pytest.fixture
def sync(battlenet: BlizzardClient) -> Callable[[Guild], Any]:
    """Sync a guild like a worker, with the current row."""

    def go(guild: Guild) -> Any:
        return sync_guild(client=battlenet, guild=Guild.objects.select_related("realm").get(pk=guild.pk))

    return go


Sync = Callable[[Guild], Any]


def event_kinds(guild: Guild) -> list[str]:
    """Return the guild's timeline, ordered by kind."""
    return list(TimelineEvent.objects.filter(guild=guild).order_by("kind").values_list("kind", flat=True))


def assert_same_guild(guild: Guild, sandbox: Sandbox, slug: str, realm_slug: str = "quillmarsh") -> Guild:
    """Assert that there is one row with the current name and realm, and everything made on the site."""
    now = Guild.objects.select_related("realm").get()
    assert (now.pk, now.slug, now.realm.slug) == (guild.pk, slug, realm_slug)
    assert guild_slug(now.name) == slug
    assert our_roster(now) == true_roster(sandbox, now)
    assert now.memberships.count() == 30
    assert now.ranks.get(rank_level=1).rank_name == "Kettle keeper"
    assert now.officer_notes.get().text == "Reliable."
    entry = BlizzardJob.objects.get(guild=now)
    assert (entry.state, entry.error_kind) == (BlizzardJob.State.RESTING, "")
    return now


def test_a_guild_with_a_new_name_is_found_through_its_members(guild: Guild, sandbox: Sandbox, sync: Sync) -> None:
    sandbox.mutate("rename_guild", guild=KETTLE, new_name="Third Kettle")
    sandbox.reset()
    sync(guild)
    assert_same_guild(guild, sandbox, "third-kettle")
    event = guild.timeline.get()
    assert (event.kind, event.details) == (
        TimelineEvent.Kind.GUILD_RENAMED,
        {"before": "Second Kettle", "after": "Third Kettle"},
    )
    assert sandbox.stats()["by_endpoint"] == {"guild-roster": 2, "guild": 1, "character": ENOUGH_PAGES}
    sync(guild)
    assert event_kinds(guild) == [TimelineEvent.Kind.GUILD_RENAMED]


def test_a_guild_that_moved_realms_keeps_its_row_despite_a_new_id(guild: Guild, sandbox: Sandbox, sync: Sync) -> None:
    sandbox.mutate("move_guild", guild=KETTLE, new_realm_slug="nachtanger")
    sync(guild)
    moved = assert_same_guild(guild, sandbox, "second-kettle", "nachtanger")
    assert moved.blizzard_id != guild.blizzard_id
    event = guild.timeline.get()
    assert event.kind == TimelineEvent.Kind.GUILD_MOVED
    assert event.details == {"before": guild.realm.name, "after": moved.realm.name}


def test_a_rename_and_a_move_between_two_syncs_are_both_on_the_timeline(
    guild: Guild, sandbox: Sandbox, sync: Sync
) -> None:
    sandbox.mutate("move_guild", guild=KETTLE, new_realm_slug="nachtanger")
    sync(guild)
    sandbox.mutate("rename_guild", guild=KETTLE | {"realm_slug": "nachtanger"}, new_name="Third Kettle")
    sync(guild)
    assert_same_guild(guild, sandbox, "third-kettle", "nachtanger")
    assert event_kinds(guild) == [TimelineEvent.Kind.GUILD_MOVED, TimelineEvent.Kind.GUILD_RENAMED]


@pytest.mark.parametrize("change", ["rename_guild", "move_guild"])
@pytest.mark.parametrize("first", ["the new row", "the old row"])
def test_a_row_for_the_new_url_is_merged_into_the_old_one(
    guild: Guild,
    battlenet: BlizzardClient,
    sandbox: Sandbox,
    sync: Sync,
    people: Callable[[str], User],
    change: str,
    first: str,
) -> None:
    """A sign-in after the change can reveal the new URL before the old one is fetched again."""
    member = Character.objects.filter(membership__guild=guild, level__gt=30).select_related("realm").order_by("name")[0]
    Character.objects.filter(pk=member.pk).update(user=people("Mara"))
    sandbox.mutate(change, guild=KETTLE, new_name="Third Kettle", new_realm_slug="nachtanger")
    wanted = sync_characters(client=battlenet, characters=[member]).guild_ids
    stub = Guild.objects.exclude(pk=guild.pk).get()
    assert wanted == {stub.pk}
    assert BlizzardJob.objects.get(guild=stub).awaited_by.get() == people("Mara")
    sync(stub if first == "the new row" else guild)
    slug, realm = ("third-kettle", "quillmarsh") if change == "rename_guild" else ("second-kettle", "nachtanger")
    assert_same_guild(guild, sandbox, slug, realm)
    assert event_kinds(guild) == [
        TimelineEvent.Kind.GUILD_RENAMED if change == "rename_guild" else TimelineEvent.Kind.GUILD_MOVED
    ]
    run_roster(stub.pk, throw=True)  # it was already sent, and finds nothing to do


def test_guilds_with_the_same_name_on_two_realms_stay_separate(
    guild: Guild, battlenet: BlizzardClient, sandbox: Sandbox, sync: Sync, roster_of: Callable[..., Guild]
) -> None:
    sandbox.mutate("move_guild", guild=KETTLE, new_realm_slug="nachtanger")
    sync(guild)
    sandbox.mutate("rename_guild", guild=GREY, new_name="Second Kettle")
    roster_of("eu", "veillée-dardoise", "Second Kettle")
    assert Guild.objects.filter(slug="second-kettle").count() == 2
    assert event_kinds(guild) == [TimelineEvent.Kind.GUILD_MOVED]


@pytest.mark.parametrize("first", [0, 1])
def test_two_guilds_that_swap_names_keep_their_rows(
    guild: Guild, roster_of: Callable[..., Guild], sandbox: Sandbox, sync: Sync, first: int
) -> None:
    """Nobody gets the notes and permissions of the guild that had the name before."""
    other = roster_of("eu", "veillée-dardoise", "Étoile Grise")
    sandbox.mutate("move_guild", guild=GREY, new_realm_slug="quillmarsh")
    sync(other)
    sandbox.mutate("rename_guild", guild=KETTLE, new_name="Aside")
    sandbox.mutate("rename_guild", guild=GREY | {"realm_slug": "quillmarsh"}, new_name="Second Kettle")
    sandbox.mutate("rename_guild", guild=KETTLE | {"slug": "aside"}, new_name="Étoile Grise")
    guilds = [(guild, "Étoile Grise"), (other, "Second Kettle")]
    for one, _ in (guilds[first], guilds[1 - first]):
        sync(one)
    for one, name in guilds:
        one = Guild.objects.select_related("realm").get(pk=one.pk)
        assert (one.name, one.slug) == (name, guild_slug(name))
        assert our_roster(one) == true_roster(sandbox, one)
    assert event_kinds(guild) == [TimelineEvent.Kind.GUILD_RENAMED]
    assert event_kinds(other) == [TimelineEvent.Kind.GUILD_MOVED, TimelineEvent.Kind.GUILD_RENAMED]


def test_a_disbanded_guild_needs_a_second_answer(guild: Guild, sandbox: Sandbox, sync: Sync) -> None:
    sandbox.mutate("disband_guild", guild=KETTLE)
    with pytest.raises(NotFound):
        sync(guild)
    with pytest.raises(NotFound):
        sync(guild)  # immediately: the same bad response, not a second one
    entry = BlizzardJob.objects.get(guild=guild)
    assert (entry.state, entry.error_kind) == (BlizzardJob.State.DUE, "guild_missing")
    assert guild.memberships.count() == 30
    assert event_kinds(guild) == []
    let_pass(guild, SECOND_LOOK)
    assert sync(guild).removed == 30
    assert not Membership.objects.exists()
    assert Character.objects.count() == 30
    assert event_kinds(guild) == [TimelineEvent.Kind.GUILD_DISBANDED, *[TimelineEvent.Kind.LEFT] * 30]
    guild.refresh_from_db()
    assert guild.disbanded_at is not None
    entry.refresh_from_db()
    assert (entry.state, entry.error_kind) == (BlizzardJob.State.RESTING, "disbanded")
    sync(guild)
    assert len(event_kinds(guild)) == 31


def let_pass(guild: Guild, time: timedelta) -> None:
    """Make it missing for longer."""
    guild.refresh_from_db()
    guild.not_found_since = timezone.now() - time
    guild.save(update_fields=("not_found_since",))


def test_a_404_does_not_disband_a_guild_that_members_profiles_name(guild: Guild, sandbox: Sandbox, sync: Sync) -> None:
    """However long a wrong 404 lasts, nobody loses a membership."""
    for one in Character.objects.filter(membership__guild=guild).select_related("realm"):
        sandbox.mutate("login", **address_in_sandbox(one))
    sandbox.fault(path="/data/wow/guild/quillmarsh/second-kettle", status=404)
    for _ in range(2):
        with pytest.raises(NotFound):
            sync(guild)
        let_pass(guild, timedelta(days=40))
    assert guild.memberships.count() == 30
    sandbox.clear_faults()
    sync(guild)
    assert_same_guild(guild, sandbox, "second-kettle")
    guild.refresh_from_db()
    assert guild.not_found_since is None


def test_without_any_profile_a_guild_is_kept_for_a_month(guild: Guild, sandbox: Sandbox, sync: Sync) -> None:
    sandbox.fault(path="/(data|profile)/", status=404)
    with pytest.raises(NotFound):
        sync(guild)
    let_pass(guild, timedelta(days=29))
    with pytest.raises(NotFound):
        sync(guild)
    assert guild.memberships.count() == 30
    assert BlizzardJob.objects.get(guild=guild).state == BlizzardJob.State.FAILED
    let_pass(guild, timedelta(days=31))
    assert sync(guild).removed == 30


def test_profiles_older_than_the_roster_do_not_count(guild: Guild, sandbox: Sandbox, sync: Sync) -> None:
    Guild.objects.filter(pk=guild.pk).update(last_modified=timezone.now() + timedelta(days=1))
    sandbox.mutate("disband_guild", guild=KETTLE)
    with pytest.raises(NotFound):
        sync(guild)
    let_pass(guild, timedelta(days=1))
    with pytest.raises(NotFound):
        sync(guild)
    assert guild.memberships.count() == 30


def test_a_new_guild_with_a_freed_name_inherits_nothing(
    guild: Guild, battlenet: BlizzardClient, sandbox: Sandbox, sync: Sync, roster_of: Callable[..., Guild]
) -> None:
    sandbox.mutate("disband_guild", guild=KETTLE)
    with pytest.raises(NotFound):
        sync(guild)
    let_pass(guild, SECOND_LOOK)
    sync(guild)
    sandbox.mutate("move_guild", guild=GREY, new_realm_slug="quillmarsh")
    sandbox.mutate("rename_guild", guild=GREY | {"realm_slug": "quillmarsh"}, new_name="Second Kettle")
    profile = battlenet.guild("eu", "quillmarsh", "second-kettle")
    ref = GuildRef(id=profile.id, name=profile.name, realm=profile.realm, faction=profile.faction)
    new = ensure_guild(region="eu", ref=ref)
    assert new.pk != guild.pk
    sync(new)
    assert our_roster(new) == true_roster(sandbox, new)
    assert not new.officer_notes.exists()
    guild.refresh_from_db()
    assert guild.slug == f"second-kettle~{guild.blizzard_id}"
    assert guild.officer_notes.count() == 1
    sync(guild)
    assert not guild.memberships.exists()


def test_a_faction_change_of_the_guild_is_on_the_timeline_once(guild: Guild, battlenet: BlizzardClient) -> None:
    roster: Any = battlenet.guild_roster("eu", "quillmarsh", "second-kettle").payload
    profile = battlenet.guild("eu", "quillmarsh", "second-kettle")
    other = "HORDE" if guild.faction == "ALLIANCE" else "ALLIANCE"
    for _ in range(2):
        apply_roster(
            guild=Guild.objects.select_related("realm").get(pk=guild.pk),
            profile=replace(profile, faction=other),
            roster=roster,
            modified=None,
        )
    assert [(one.kind, one.details) for one in guild.timeline.all()] == [
        (TimelineEvent.Kind.GUILD_FACTION, {"before": guild.faction, "after": other})
    ]


def test_members_of_a_renamed_guild_keep_permissions_and_page(
    battlenet: BlizzardClient,
    sandbox: Sandbox,
    roster_of: Callable[..., Guild],
    person: Callable[[str], User],
    sync: Sync,
    client: Any,
) -> None:
    guild = roster_of()
    officer = person("officer")
    sync_account(client=battlenet, user=officer, regions=["eu"])
    demo = {"region": "eu", "realm_slug": "tarn-hollow", "slug": "gravel-orchard"}
    sandbox.mutate("rename_guild", guild=demo, new_name="Pebble Orchard")
    sync(guild)
    client.force_login(officer)
    page = client.get("/guilds/eu/tarn-hollow/pebble-orchard/")
    assert "The guild was renamed from Gravel Orchard to Pebble Orchard" in page.content.decode()
    assert client.get("/guilds/eu/tarn-hollow/gravel-orchard/").status_code == 404
