"""Retention: orphaned characters, and those that Battle.net no longer confirms, are deleted."""

import json
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from accounts.models import User
from characters.models import Character, ProfileState
from guilds.mains import recompute_mains
from guilds.models import Guild, Membership, TimelineEvent
from sync import tasks
from sync.blizzard.client import BlizzardClient
from sync.engine.dispatch import dispatch
from sync.engine.kinds import mark_tier_due
from sync.management.foreground import sync_account, sync_characters, sync_guild
from sync.models import BlizzardJob
from sync.wow import retention
from tests.battlenet import Sandbox
from tests.stack import Stack, wait_until
from tests.sync.ground_truth import address_in_sandbox, our_roster, true_roster


def days_ago(days: float) -> Any:
    return timezone.now() - timedelta(days=days)


@pytest.fixture
def guild(roster_of: Callable[..., Guild], game_data: None) -> Guild:
    """Return a guild of 30 members."""
    return roster_of("eu", "quillmarsh", "Second Kettle")


@pytest.fixture
def social(guild: Guild, person: Callable[[str], User], battlenet: BlizzardClient) -> User:
    """Create a player whose characters were fetched."""
    user = person("social")
    sync_account(client=battlenet, user=user)
    sync_characters(client=battlenet, characters=list(Character.objects.of(user).select_related("realm")))
    return user


@pytest.fixture
def orphans(guild: Guild, battlenet: BlizzardClient, sandbox: Sandbox) -> list[Character]:
    """Create four characters without guild and owner."""
    leaving = list(Character.objects.filter(level__gt=30).select_related("realm").order_by("name")[:4])
    for one in leaving:
        sandbox.mutate("leave", **address_in_sandbox(one))
    sync_guild(client=battlenet, guild=guild)
    return leaving


def make_due(*characters: Character) -> None:
    """Make the status of these overdue, and that of all others fresh."""
    Character.objects.update(status_checked_at=timezone.now())
    rows = Character.objects.filter(pk__in=[one.pk for one in characters])
    rows.update(created_at=days_ago(90), status_checked_at=None)
    BlizzardJob.objects.filter(character__in=rows).update(succeeded_at=days_ago(31), state=BlizzardJob.State.RESTING)


def prune(*words: str) -> tuple[dict[str, Any], list[list[str]]]:
    """Return the command's summary and lines."""
    out = StringIO()
    try:
        call_command("prune_characters", "--json", *words, stdout=out, stderr=StringIO())
    finally:
        lines = out.getvalue().splitlines()
    return json.loads(lines[-1]), [line.split("\t") for line in lines[:-1]]


def still_there(*characters: Character) -> list[bool]:
    return [Character.objects.filter(pk=one.pk).exists() for one in characters]


# --- orphaned characters ---


def test_an_orphaned_character_is_deleted_after_sixty_days(orphans: list[Character], guild: Guild) -> None:
    first, second, *_ = orphans
    assert Character.objects.get(pk=first.pk).orphaned_since is not None, "since the roster that lacked it"
    Character.objects.filter(pk=first.pk).update(orphaned_since=days_ago(61))
    Character.objects.filter(pk=second.pk).update(orphaned_since=days_ago(59))
    counts, lines = prune("--dry-run")
    since = f"without owner and guild since {days_ago(61):%Y-%m-%d}"
    assert lines == [[first.name, str(first.realm), "would be removed", since]]
    assert (counts["removed"], counts["calls"]) == (1, 0)
    assert still_there(*orphans) == [True] * 4
    tasks.prune_characters()
    assert still_there(*orphans) == [False, True, True, True]
    left = TimelineEvent.objects.get(kind="LEFT", character_name=first.name)
    assert (left.guild, left.character) == (guild, None), "the guild's history stays"


def test_a_character_with_owner_or_guild_is_kept(
    orphans: list[Character], social: User, battlenet: BlizzardClient, sandbox: Sandbox
) -> None:
    """Also one that was orphaned before."""
    Character.objects.update(orphaned_since=days_ago(100))
    Character.objects.filter(pk=orphans[0].pk).update(user=social)
    before = Character.objects.count()
    assert prune()[0]["removed"] == 3
    assert Character.objects.count() == before - 3
    assert Character.objects.exclude(orphaned_since=None).count() == 0
    Character.objects.filter(pk=orphans[0].pk).update(user=None)
    assert prune()[0]["removed"] == 0, "the sixty days start again"
    assert Character.objects.get(pk=orphans[0].pk).orphaned_since is not None


def test_a_character_that_left_its_account_is_orphaned_from_then_on(
    social: User, battlenet: BlizzardClient, sandbox: Sandbox
) -> None:
    gone = Character.objects.of(social).select_related("realm")[0]
    sandbox.mutate("transfer_character", **address_in_sandbox(gone), persona="raider", wow_account=1)
    sync_account(client=battlenet, user=social)
    gone.refresh_from_db()
    assert gone.user is None
    assert gone.orphaned_since is not None


# --- revalidation ---


def test_every_character_is_revalidated_within_thirty_days_even_with_a_profile(
    orphans: list[Character], battlenet: BlizzardClient, sandbox: Sandbox
) -> None:
    sync_characters(client=battlenet, characters=orphans)
    Character.objects.update(created_at=days_ago(90), status_checked_at=days_ago(27))
    Character.objects.filter(pk=orphans[2].pk).update(status_checked_at=days_ago(28) - timedelta(minutes=1))
    Character.objects.filter(pk=orphans[3].pk).update(status_checked_at=None)
    sandbox.reset()
    counts, lines = prune()
    assert sandbox.stats()["by_endpoint"] == {"character-status": 2}
    assert (counts["removed"], counts["unchanged"], lines) == (0, 2, [])
    checked = Character.objects.filter(status_checked_at__gt=days_ago(1))
    assert set(checked.values_list("pk", flat=True)) == {orphans[2].pk, orphans[3].pk}
    assert prune()[0]["calls"] == 0, "they have just been checked"


def test_a_new_character_is_revalidated_within_thirty_days(orphans: list[Character]) -> None:
    Character.objects.exclude(pk=orphans[0].pk).update(status_checked_at=timezone.now())
    Character.objects.filter(pk=orphans[0].pk).update(created_at=days_ago(27))
    assert retention.due_jobs().count() == 0
    Character.objects.filter(pk=orphans[0].pk).update(created_at=days_ago(29))
    assert retention.due_jobs().get().character == orphans[0]


def a_day_later() -> None:
    """Let a day pass since the 404s."""
    Character.objects.update(status_missing_since=F("status_missing_since") - timedelta(days=1))


def test_a_single_404_removes_nobody(orphans: list[Character], sandbox: Sandbox) -> None:
    """It may be an outage. The answer a day later counts."""
    back, gone, *_ = orphans
    make_due(back, gone)
    sandbox.fault(path="/profile/wow/character/.*/status", status=404)
    assert prune()[0]["removed"] == 0
    assert prune()[0]["calls"] == 0, "not before a day is over"
    assert still_there(back, gone) == [True, True]
    sandbox.clear_faults()
    sandbox.mutate("delete_character", **address_in_sandbox(gone))
    a_day_later()
    assert prune()[0]["removed"] == 1
    assert still_there(back, gone) == [True, False]
    back.refresh_from_db()
    assert back.status_missing_since is None
    assert back.status_checked_at is not None


@pytest.mark.parametrize("is_dry", [True, False])
def test_an_unconfirmed_character_is_deleted_with_a_reason(
    orphans: list[Character], sandbox: Sandbox, is_dry: bool
) -> None:
    unknown, invalid, other, valid = orphans
    sandbox.mutate("delete_character", **address_in_sandbox(unknown))
    sandbox.mutate("validity", **address_in_sandbox(invalid), is_valid=False)
    sandbox.mutate("change_faction", **address_in_sandbox(other))
    make_due(*orphans)
    Character.objects.filter(pk=unknown.pk).update(status_missing_since=days_ago(1))
    counts, lines = prune(*["--dry-run"] * is_dry)
    assert {name: (what, why) for name, _, what, why in lines} == {
        one.name: ("would be removed" if is_dry else "removed", why)
        for one, why in (
            (unknown, "Battle.net does not know it"),
            (invalid, "Battle.net says that it is invalid"),
            (other, "another character has its name"),
        )
    }
    assert (counts["removed"], counts["unchanged"], counts["failed"]) == (3, 1, 0)
    assert still_there(*orphans) == [is_dry, is_dry, is_dry, True]
    assert (Character.objects.get(pk=valid.pk).status_checked_at is None) is is_dry


@pytest.mark.parametrize(
    "fault", [{"status": 500}, {"status": 403}, {"status": 429}, {"body": "truncated"}, {"body": "mistyped"}]
)
def test_a_missing_response_removes_nobody(orphans: list[Character], sandbox: Sandbox, fault: dict[str, Any]) -> None:
    sandbox.fault(path="/profile/wow/character/.*/status", **fault)
    make_due(*orphans)
    if fault == {"status": 403}:
        assert prune()[0]["unchanged"] == 4, "hidden, which decides nothing"
    else:
        with pytest.raises(CommandError, match="4 failed"):
            prune()
    assert still_there(*orphans) == [True] * 4
    ids = [one.pk for one in orphans]
    assert not Character.objects.filter(pk__in=ids).exclude(status_checked_at=None).exists()


def test_an_invalid_owned_character_is_unlinked(social: User, battlenet: BlizzardClient, sandbox: Sandbox) -> None:
    gone = Character.objects.of(social).filter(profile_state="VISIBLE").select_related("realm").order_by("name")[0]
    sandbox.mutate("validity", **address_in_sandbox(gone), is_valid=False)
    make_due(gone)
    counts, lines = prune()
    assert [(name, what) for name, _, what, _ in lines] == [(gone.name, "unlinked")]
    assert (counts["removed"], counts["updated"]) == (0, 1)
    gone.refresh_from_db()
    assert (gone.user, gone.wow_account_id, gone.mounts_hash, gone.equipped_item_level) == (None, None, "", None)
    assert gone.profile_state == ProfileState.NOT_FOUND
    assert gone.orphaned_since is not None
    entry = BlizzardJob.objects.get(character=gone)
    assert (entry.state, entry.error_kind) == (BlizzardJob.State.RESTING, "not_found")


def test_a_missing_member_keeps_its_membership_until_the_roster_drops_it(
    guild: Guild, social: User, battlenet: BlizzardClient, sandbox: Sandbox
) -> None:
    """The player loses it, and the main, immediately; the timeline shows that it left when it does."""
    member = Character.objects.filter(membership__guild=guild).select_related("realm").order_by("name")[0]
    Character.objects.filter(pk=member.pk).update(user=social)
    recompute_mains(user_ids=[social.pk])
    assert Membership.objects.get(character=member).main_of == social
    sandbox.mutate("validity", **address_in_sandbox(member), is_valid=False)
    make_due(member)
    prune()
    membership = Membership.objects.select_related("character").get(character=member)
    assert (membership.main_of, membership.character.user, membership.guild) == (None, None, guild)
    assert not TimelineEvent.objects.filter(kind="LEFT").exists()
    sandbox.mutate("delete_character", **address_in_sandbox(member))
    sync_guild(client=battlenet, guild=Guild.objects.select_related("realm").get(pk=guild.pk))
    assert TimelineEvent.objects.get(kind="LEFT").character == member
    assert our_roster(guild) == true_roster(sandbox, guild)
    make_due(member)
    prune()
    a_day_later()
    prune()
    assert still_there(member) == [False], "now it has neither owner nor guild"


def test_a_listed_character_without_a_profile_is_kept(guild: Guild, social: User, sandbox: Sandbox) -> None:
    """Battle.net lists new and long inactive characters without a profile."""
    members = list(Character.objects.filter(membership__guild=guild).select_related("realm").order_by("name")[:2])
    mine = list(Character.objects.of(social).select_related("realm").order_by("name")[:1])
    for one in [*members, *mine]:
        sandbox.mutate("profile", **address_in_sandbox(one), profile=404)
    make_due(*members, *mine)
    assert prune()[0]["updated"] == 0
    Guild.objects.filter(pk=guild.pk).update(roster_checked_at=days_ago(31))
    make_due(*members, *mine)
    assert prune()[0]["updated"] == 0
    a_day_later()
    assert {name for name, *_ in prune()[1]} == {one.name for one in members}
    assert Membership.objects.filter(character__in=members).count() == 2
    Character.objects.of(social).update(owner_confirmed_at=days_ago(31))
    make_due(*mine)
    assert prune()[0]["updated"] == 0
    a_day_later()
    assert {name for name, *_ in prune()[1]} == {one.name for one in mine}


def test_a_character_that_needs_a_rename_is_not_revalidated(orphans: list[Character], sandbox: Sandbox) -> None:
    first, *others = orphans
    Character.objects.filter(pk=first.pk).update(name="Vergeben~12")
    make_due(first)
    sandbox.reset()
    assert prune()[0]["removed"] == 1
    assert sandbox.stats()["requests"] == 0
    assert still_there(first, *others) == [False, True, True, True]


def test_a_response_overtaken_by_a_rename_is_dropped(
    orphans: list[Character], battlenet: BlizzardClient, sandbox: Sandbox
) -> None:
    one = orphans[0]
    sandbox.mutate("delete_character", **address_in_sandbox(one))
    statuses = [retention.fetch_status(battlenet, one)]
    Character.objects.filter(pk=one.pk).update(name="Schneller")
    assert retention.find_removals(statuses) == retention.apply_statuses(statuses) == []
    assert still_there(one) == [True]


def test_a_character_that_got_an_owner_meanwhile_is_kept(
    orphans: list[Character], social: User, battlenet: BlizzardClient, sandbox: Sandbox
) -> None:
    one = orphans[0]
    Character.objects.filter(pk=one.pk).update(user=social)
    assert retention.delete_orphaned([one.pk]) == set()
    assert still_there(one) == [True]


def test_the_number_of_statements_is_constant(guild: Guild, battlenet: BlizzardClient, sandbox: Sandbox) -> None:
    members = list(Character.objects.filter(level__gt=30).select_related("realm").order_by("name"))
    for one in members:
        sandbox.mutate("validity", **address_in_sandbox(one), is_valid=False)
    statuses = [retention.fetch_status(battlenet, one) for one in members]
    counts = []
    for some in (statuses[:3], statuses[3:]):
        with CaptureQueriesContext(connection) as captured:
            assert len(retention.apply_statuses(some)) == len(some)
        counts.append(len(captured))
    assert len(statuses) > 20
    assert counts[0] == counts[1] < 15


# --- schedules ---


@pytest.mark.django_db
def test_revalidation_is_daily_and_pruning_is_weekly() -> None:
    for name, task, days in (("Due: unconfirmed", "mark_due", 7), ("Prune characters", "prune_characters", 1)):
        found = PeriodicTask.objects.get(name=name)
        assert found.task == f"sync.tasks.{task}"
        times = found.crontab.schedule
        assert [len(part) for part in (times.minute, times.hour, times.day_of_week)] == [1, 1, days]


@pytest.mark.django_db(transaction=True)
def test_revalidation_runs_in_the_background_and_fetches_confirmed_characters(
    stack: Stack, sandbox: Sandbox, orphans: list[Character]
) -> None:
    invalid, *confirmed = orphans
    sandbox.mutate("validity", **address_in_sandbox(invalid), is_valid=False)
    BlizzardJob.objects.update(state=BlizzardJob.State.RESTING, next_due_at=None)
    make_due(*orphans)
    sandbox.reset()
    assert mark_tier_due("unconfirmed") == 4
    assert BlizzardJob.objects.filter(priority=BlizzardJob.Priority.LOW, state=BlizzardJob.State.DUE).count() == 4
    dispatch()
    wait_until(lambda: not BlizzardJob.objects.exclude(state=BlizzardJob.State.RESTING).exists())
    assert still_there(invalid, *confirmed) == [False, True, True, True]
    stats = sandbox.stats()
    # The token of an earlier worker can have expired, which costs another request.
    asked = stats["by_endpoint"]
    assert (asked["character-status"] - stats["unauthorized"], asked["character"]) == (4, 3)
    assert retention.due_jobs().count() == 0
