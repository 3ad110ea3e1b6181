"""The writes of officer notes, and who can change them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Min, QuerySet
from django.utils import timezone

from accounts import security_log
from accounts.compiled_queries import CompiledQuery
from accounts.models import User
from characters.models import Character
from guilds.access import lock_guild
from guilds.edit_conflict import check_version
from guilds.models import LOWEST_RANK, Guild, Membership, OfficerNote
from guilds.player_links import gives_rights

# Former members rank below everyone, site admins above.
NO_RANK = LOWEST_RANK + 1
ABOVE_ALL_RANKS = -1


def _ranks(guild: UUID, now: datetime) -> "QuerySet[Membership, tuple[Any, ...]]":
    """Each player of the guild, with the best rank of all their characters, and of those that give them permissions."""
    linked = Membership.objects.filter(guild=guild, character__user__isnull=False).order_by()
    return linked.values_list("character__user").annotate(
        linked=Min("rank"), held=Min("rank", filter=gives_rights(now))
    )


_RANKS = CompiledQuery(_ranks, guild=UUID, now=datetime)


def changeable(notes: Iterable[OfficerNote], guild: Guild, actor: User) -> set[UUID]:
    """Return the ids of the notes that the user can change, in one statement."""
    notes = list(notes)
    if not notes or not actor.has_perm("guilds.write_notes", guild):
        return set()
    ranks = _RANKS(guild=guild.pk, now=timezone.now())
    # The rank of an author's characters protects them even while it gives them no permissions.
    authors: dict[UUID | None, int] = {person: linked for person, linked, _ in ranks}
    held = next((rank for person, _, rank in ranks if person == actor.pk), None)
    own = ABOVE_ALL_RANKS if actor.is_superuser else NO_RANK if held is None else held
    return {note.pk for note in notes if note.author_id == actor.pk or own < authors.get(note.author_id, NO_RANK)}


@transaction.atomic
def add_note(*, guild: Guild, actor: User, membership: Membership, text: str, about_person: bool) -> OfficerNote:
    """Add a note about a member's character, or about its player if it is linked. Raises PermissionDenied."""
    lock_guild(guild, actor, "guilds.write_notes")
    character = guild.memberships.select_related("character__user").get(pk=membership.pk).character
    person = character.user if about_person else None
    return OfficerNote.objects.create(
        guild=guild,
        about_person=person,
        about_character=None if person else character,
        text=text,
        author=actor,
    )


@transaction.atomic
def add_note_about_character(*, guild: Guild, actor: User, character: Character, text: str) -> OfficerNote:
    """Add a note about a character, such as a former member's. Raises PermissionDenied."""
    lock_guild(guild, actor, "guilds.write_notes")
    return OfficerNote.objects.create(guild=guild, about_character=character, text=text, author=actor)


@transaction.atomic
def add_notes(
    *, guild: Guild, actor: User, memberships: Iterable[Membership], text: str, about_person: bool
) -> list[OfficerNote]:
    """Add the same note about each player once, or about each character, in one statement. Raises PermissionDenied."""
    lock_guild(guild, actor, "guilds.write_notes")
    members = guild.memberships.filter(pk__in=[one.pk for one in memberships]).select_related("character")
    subjects = {
        (person, None if person else one.character_id)
        for one in members
        for person in (one.character.user_id if about_person else None,)
    }
    return OfficerNote.objects.bulk_create(
        OfficerNote(guild=guild, about_person_id=person, about_character_id=character, text=text, author=actor)
        for person, character in subjects
    )


@transaction.atomic
def edit_note(*, guild: Guild, actor: User, note: OfficerNote, text: str, version: str) -> None:
    """Replace the text, whose `version` the user saw. Raises EditConflict and PermissionDenied."""
    now = _note_to_change(guild, actor, note)
    if text == now.text:
        return
    check_version(version, now.text)
    now.text, now.edited_at, now.edited_by = text, timezone.now(), actor
    now.save(update_fields=("text", "edited_at", "edited_by", "updated_at"))


@transaction.atomic
def delete_note(*, guild: Guild, actor: User, note: OfficerNote) -> None:
    """Delete a note. Raises PermissionDenied."""
    _note_to_change(guild, actor, note).delete()
    security_log.record(security_log.Event.NOTES_DELETED, actor=actor, guild_id=guild.pk, count=1)


def _note_to_change(guild: Guild, actor: User, note: OfficerNote) -> OfficerNote:
    lock_guild(guild, actor, "guilds.write_notes")
    now = guild.officer_notes.select_for_update(of=("self",)).get(pk=note.pk)
    if now.pk not in changeable([now], guild, User.objects.get(pk=actor.pk)):
        raise PermissionDenied
    return now
