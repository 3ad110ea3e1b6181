"""The roster guard: members missing from a roster are removed only after a later roster confirms it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db.models import F
from django.test import Client
from django.utils import timezone

from accounts.models import User
from characters.models import Character
from guilds.models import Guild, Membership, TimelineEvent
from sync.blizzard.client import BlizzardClient
from sync.engine import transitions
from sync.management.foreground import sync_guild
from sync.models import BlizzardJob
from sync.wow.jobs import request_roster
from sync.wow.roster_guard import CACHED_FOR
from tests.battlenet import Sandbox
from tests.sync.working import apply_roster

Answer = Callable[..., None]
Sync = Callable[[], Any]
KETTLE = {"region": "eu", "realm_slug": "quillmarsh", "slug": "second-kettle"}
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def guild(roster_of: Callable[..., Guild]) -> Guild:
    """Return a guild of 30 whose roster was synced once."""
    return roster_of("eu", "quillmarsh", "Second Kettle")


@pytest.fixture
def sync(guild: Guild, battlenet: BlizzardClient) -> Sync:
    """Sync the guild like a worker, with the current row."""

    def go() -> Any:
        return sync_guild(client=battlenet, guild=Guild.objects.select_related("realm").get(pk=guild.pk))

    return go


@pytest.fixture
def answer(guild: Guild, battlenet: BlizzardClient) -> Answer:
    """Cut the roster to this many members, from `first` on; the guild's page counts as many, or `counted`."""

    def with_only(
        count: int, *, first: int = 0, modified: datetime | None = None, counted: int | None = None, **changes: Any
    ) -> None:
        roster: Any = battlenet.guild_roster(guild.region, guild.realm.slug, guild.slug).payload
        profile = battlenet.guild(guild.region, guild.realm.slug, guild.slug)
        members = [replace(one, **changes) for one in roster.members[first : first + count]]
        apply_roster(
            guild=guild,
            profile=replace(profile, member_count=count if counted is None else counted),
            roster=replace(roster, members=tuple(members)),
            modified=modified,
        )

    return with_only


def left(guild: Guild) -> int:
    """Return the number of leavers on the timeline."""
    return TimelineEvent.objects.filter(guild=guild, kind=TimelineEvent.Kind.LEFT).count()


def let_pass(guild: Guild, time: timedelta) -> None:
    """Make the doubt older."""
    doubted_at = Guild.objects.get(pk=guild.pk).roster_doubted_at
    assert doubted_at is not None
    Guild.objects.filter(pk=guild.pk).update(roster_doubted_at=doubted_at - time)


def test_a_roster_without_most_of_the_members_removes_nobody_at_first(guild: Guild, answer: Answer) -> None:
    answer(10, modified=NOON)
    assert guild.memberships.count() == 30
    assert left(guild) == 0
    entry = BlizzardJob.objects.get(guild=guild)
    assert (entry.state, entry.error_kind) == (BlizzardJob.State.DUE, "doubtful_roster")
    assert "20 of 30" in entry.error_text


@pytest.mark.parametrize("dated", [True, False])
def test_the_same_roster_again_confirms_nothing(
    guild: Guild, sandbox: Sandbox, sync: Sync, people: Callable[[str], User], dated: bool
) -> None:
    """Battle.net caches a guild's documents for three hours, so minutes later the same one comes."""
    mara = people("Mara")
    Character.objects.filter(membership__guild=guild, membership__rank__gt=0).update(user=mara)
    chosen = guild.memberships.filter(character__user=mara).order_by("-character__blizzard_id")[0]
    Membership.objects.filter(pk=chosen.pk).update(main_of=mara, main_choice="OWN", main_chosen_by=mara)
    sandbox.mutate("cut_roster", guild=KETTLE, members=10, member_count=10, last_modified=dated)
    for _ in range(3):
        sync()
    assert guild.memberships.count() == 30
    assert left(guild) == 0
    assert Membership.objects.get(main_choice="OWN").pk == chosen.pk
    sandbox.mutate("cut_roster", guild=KETTLE, members=None)
    sync()
    assert guild.memberships.count() == 30
    assert not TimelineEvent.objects.filter(
        guild=guild, kind__in=(TimelineEvent.Kind.LEFT, TimelineEvent.Kind.JOINED)
    ).exists()
    entry = BlizzardJob.objects.get(guild=guild)
    assert (entry.state, entry.error_kind) == (BlizzardJob.State.RESTING, "")


def test_a_later_roster_that_says_the_same_is_accepted(guild: Guild, sandbox: Sandbox, sync: Sync) -> None:
    for _ in range(2):
        sandbox.mutate("cut_roster", guild=KETTLE, members=10, member_count=10)
        sync()
    assert guild.memberships.count() == 10
    assert left(guild) == 20
    entry = BlizzardJob.objects.get(guild=guild)
    assert (entry.state, entry.error_kind) == (BlizzardJob.State.RESTING, "")
    guild.refresh_from_db()
    assert guild.roster_doubted_at is None


def test_without_a_last_modified_the_second_roster_comes_three_hours_later(guild: Guild, answer: Answer) -> None:
    answer(10)
    let_pass(guild, CACHED_FOR - timedelta(minutes=1))
    answer(10)
    assert guild.memberships.count() == 30
    let_pass(guild, timedelta(minutes=1))
    answer(10)
    assert guild.memberships.count() == 10


def test_an_earlier_roster_confirms_nothing(guild: Guild, answer: Answer) -> None:
    answer(10, modified=NOON)
    let_pass(guild, timedelta(days=1))
    answer(10, modified=NOON - timedelta(hours=1))
    assert guild.memberships.count() == 30


def test_nobody_is_removed_while_the_guilds_page_still_counts_them(guild: Guild, sandbox: Sandbox, sync: Sync) -> None:
    for _ in range(4):
        sandbox.mutate("cut_roster", guild=KETTLE, members=10, member_count=30)
        sync()
    assert (guild.memberships.count(), left(guild)) == (30, 0)
    sandbox.mutate("cut_roster", guild=KETTLE, members=10, member_count=10)
    sync()
    assert guild.memberships.count() == 10


def test_the_page_may_be_a_little_older_than_the_roster(guild: Guild, answer: Answer) -> None:
    answer(10, modified=NOON)
    answer(10, modified=NOON + timedelta(hours=3), counted=16)
    assert guild.memberships.count() == 30
    answer(10, modified=NOON + timedelta(hours=3), counted=15)
    assert guild.memberships.count() == 10


def test_an_empty_roster_is_not_accepted_while_the_page_counts_members(guild: Guild, answer: Answer) -> None:
    for hours in range(5):
        answer(0, modified=NOON + hours * CACHED_FOR, counted=1)
        assert guild.memberships.count() == 30
    answer(0, modified=NOON + 5 * CACHED_FOR, counted=0)
    assert guild.memberships.count() == 0


def test_one_roster_does_not_empty_a_small_guild(guild: Guild, answer: Answer) -> None:
    guild.memberships.filter(pk__in=guild.memberships.values("pk")[3:]).delete()
    answer(0, modified=NOON)
    assert guild.memberships.count() == 3


def test_only_members_missing_from_both_rosters_are_removed(guild: Guild, answer: Answer) -> None:
    by_id = list(guild.memberships.order_by("character__blizzard_id").values_list("pk", flat=True))
    answer(10, modified=NOON)  # lacks 10 … 29
    answer(10, first=15, modified=NOON + timedelta(hours=3))  # lacks 0 … 14 and 25 … 29
    stay = set(guild.memberships.values_list("pk", flat=True))
    assert stay == set(by_id[:10] + by_id[15:25])
    assert left(guild) == 10
    # The first ten are in doubt now. A third, later roster decides about them.
    guild.refresh_from_db()
    assert len(guild.roster_doubted_characters or ()) == 10
    answer(10, first=15, modified=NOON + timedelta(hours=3))
    assert guild.memberships.count() == 20
    answer(10, first=15, modified=NOON + timedelta(hours=6))
    assert set(guild.memberships.values_list("pk", flat=True)) == set(by_id[15:25])


def test_a_member_who_was_back_in_between_stays(guild: Guild, answer: Answer) -> None:
    by_id = list(guild.memberships.order_by("character__blizzard_id").values_list("pk", flat=True))
    answer(10, modified=NOON)
    answer(20, modified=NOON)  # not later, but 10 … 19 are there
    answer(10, modified=NOON + timedelta(hours=3))
    assert set(guild.memberships.values_list("pk", flat=True)) == set(by_id[:20])


def test_a_good_roster_ends_the_doubt(guild: Guild, sandbox: Sandbox, sync: Sync, answer: Answer) -> None:
    answer(10, modified=NOON)
    Guild.objects.filter(pk=guild.pk).update(last_modified=None)
    sync()
    guild.refresh_from_db()
    assert (guild.memberships.count(), guild.roster_doubted_at, guild.roster_doubted_characters) == (30, None, None)
    # The same bad roster is a first one again, even if it is later.
    answer(10, modified=NOON + timedelta(days=1))
    assert guild.memberships.count() == 30


def test_the_last_accepted_roster_again_ends_the_doubt(guild: Guild, sync: Sync, answer: Answer) -> None:
    answer(10, modified=NOON)
    sync()  # 304: not modified since the accepted roster
    guild.refresh_from_db()
    assert guild.roster_doubted_at is None
    assert BlizzardJob.objects.get(guild=guild).state == BlizzardJob.State.RESTING


def test_a_few_leavers_are_removed_immediately(guild: Guild, answer: Answer) -> None:
    answer(26)
    assert guild.memberships.count() == 26


def test_ranks_and_names_of_a_doubted_roster_are_written_immediately(guild: Guild, answer: Answer) -> None:
    """A demotion must not wait for hours, and listed members are correct even if others are missing."""
    answer(10, modified=NOON, rank=9)
    assert guild.memberships.count() == 30
    assert guild.memberships.filter(rank=9, rank_since__isnull=False).count() >= 10
    assert TimelineEvent.objects.filter(guild=guild, kind=TimelineEvent.Kind.DEMOTED).exists()
    assert left(guild) == 0


@pytest.mark.parametrize(
    ("ago", "expected"),
    [
        (timedelta(hours=1), timedelta(hours=2)),
        (timedelta(hours=2, minutes=59), timedelta(minutes=1)),
        (timedelta(days=2), timedelta(hours=1)),
        (timedelta(hours=-5), timedelta(hours=3)),
        (None, timedelta(hours=3)),
    ],
)
def test_the_next_attempt_is_when_the_cache_has_expired(
    guild: Guild, answer: Answer, ago: timedelta | None, expected: timedelta
) -> None:
    now = timezone.now()
    answer(10, modified=None if ago is None else now - ago)
    due_at = BlizzardJob.objects.get(guild=guild).next_due_at
    assert due_at is not None
    assert expected <= due_at - now <= expected + timedelta(minutes=2)


def test_an_interactive_refresh_does_not_wait_for_the_cache(
    guild: Guild, answer: Answer, people: Callable[[str], User]
) -> None:
    answer(10, modified=timezone.now())
    assert not BlizzardJob.objects.get(guild=guild).is_busy
    request_roster(guild, [people("Mara")])
    entry = BlizzardJob.objects.get(guild=guild)
    assert entry.is_busy
    assert entry.next_due_at is not None
    assert entry.next_due_at <= timezone.now()


def test_the_sync_page_shows_the_doubt_and_the_next_attempt(
    guild: Guild, answer: Answer, client: Client, people: Callable[[str], User]
) -> None:
    olga = people("Olga")
    Character.objects.filter(membership__guild=guild, membership__rank=0).update(
        user=olga, owner_confirmed_at=timezone.now(), account_blizzard_id=F("blizzard_id")
    )
    answer(10, modified=timezone.now())
    client.force_login(olga)
    page = client.get("/guilds/eu/quillmarsh/second-kettle/sync/").content.decode()
    assert "The last roster lacks 20 members." in page
    assert "in 3 hours" in page
    assert "being refreshed" not in page


def test_an_officer_who_clicks_refresh_after_a_bad_roster_removes_nobody(
    guild: Guild, sandbox: Sandbox, sync: Sync
) -> None:
    """The second request gets the same document from the cache."""
    sandbox.mutate("cut_roster", guild=KETTLE, members=0, member_count=0)
    sync()
    transitions.mark_due(BlizzardJob.objects.filter(guild=guild), BlizzardJob.Priority.HIGH)
    sync()
    assert (guild.memberships.count(), left(guild)) == (30, 0)
