"""Officer notes: all of a guild, including those about former members, and a single one."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guilds.access import FORM_METHODS, GuildRequest, guild_page
from guilds.edit_conflict import EditConflict, VersionField, overwriting, version_of
from guilds.models import Membership, OfficerNote
from guilds.multiline_field import MultilineField
from guilds.notes.services import changeable, delete_note, edit_note
from guilds.paging import paging_with_count

LONGEST_NOTE = 4000
NOTES_PER_PAGE = 50
OK, CONFLICT = 200, 409


class NoteForm(forms.Form):
    """A new note, about the player or about this character only."""

    text = MultilineField(label=_("Note"), max_length=LONGEST_NOTE, widget=forms.Textarea({"rows": 4}))

    def __init__(self, data: Mapping[str, Any] | None = None, *, member: Membership) -> None:
        super().__init__(data, initial={"about": "person"})
        person = member.character.user
        if person is None:
            return
        choices = (
            ("person", gettext("%(name)s, with all characters") % {"name": person.display_name}),
            ("character", gettext("%(name)s only") % {"name": member.character.name}),
        )
        self.fields["about"] = forms.ChoiceField(
            label=_("About"), choices=choices, widget=forms.RadioSelect, required=False
        )

    @property
    def about_person(self) -> bool:
        return self.cleaned_data.get("about") == "person"


class EditNoteForm(forms.Form):
    """A new text for a note."""

    text = MultilineField(label=_("Note"), max_length=LONGEST_NOTE, widget=forms.Textarea({"rows": 6}))
    version = VersionField()


@guild_page("guilds.read_notes")
def notes(request: GuildRequest) -> HttpResponse:
    """List the notes, latest first; `q` searches characters, players and text."""
    guild = request.guild
    asked = request.GET.get("q", "").strip()[:64]
    found = guild.officer_notes.with_people()
    if asked:
        found = found.search(asked)
    pages = paging_with_count(request, found, NOTES_PER_PAGE, urlencode({"q": asked} if asked else {}))
    context = {"guild": guild, **pages, "changeable": changeable(pages["page"].object_list, guild, request.user)}
    return render(request, "guilds/notes.html", context)


@guild_page("guilds.write_notes", methods=FORM_METHODS)
def note(request: GuildRequest, note_id: UUID) -> HttpResponse:
    """Show a note and save another text for it."""
    guild, found = request.guild, _note_or_403(request, note_id)
    form = EditNoteForm(
        request.POST if request.method == "POST" else None,
        initial={"text": found.text, "version": version_of(found.text)},
    )
    status = OK
    if form.is_valid():
        try:
            edit_note(guild=guild, actor=request.user, note=found, **form.cleaned_data)
        except EditConflict:
            found.refresh_from_db()
            form, status = EditNoteForm(overwriting(request.POST, found.text)), CONFLICT
        else:
            messages.success(request, gettext("Saved."))
            return redirect("guilds:notes", guild)
    context = {"guild": guild, "note": found, "form": form, "is_conflict": status == CONFLICT}
    return render(request, "guilds/note.html", context, status=status)


@guild_page("guilds.write_notes", methods=FORM_METHODS)
def delete(request: GuildRequest, note_id: UUID) -> HttpResponse:
    """Delete a note."""
    guild = request.guild
    found = _note_or_403(request, note_id)
    if request.method != "POST":
        return redirect("guilds:note", guild, note_id)
    delete_note(guild=guild, actor=request.user, note=found)
    messages.success(request, gettext("Note deleted."))
    return redirect("guilds:notes", guild)


def _note_or_403(request: GuildRequest, note_id: UUID) -> OfficerNote:
    """Return a note that the user can change; those who can write but not read notes change only their own."""
    guild = request.guild
    found = get_object_or_404(guild.officer_notes.with_people(), pk=note_id)
    user = request.user
    can_read = user.has_perm("guilds.read_notes", guild) or found.author_id == user.pk
    if not can_read or found.pk not in changeable([found], guild, user):
        raise PermissionDenied
    return found
