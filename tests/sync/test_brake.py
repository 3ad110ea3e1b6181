"""A bad answer does not empty a guild: what would throw many out must be said twice."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from guilds.models import Guild, TimelineEvent
from sync.blizzard.client import BlizzardClient
from sync.models import LedgerEntry
from sync.services.guilds import apply_roster, sync_guild
from tests.battlenet import Sandbox

State = LedgerEntry.State
Answer = Callable[..., None]


@pytest.fixture
def guild(roster_of: Callable[..., Guild]) -> Guild:
    """A guild of 30 whose roster was synced once."""
    return roster_of("eu", "quillmarsh", "Second Kettle")


@pytest.fixture
def answer(guild: Guild, battlenet: BlizzardClient) -> Answer:
    """Let Battle.net answer with only so many of the guild's members, best ranks last."""

    def with_only(count: int, *, first: int = 0) -> None:
        roster: Any = battlenet.guild_roster(guild.region, guild.realm.slug, guild.slug).payload
        profile = battlenet.guild(guild.region, guild.realm.slug, guild.slug)
        short = replace(roster, members=roster.members[first : first + count])
        apply_roster(guild=guild, profile=profile, roster=short, modified=None)

    return with_only


def test_a_roster_without_most_of_the_members_throws_nobody_out_at_first(guild: Guild, answer: Answer) -> None:
    answer(10)
    assert guild.memberships.count() == 30
    assert not TimelineEvent.objects.filter(kind=TimelineEvent.Kind.LEFT).exists()
    entry = LedgerEntry.objects.get(guild=guild)
    assert (entry.state, entry.error_kind) == (State.DUE, "doubtful_roster")
    assert "20 of 30" in entry.error_text


def test_an_empty_roster_is_not_believed_at_first(guild: Guild, answer: Answer) -> None:
    answer(0)
    assert guild.memberships.count() == 30


def test_a_second_answer_that_says_the_same_is_believed(guild: Guild, answer: Answer) -> None:
    answer(10)
    answer(10)
    assert guild.memberships.count() == 10
    assert TimelineEvent.objects.filter(kind=TimelineEvent.Kind.LEFT).count() == 20
    entry = LedgerEntry.objects.get(guild=guild)
    assert (entry.state, entry.error_kind) == (State.RESTING, "")


def test_a_second_answer_that_says_something_else_is_doubted_anew(guild: Guild, answer: Answer) -> None:
    answer(10)
    answer(10, first=15)
    assert guild.memberships.count() == 30


def test_a_good_answer_ends_the_doubt(
    guild: Guild, answer: Answer, battlenet: BlizzardClient, sandbox: Sandbox
) -> None:
    answer(10)
    guild.refresh_from_db()
    guild.last_modified = None
    sync_guild(client=battlenet, guild=guild)
    guild.refresh_from_db()
    assert (guild.memberships.count(), guild.doubted_roster) == (30, "")
    # The doubt is over: the same bad answer is a first one again.
    answer(10)
    assert guild.memberships.count() == 30


def test_a_few_who_leave_are_believed_at_once(guild: Guild, answer: Answer) -> None:
    answer(26)
    assert guild.memberships.count() == 26
