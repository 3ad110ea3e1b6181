"""The page of a member, which also shows the forms of several features."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from characters.profile_links import links_of
from guilds.access import FORM_METHODS, GuildRequest, guild_page
from guilds.alt_notes import AltNoteForm, add_alt_note, remove_alt_note
from guilds.away.forms import LeaveForm
from guilds.away.leaves import leaves_of
from guilds.former_members.flags import flagged_members
from guilds.mains import ChosenByPlayer, NotOwnCharacter, set_main
from guilds.member_history import item_level_chart, rank_history
from guilds.member_reads import (
    events_of,
    item_levels_of,
    notes_about,
    open_item,
    other_characters,
    other_specializations,
    read_member,
)
from guilds.models import Guild, Membership, TimelineEvent
from guilds.notes.services import add_note, changeable
from guilds.notes.views import NoteForm
from guilds.ranks import rank_names
from guilds.todo.services import add_items
from guilds.todo.views import TodoForm
from guilds.update_states import member_states

LATEST_EVENTS = 20


@guild_page("guilds.view")
def member(request: GuildRequest, character_id: UUID) -> HttpResponse:
    """Show a member: to members what Battle.net says, to officers also notes and forms."""
    return show_member(request, member_or_404(request.guild, character_id))


@guild_page("guilds.write_notes", methods=FORM_METHODS)
def write_note(request: GuildRequest, character_id: UUID) -> HttpResponse:
    """Add a note about a character or its player, from the member's page."""
    guild = request.guild
    member = member_or_404(guild, character_id)
    form = NoteForm(request.POST, member=member)

    def save() -> str:
        text, about_person = form.cleaned_data["text"], form.about_person
        add_note(guild=guild, actor=request.user, membership=member, text=text, about_person=about_person)
        return _("Note added.")

    return save_or_show(request, member, form, save, note_form=form)


@guild_page("guilds.manage_roster", methods=FORM_METHODS)
def alt_note(request: GuildRequest, character_id: UUID) -> HttpResponse:
    """Save whose alt a character without a player is; `remove` removes the note."""
    guild = request.guild
    alt = member_or_404(guild, character_id)
    if request.method == "POST" and "remove" in request.POST:
        remove_alt_note(guild=guild, actor=request.user, alt=alt)
        return to_member(alt)
    form = AltNoteForm(request.POST)

    def save() -> str:
        add_alt_note(guild=guild, actor=request.user, alt=alt, main_name=form.cleaned_data["main"])
        return _("Saved.")

    return save_or_show(request, alt, form, save, alt_form=form)


@guild_page("guilds.manage_roster", methods=FORM_METHODS)
def choose_main(request: GuildRequest, character_id: UUID) -> HttpResponse:
    """Make a character its player's main, unless they chose one themselves; `automatic` undoes that."""
    guild = request.guild
    member = member_or_404(guild, character_id)
    person = member.character.user
    if request.method == "POST" and person is not None:
        try:
            chosen = None if "automatic" in request.POST else member
            set_main(guild=guild, actor=request.user, person=person, membership=chosen)
        except (ChosenByPlayer, NotOwnCharacter) as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, _("Saved."))
    return to_member(member)


@guild_page("guilds.manage_roster", methods=FORM_METHODS)
def add_todo(request: GuildRequest, character_id: UUID) -> HttpResponse:
    """Add an item from a member's page."""
    member = member_or_404(request.guild, character_id)
    form = TodoForm(request.POST, ranks=rank_names(request.guild))

    def save() -> str:
        added = add_items(guild=request.guild, actor=request.user, members=[member], **form.terms())
        if added.refused:
            raise ValidationError(added.refused)
        return _("Added. It is ticked off once the roster shows it.")

    return save_or_show(request, member, form, save, todo_form=form)


def member_or_404(guild: Guild, character_id: UUID) -> Membership:
    """Return the membership of a character in the guild. Raises Http404."""
    found = read_member(guild, character_id)
    if found is None:
        raise Http404
    return found


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
    others = other_characters(guild, member)
    main = next((one for one in (member, *others) if one.is_main), None)
    events = events_of(guild, member.character_id, TimelineEvent.kinds_for(request.user, guild))
    item_levels = item_levels_of(member)
    context: dict[str, Any] = {
        "guild": guild,
        "member": member,
        "character": member.character,
        "person": member.character.user,
        "ranks": ranks,
        "is_member": True,
        "update_states": member_states(guild.pk, member.character_id),
        "others": others,
        "main": main,
        "links": links_of(member.character),
        "other_specs": other_specializations(member),
        "rank_history": rank_history(member.rank, reversed(events)),
        "item_levels": item_levels[::-1],
        "item_level_chart": item_level_chart(item_levels),
        "can_change_main": main is not None and _can_change_main(main, member),
        "events": events[:LATEST_EVENTS],
        **_notes(request, member),
        **_roster_forms(request, member, ranks),
        **forms,
    }
    return render(request, "guilds/member.html", context)


def _notes(request: GuildRequest, member: Membership) -> dict[str, Any]:
    guild, user = request.guild, request.user
    context: dict[str, Any] = {}
    if user.has_perm("guilds.read_notes", guild):
        found = notes_about(guild, member)
        context |= {"notes": found, "changeable": changeable(found, guild, user), "can_read_notes": True}
    if user.has_perm("guilds.write_notes", guild):
        context["note_form"] = NoteForm(member=member)
    return context


def _roster_forms(request: GuildRequest, member: Membership, ranks: dict[int, str]) -> dict[str, Any]:
    guild = request.guild
    if not request.user.has_perm("guilds.manage_roster", guild):
        return {}
    leaves, today = leaves_of(guild, member), timezone.localdate()
    return {
        "can_manage_roster": True,
        "flag_reason": flagged_members(guild).get(member.character_id, ""),
        "todo_item": open_item(guild, member),
        "todo_form": TodoForm(ranks=ranks),
        "alt_form": AltNoteForm(),
        "leaves": leaves,
        "leave_now": next((one for one in leaves if one.starts_on <= today), None),
        "leave_form": LeaveForm(),
    }


def _can_change_main(main: Membership, member: Membership) -> bool:
    """Return whether officers can make this character the main, or set the main back to automatic."""
    is_officers_choice = main.main_choice == Membership.MainChoice.OFFICER
    return main.main_choice != Membership.MainChoice.OWN and (main.pk != member.pk or is_officers_choice)
