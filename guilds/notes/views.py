"""All officers' notes of a guild, also about those who left; one note, to change or to delete."""

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from guilds.access import FORM_METHODS, GuildRequest, guild_page
from guilds.edit_conflict import EditConflict, overwriting, version_of
from guilds.members.forms import EditNoteForm
from guilds.models import Guild, OfficerNote
from guilds.notes.services import READ, changeable, delete_note, edit_note

NOTES_PER_PAGE = 50
CONFLICT = 409


@guild_page("guilds.read_notes")
def notes(request: GuildRequest) -> HttpResponse:
    """The latest first, fifty a page; `q` finds characters, people and words."""
    guild = request.guild
    asked = request.GET.get("q", "").strip()[:64]
    found = OfficerNote.objects.filter(guild=guild).with_people()
    if asked:
        found = found.holding(asked)
    page = Paginator(found, NOTES_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "guild": guild,
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1),
        "asked": QueryDict(urlencode({"q": asked} if asked else {})),
        "changeable": changeable(page.object_list, guild, request.user),
    }
    return render(request, "guilds/notes.html", context)


@guild_page("guilds.write_notes", methods=FORM_METHODS)
def note(request: GuildRequest, note_id: UUID) -> HttpResponse:
    """Change a note's text."""
    guild = request.guild
    found = _note_or_403(request, guild, note_id)
    if request.method != "POST":
        return _page(
            request, guild, found, EditNoteForm(initial={"text": found.text, "version": version_of(found.text)})
        )
    form = EditNoteForm(request.POST)
    if not form.is_valid():
        return _page(request, guild, found, form)
    text, version = form.cleaned_data["text"], form.cleaned_data["version"]
    try:
        edit_note(guild=guild, actor=request.user, note=found, text=text, version=version)
    except EditConflict:
        found.refresh_from_db()
        form = EditNoteForm(overwriting(request.POST, found.text))
        return _page(request, guild, found, form, status=CONFLICT)
    messages.success(request, _("Saved."))
    return redirect("guilds:notes", guild)


@guild_page("guilds.write_notes", methods=FORM_METHODS)
def delete(request: GuildRequest, note_id: UUID) -> HttpResponse:
    """Delete a note for good."""
    guild = request.guild
    found = _note_or_403(request, guild, note_id)
    if request.method != "POST":
        return redirect("guilds:note", guild, note_id)
    delete_note(guild=guild, actor=request.user, note=found)
    messages.success(request, _("The note is gone."))
    return redirect("guilds:notes", guild)


def _note_or_403(request: GuildRequest, guild: Guild, note_id: UUID) -> OfficerNote:
    """A note that the person may change. Whoever may write notes but not read them changes their own only."""
    found = get_object_or_404(guild.officer_notes.with_people(), pk=note_id)
    user = request.user
    may_read = user.has_perm(READ, guild) or found.author_id == user.pk
    if not may_read or found.pk not in changeable([found], guild, user):
        raise PermissionDenied
    return found


def _page(
    request: GuildRequest, guild: Guild, found: OfficerNote, form: EditNoteForm, status: int = 200
) -> HttpResponse:
    context = {"guild": guild, "note": found, "form": form, "changed_meanwhile": status == CONFLICT}
    return render(request, "guilds/note.html", context, status=status)
