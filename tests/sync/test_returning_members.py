"""Members who return within 30 days get back their main, alt notes, notes and join date."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from characters.models import Character
from guilds.former_members.services import forget_former_members
from guilds.models import FormerAltNote, FormerMember, Guild, Membership, OfficerNote
from sync import tasks
from sync.blizzard.client import BlizzardClient
from tests.sync.working import apply_roster

Choice = Membership.MainChoice
Rosters = Callable[..., None]
EARLIER = datetime(2026, 3, 1, 20, tzinfo=UTC)


@pytest.fixture
def guild(roster_of: Callable[..., Guild]) -> Guild:
    """Return a guild of 30 whose roster was synced once."""
    return roster_of("eu", "quillmarsh", "Second Kettle")


@pytest.fixture
def without(guild: Guild, battlenet: BlizzardClient) -> Rosters:
    """Apply a roster without some characters; `changes` apply to the entry of `of`."""
    roster: Any = battlenet.guild_roster(guild.region, guild.realm.slug, guild.slug).payload
    profile = battlenet.guild(guild.region, guild.realm.slug, guild.slug)

    def go(*absent: Character, of: Character | None = None, **changes: Any) -> None:
        ids = {one.blizzard_id for one in absent}
        members = [
            replace(one, **changes) if of is not None and one.id == of.blizzard_id else one
            for one in roster.members
            if one.id not in ids
        ]
        apply_roster(
            guild=Guild.objects.select_related("realm").get(pk=guild.pk),
            profile=profile,
            roster=replace(roster, members=tuple(members)),
            modified=None,
        )

    return go


@pytest.fixture
def mara(guild: Guild, people: Callable[[str], User]) -> User:
    """Return a raider with three characters in the guild, who chose the one with the worst rank as main."""
    mara = people("Mara")
    places = list(guild.memberships.filter(rank__gt=0).order_by("rank", "pk"))
    for place in (places[0], places[1], places[-1]):
        Character.objects.filter(pk=place.character_id).update(user=mara)
    Membership.objects.filter(pk=places[-1].pk).update(
        main_of=mara, main_choice=Choice.OWN, main_chosen_by=mara, joined_seen_at=EARLIER
    )
    return mara


def main_of(user: User) -> Membership:
    return Membership.objects.select_related("character").get(main_of=user)


def place_of(character: Character) -> Membership:
    return Membership.objects.get(character=character)


def let_pass(time: timedelta) -> None:
    for former in FormerMember.objects.all():
        FormerMember.objects.filter(pk=former.pk).update(left_at=former.left_at - time)
    for note in FormerAltNote.objects.all():
        FormerAltNote.objects.filter(pk=note.pk).update(ended_at=note.ended_at - time)


def test_the_chosen_main_and_the_date_come_back(guild: Guild, mara: User, without: Rosters) -> None:
    chosen = main_of(mara).character
    without(chosen)
    assert main_of(mara).character != chosen
    assert main_of(mara).main_choice == ""
    without()
    back = main_of(mara)
    assert (back.character, back.main_choice, back.main_chosen_by) == (chosen, Choice.OWN, mara)
    assert back.joined_seen_at == EARLIER
    assert not FormerMember.objects.exists()


def test_the_rank_and_its_age_do_not_come_back(guild: Guild, mara: User, without: Rosters) -> None:
    chosen = main_of(mara).character
    without(chosen)
    before = timezone.now()
    without(of=chosen, rank=9)
    place = place_of(chosen)
    assert place.rank == 9
    assert place.rank_since is not None
    assert place.rank_since >= before


def test_a_choice_made_meanwhile_is_kept(guild: Guild, mara: User, without: Rosters) -> None:
    chosen = main_of(mara).character
    without(chosen)
    other = main_of(mara)
    Membership.objects.filter(pk=other.pk).update(main_choice=Choice.OWN, main_chosen_by=mara)
    without()
    assert main_of(mara) == other


def test_a_character_with_a_new_owner_does_not_get_the_old_main_back(
    guild: Guild, mara: User, without: Rosters, people: Callable[[str], User]
) -> None:
    chosen = main_of(mara).character
    without(chosen)
    Character.objects.filter(pk=chosen.pk).update(user=people("Buyer"))
    without()
    assert main_of(people("Buyer")).main_choice == ""
    assert main_of(mara).character != chosen


def test_returning_with_the_same_name_only_restores_nothing(guild: Guild, mara: User, without: Rosters) -> None:
    """A freed name can be taken by another character."""
    chosen = main_of(mara).character
    without(chosen)
    without(of=chosen, id=chosen.blizzard_id + 1_000_000)
    assert not Membership.objects.filter(main_choice=Choice.OWN).exists()
    assert not Membership.objects.filter(joined_seen_at=EARLIER).exists()


def test_after_thirty_days_nothing_is_restored(guild: Guild, mara: User, without: Rosters) -> None:
    chosen = main_of(mara).character
    without(chosen)
    let_pass(timedelta(days=30))
    without()
    assert main_of(mara).main_choice == ""
    assert place_of(chosen).joined_seen_at != EARLIER


def test_whose_it_was_is_deleted_after_thirty_days_and_the_rest_after_a_year(
    guild: Guild, mara: User, without: Rosters
) -> None:
    without(main_of(mara).character)
    tasks.prune_characters()
    assert FormerMember.objects.filter(person=mara, main_of=mara).exists()
    let_pass(timedelta(days=30))
    tasks.prune_characters()
    assert FormerMember.objects.filter(person=None, link_state="", main_of=None, main_choice="").exists()
    let_pass(timedelta(days=335))
    tasks.prune_characters()
    assert not FormerMember.objects.exists()
    assert forget_former_members() == 0


@pytest.mark.parametrize("leaves", ["alt", "main", "both", "alt, then main", "main, then alt"])
@pytest.mark.parametrize("returns", ["together", "alt first", "main first"])
def test_alt_notes_come_back_whether_the_main_or_the_alt_left(
    guild: Guild, without: Rosters, leaves: str, returns: str
) -> None:
    alt, main = list(guild.memberships.filter(rank__gt=0).select_related("character").order_by("pk"))[:2]
    Membership.objects.filter(pk=alt.pk).update(noted_main=main)
    first = main if leaves.startswith("main") else alt
    if leaves != "both":
        without(first.character)
    if leaves not in {"alt", "main"}:
        without(alt.character, main.character)
        if returns != "together":
            without(main.character if returns == "alt first" else alt.character)
    without()
    assert place_of(alt.character).noted_main == place_of(main.character)
    assert not FormerAltNote.objects.exists()


def test_an_alt_note_written_meanwhile_is_kept(guild: Guild, without: Rosters) -> None:
    alt, main, other = list(guild.memberships.filter(rank__gt=0).select_related("character").order_by("pk"))[:3]
    Membership.objects.filter(pk=alt.pk).update(noted_main=main)
    without(main.character)
    Membership.objects.filter(pk=alt.pk).update(noted_main=other)
    without()
    assert place_of(alt.character).noted_main == other


def test_officer_notes_are_visible_again(guild: Guild, without: Rosters, people: Callable[[str], User]) -> None:
    member = guild.memberships.filter(rank__gt=0).select_related("character").order_by("pk")[0]
    note = OfficerNote.objects.create(
        guild=guild, about_character=member.character, text="Reliable.", author=people("Olga")
    )
    without(member.character)
    tasks.prune_characters()
    without()
    assert place_of(member.character).character.officer_notes.get() == note


def test_a_guild_that_lost_everybody_gets_everything_back(guild: Guild, mara: User, without: Rosters) -> None:
    """Two rosters agreed, and both were wrong."""
    chosen = main_of(mara).character
    everybody = [one.character for one in guild.memberships.select_related("character")]
    with CaptureQueriesContext(connection) as few:
        without(chosen)
        without()
    for one in range(0, len(everybody), 5):
        without(*everybody[: one + 5])
    gone = 30 - guild.memberships.count()
    assert gone > 5
    with CaptureQueriesContext(connection) as many:
        without()
    assert guild.memberships.count() == 30
    assert (main_of(mara).character, main_of(mara).joined_seen_at) == (chosen, EARLIER)
    assert len(many) < len(few)


def test_returning_from_another_guild_restores_main_and_notes(
    guild: Guild, mara: User, without: Rosters, roster_of: Callable[..., Guild], battlenet: BlizzardClient
) -> None:
    chosen = main_of(mara).character
    other = roster_of("eu", "veillée-dardoise", "Étoile Grise")
    roster: Any = battlenet.guild_roster("eu", "veillée-dardoise", "étoile-grise").payload
    mine: Any = battlenet.guild_roster("eu", "quillmarsh", "second-kettle").payload
    member = next(one for one in mine.members if one.id == chosen.blizzard_id)
    profile = battlenet.guild("eu", "veillée-dardoise", "étoile-grise")
    apply_roster(guild=other, profile=profile, roster=replace(roster, members=(*roster.members, member)), modified=None)
    there = place_of(chosen)
    assert (there.guild, there.main_choice) == (other, "")
    assert there.joined_seen_at != EARLIER
    without()
    back = main_of(mara)
    assert (back.character, back.guild, back.main_choice) == (chosen, guild, Choice.OWN)
    assert back.joined_seen_at == EARLIER
