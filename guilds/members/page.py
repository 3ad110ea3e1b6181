"""The page of a member, which also shows the forms of several features."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from guilds.access import GuildRequest
from guilds.alt_notes.forms import AltNoteForm
from guilds.models import Guild, Membership
from guilds.notes.forms import NoteForm
from guilds.notes.services import changeable
from guilds.ranks import rank_names
from guilds.todo.forms import TodoForm

LATEST_EVENTS = 20


def member_or_404(guild: Guild, character_id: UUID) -> Membership:
    """Return the membership of a character in the guild. Raises Http404."""
    members = guild.memberships.with_characters().select_related("character__user", "noted_main__character")
    return get_object_or_404(members, character=character_id)


def to_member(member: Membership) -> HttpResponse:
    """Redirect to the member's page."""
    return redirect("guilds:member", member.guild, member.character_id)


def save_or_show(
    request: GuildRequest, member: Membership, form: Form, save: Callable[[], str], **forms: Form
) -> HttpResponse:
    """Save a form that was sent and redirect to the member's page, or show the page with its errors.

    `save` returns the message to show. A GET, as after signing in, only redirects.
    """
    if request.method != "POST":
        return to_member(member)
    if form.is_valid():
        try:
            messages.success(request, save())
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return to_member(member)
    return show_member(request, member, **forms)


def show_member(request: GuildRequest, member: Membership, **forms: Form) -> HttpResponse:
    """Render the member's page; `forms` are those with errors, by their name in the template."""
    guild, ranks = request.guild, rank_names(request.guild)
    context: dict[str, Any] = {
        "guild": guild,
        "member": member,
        "character": member.character,
        "person": member.character.user,
        "ranks": ranks,
        "is_member": True,
        "others": _other_characters(guild, member),
        "main": _main_of(guild, member),
        "events": guild.timeline.filter(character=member.character).with_people()[:LATEST_EVENTS],
        **_notes(request, member),
        **_roster_forms(request, member, ranks),
        **forms,
    }
    return render(request, "guilds/member.html", context)


def _notes(request: GuildRequest, member: Membership) -> dict[str, Any]:
    guild, user, person = request.guild, request.user, member.character.user
    context: dict[str, Any] = {}
    if user.has_perm("guilds.read_notes", guild):
        about = Q(about_character=member.character) | Q(about_person=person, about_person__isnull=False)
        found = list(guild.officer_notes.filter(about).with_people())
        context |= {"notes": found, "changeable": changeable(found, guild, user), "can_read_notes": True}
    if user.has_perm("guilds.write_notes", guild):
        context["note_form"] = NoteForm(member=member)
    return context


def _roster_forms(request: GuildRequest, member: Membership, ranks: dict[int, str]) -> dict[str, Any]:
    guild = request.guild
    if not request.user.has_perm("guilds.manage_roster", guild):
        return {}
    return {
        "can_manage_roster": True,
        "todo_item": guild.todo_items.open().filter(character=member.character).with_people().first(),
        "todo_form": TodoForm(ranks=ranks),
        "alt_form": AltNoteForm(),
    }


def _main_of(guild: Guild, member: Membership) -> Membership | None:
    """The main of the member's player, if the character is linked."""
    if member.character.user_id is None:
        return None
    return guild.memberships.filter(main_of=member.character.user_id).select_related("main_chosen_by").first()


def _other_characters(guild: Guild, member: Membership) -> list[Membership]:
    """The player's other characters in the guild; for a character without a player, those of its alt notes."""
    if member.character.user_id is not None:
        same = Q(character__user=member.character.user_id)
    else:
        main = member.noted_main_id or member.pk
        same = Q(pk=main) | Q(noted_main=main)
    found = guild.memberships.filter(same).exclude(pk=member.pk).with_characters()
    return list(found.order_by("rank", "character__name"))
