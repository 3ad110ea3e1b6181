"""A guild whose data was deleted is not synced, before and after it is purged."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import User
from accounts.services import grant_admin
from characters.models import Character
from guilds.deletion import delete_data, purge_deleted, reopen
from guilds.models import Guild, Membership
from sync.blizzard.client import BlizzardClient
from sync.engine import transitions
from sync.engine.kinds import mark_tier_due, tier_named
from sync.engine.result import SyncResult
from sync.management.foreground import sync_account, sync_characters, sync_guild
from sync.models import BlizzardJob
from tests.battlenet import Sandbox
from tests.factories import hand_over, let_rosters_settle
from tests.sync.working import apply_roster, run_roster

State = BlizzardJob.State


def let_days_pass(days: float) -> None:
    """Make the deletion older."""
    Guild.objects.update(deleted_at=timezone.now() - timedelta(days=days))


@pytest.fixture
def synced(roster_of: Callable[..., Guild], people: Callable[[str], User], sandbox: Sandbox) -> Guild:
    """Return the sandbox's second guild, deleted by its guild master."""
    guild = roster_of("eu", "quillmarsh", "Second Kettle")
    master = people("Mara")
    hand_over(Character.objects.filter(membership__guild=guild, membership__rank=0), master)
    let_rosters_settle(guild)
    delete_data(guild=guild, actor=master)
    sandbox.reset()
    return Guild.objects.select_related("realm").get(pk=guild.pk)


def asked(sandbox: Sandbox) -> Any:
    return sandbox.stats()["by_endpoint"]


def test_a_deleted_guild_is_not_synced(synced: Guild, battlenet: BlizzardClient, sandbox: Sandbox) -> None:
    assert mark_tier_due("all rosters") == 0
    assert not tier_named("rosters in use")[1].jobs().exists()
    assert sync_guild(client=battlenet, guild=synced) == SyncResult()
    run_roster(synced.pk).get()
    with pytest.raises(CommandError, match="deleted"):
        call_command("sync_guild", "eu", "quillmarsh", "Second Kettle", "--characters")
    assert asked(sandbox) == {}
    assert (synced.memberships.count(), synced.timeline.count()) == (30, 1)


def test_due_jobs_of_a_deleted_guild_are_parked(synced: Guild, battlenet: BlizzardClient) -> None:
    job = BlizzardJob.objects.filter(guild=synced)
    assert job.get().state == State.RESTING
    transitions.mark_due(job, BlizzardJob.Priority.HIGH)  # as an admin can
    sync_guild(client=battlenet, guild=synced)
    assert job.get().state == State.RESTING


def test_a_roster_in_flight_is_not_written(
    roster_of: Callable[..., Guild], people: Callable[[str], User], battlenet: BlizzardClient, sandbox: Sandbox
) -> None:
    guild = roster_of("eu", "quillmarsh", "Second Kettle")
    where = (guild.region, guild.realm.slug, guild.slug)
    sandbox.mutate("join", region="eu", realm_slug="quillmarsh", name="Bardrin", guild={
        "region": "eu", "realm_slug": "quillmarsh", "slug": "second-kettle"}, rank=7)  # fmt: skip
    answer, profile = battlenet.guild_roster(*where), battlenet.guild(*where)
    master = people("Mara")
    hand_over(Character.objects.filter(membership__guild=guild, membership__rank=0), master)
    let_rosters_settle(guild)
    delete_data(guild=guild, actor=master)
    assert answer.payload is not None
    apply_roster(guild=guild, profile=profile, roster=answer.payload, modified=answer.last_modified)
    assert guild.memberships.count() == 30


@pytest.mark.parametrize("purged", [False, True])
def test_a_members_sign_in_does_not_restore_it(
    roster_of: Callable[..., Guild],
    person: Callable[[str], User],
    battlenet: BlizzardClient,
    sandbox: Sandbox,
    purged: bool,
) -> None:
    guild = roster_of()
    officer = person("officer")
    sync_account(client=battlenet, user=officer, regions=["eu"])
    # By id: PostgreSQL has no statistics in a test database and would join row by row.
    mine = list(officer.characters.values_list("pk", flat=True))
    Membership.objects.filter(character__in=mine).update(rank=0)
    let_rosters_settle(guild)
    delete_data(guild=guild, actor=officer)
    if purged:
        let_days_pass(8)
        assert purge_deleted() == 1
    before = Membership.objects.count()
    sandbox.reset()
    found = sync_account(client=battlenet, user=officer, regions=["eu"])
    Character.objects.update(last_modified=None)
    theirs = list(Character.objects.filter(pk__in=found.character_ids).select_related("realm"))
    assert sync_characters(client=battlenet, characters=theirs).guild_ids == set()
    assert asked(sandbox)["character"] == len(theirs)
    assert "guild-roster" not in asked(sandbox)
    guild = Guild.objects.get(slug=guild.slug)
    assert guild.deleted_at is not None
    assert Membership.objects.count() == before
    assert not BlizzardJob.objects.filter(guild=guild).exclude(state=State.RESTING).exists()


def test_a_reopened_guild_starts_with_a_new_roster(
    synced: Guild, battlenet: BlizzardClient, people: Callable[[str], User]
) -> None:
    let_days_pass(8)
    purge_deleted()
    reopen(guild=Guild.objects.get(), actor=grant_admin(battletag=people("Ada").battletag))
    guild = Guild.objects.open().select_related("realm").get(pk=synced.pk)
    assert BlizzardJob.objects.get(guild=guild).state == State.DUE
    assert sync_guild(client=battlenet, guild=guild).created == 30
    assert User.objects.get(pk=people("Mara").pk).has_perm("guilds.delete", guild)
