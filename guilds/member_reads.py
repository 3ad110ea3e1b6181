"""Queries of a member's page, each one statement that is compiled once in each process."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.compiled_queries import CompiledQuery
from characters.models import Character, ItemLevelRecord, Specialization
from guilds.models import Guild, Membership, OfficerNote, TimelineEvent, TodoItem
from guilds.timeline.shown import ShownEvent, shown

# For the ranks; the page shows fewer.
KEPT_EVENTS = 200


def read_member(guild: Guild, character_id: UUID) -> Membership | None:
    """Return the membership of a character in the guild, with what its page shows of it."""
    return next(iter(_of_guild(guild, _MEMBER(guild=guild.pk, character=character_id))), None)


def other_characters(guild: Guild, member: Membership) -> list[Membership]:
    """Return the player's other characters in the guild, and those that officers noted as alts of one of them."""
    noted = member.noted_main if member.character.user_id is None else None
    main = noted or member
    if main.character.user_id is not None:
        found = _OF_PLAYER(guild=guild.pk, person=main.character.user_id)
        if any(one.has_noted_alts for one in found):  # type: ignore[attr-defined]  # annotated by the query
            found = sorted([*found, *_NOTED_ALTS(guild=guild.pk, person=main.character.user_id)], key=_by_rank)
    else:
        found = _OF_NOTED_MAIN(guild=guild.pk, main=main.pk)
    return [one for one in _of_guild(guild, found) if one.pk != member.pk]


def other_specializations(member: Membership) -> list[Specialization]:
    """Return the specializations that the player has set up besides the active one, each with its `icon`."""
    found = _SPECIALIZATIONS(character=member.character_id)
    return [one for one in found if one.pk != member.character.active_spec_id]


def item_levels_of(member: Membership) -> list[ItemLevelRecord]:
    """Return the character's item level over time, earliest first."""
    return _ITEM_LEVELS(character=member.character_id)


def events_of(guild: Guild, character_id: UUID, kinds: Sequence[str]) -> list[ShownEvent]:
    """Return the latest events of these kinds about a character, latest first."""
    return _events(tuple(kinds))(guild=guild.pk, character=character_id)


def notes_about(guild: Guild, member: Membership) -> list[OfficerNote]:
    """Return the notes about the character, and about its player."""
    person = member.character.user_id
    if person is None:
        return _NOTES_ABOUT_CHARACTER(guild=guild.pk, character=member.character_id)
    return _NOTES_ABOUT_PLAYER(guild=guild.pk, character=member.character_id, person=person)


def open_item(guild: Guild, member: Membership) -> TodoItem | None:
    """Return what is to be done with the member."""
    found = _TODO(guild=guild.pk, character=member.character_id, now=timezone.now())
    for item in found:
        item.guild = guild
    return next(iter(found), None)


def _of_guild(guild: Guild, members: list[Membership]) -> list[Membership]:
    for one in members:
        one.guild = guild
    return members


def _members(guild: UUID, which: Q) -> "QuerySet[Membership]":
    members = Membership.objects.filter(which, guild=guild).with_characters().with_pictures()
    return members.select_related("main_chosen_by").order_by("rank", "character__name")


def _of_player(guild: UUID, person: UUID) -> "QuerySet[Membership]":
    # Noted alts are read apart: with OR there is no index for both, and all members of the guild would be joined.
    noted = Membership.objects.filter(noted_main=OuterRef("pk"), character__user=None)
    return _members(guild, Q(character__user=person)).annotate(has_noted_alts=Exists(noted))


def _by_rank(member: Membership) -> tuple[int, str]:
    return member.rank, member.character.name


def _notes(guild: UUID, about: Q) -> "QuerySet[OfficerNote]":
    return OfficerNote.objects.filter(about, guild=guild).with_people()


@cache
def _events(kinds: tuple[str, ...]) -> CompiledQuery[ShownEvent]:
    return CompiledQuery(
        lambda guild, character: shown(
            TimelineEvent.objects.filter(guild=guild, character=character, kind__in=kinds)[:KEPT_EVENTS]
        ),
        guild=UUID,
        character=UUID,
    )


_MEMBER = CompiledQuery(
    lambda guild, character: _members(guild, Q(character=character)).select_related(
        "character__user", "noted_main__character"
    ),
    guild=UUID,
    character=UUID,
)
_SPECIALIZATIONS = CompiledQuery(
    lambda character: (
        Specialization.objects.filter(
            pk__in=Character.specializations.through.objects.filter(character=character).values("specialization")
        )
        .order_by("name")
        .annotate(icon=F("picture"))
    ),
    character=UUID,
)
_ITEM_LEVELS = CompiledQuery(lambda character: ItemLevelRecord.objects.filter(character=character), character=UUID)
_OF_PLAYER = CompiledQuery(_of_player, guild=UUID, person=UUID)
_NOTED_ALTS = CompiledQuery(
    lambda guild, person: _members(guild, Q(noted_main__character__user=person, character__user=None)),
    guild=UUID,
    person=UUID,
)
_OF_NOTED_MAIN = CompiledQuery(
    lambda guild, main: _members(guild, Q(pk=main) | Q(noted_main=main)), guild=UUID, main=UUID
)
_NOTES_ABOUT_CHARACTER = CompiledQuery(
    lambda guild, character: _notes(guild, Q(about_character=character)), guild=UUID, character=UUID
)
_NOTES_ABOUT_PLAYER = CompiledQuery(
    lambda guild, character, person: _notes(guild, Q(about_character=character) | Q(about_person=person)),
    guild=UUID,
    character=UUID,
    person=UUID,
)
_TODO = CompiledQuery(
    lambda guild, character, now: (
        TodoItem.objects.open().filter(guild=guild, character=character, expires_at__gt=now).with_people()
    ),
    guild=UUID,
    character=UUID,
    now=datetime,
)
