"""Selected rows of the roster: to-do items, notes and alt notes for all of them at once."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from guilds.access import FORM_METHODS, GuildRequest, guild_page
from guilds.alt_notes import add_alt_notes
from guilds.game_names import game_name
from guilds.models import Guild, Membership
from guilds.multiline_field import MultilineField
from guilds.notes.services import add_notes
from guilds.notes.views import LONGEST_NOTE
from guilds.ranks import rank_names
from guilds.roster.page import Roster, reader_of
from guilds.todo.views import TodoForm, add_and_show

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# What can be done, and the permission for it.
ACTIONS = {"todo": "guilds.manage_roster", "note": "guilds.write_notes", "alt": "guilds.manage_roster"}


class NotesForm(forms.Form):
    """The same note about each selected row."""

    text = MultilineField(label=gettext_lazy("Note"), max_length=LONGEST_NOTE, widget=forms.Textarea({"rows": 4}))
    about_person = forms.BooleanField(
        label=gettext_lazy("About the players, with all their characters"),
        required=False,
        initial=True,
        help_text=gettext_lazy("Characters without a player get a note of their own."),
    )


class AltNotesForm(forms.Form):
    """The main of the selected characters, chosen by its row: names can be shared."""

    main = forms.ChoiceField(label=gettext_lazy("Alts of"))

    def __init__(self, data: Mapping[str, Any] | None = None, *, guild: Guild) -> None:
        super().__init__(data)
        self.members = {
            str(one.pk): one for one in guild.memberships.select_related("character__realm", "noted_main__character")
        }
        named = sorted((_name_of(one, guild), pk) for pk, one in self.members.items())
        self.fields["main"].choices = [("", "–"), *((pk, name) for name, pk in named)]  # type: ignore[attr-defined]

    @property
    def chosen_main(self) -> Membership:
        return self.members[self.cleaned_data["main"]]


@guild_page(*ACTIONS.values(), methods=FORM_METHODS)
def selected(request: GuildRequest) -> HttpResponse:
    """Show the form for the selected rows (`member`, or `all` that a query finds), and save it once it is filled in."""
    guild, data = request.guild, request.POST
    action = data.get("action", "")
    members = _members(request)
    if request.method != "POST" or action not in ACTIONS or not members:
        if request.method == "POST":
            messages.error(request, _("Select at least one row."))
        return _back_to_roster(request)
    if not request.user.has_perm(ACTIONS[action], guild):
        raise PermissionDenied
    form = _form(action, guild, data if "save" in data else None)
    if form.is_valid():
        try:
            return _save(request, form, members)
        except ValidationError as error:
            form.add_error(None, error)
    context = {
        "guild": guild,
        "action": action,
        "form": form,
        "members": members,
        "names": "\n".join(_name_of(one, guild) for one in members),
        "back": data.get("back", ""),
    }
    return render(request, "guilds/selected.html", context)


def _form(action: str, guild: Guild, data: QueryDict | None) -> forms.Form:
    if action == "todo":
        return TodoForm(data, ranks=rank_names(guild))
    return NotesForm(data) if action == "note" else AltNotesForm(data, guild=guild)


def _save(request: GuildRequest, form: forms.Form, members: Sequence[Membership]) -> HttpResponse:
    """Save a valid form and redirect. Raises ValidationError."""
    who: dict[str, Any] = {"guild": request.guild, "actor": request.user}
    if isinstance(form, TodoForm):
        return add_and_show(request, members, form)
    if isinstance(form, AltNotesForm):
        count = add_alt_notes(**who, alts=members, main=form.chosen_main)
        done = ngettext("%(count)d alt noted.", "%(count)d alts noted.", count)
    else:
        count = len(add_notes(**who, memberships=members, **form.cleaned_data))
        done = ngettext("%(count)d note added.", "%(count)d notes added.", count)
    messages.success(request, done % {"count": count})
    return _back_to_roster(request)


def _members(request: GuildRequest) -> list[Membership]:
    """Return the selected members, found by their rows."""
    found = request.guild.memberships.filter(character__in=[UUID(one) for one in _selected_ids(request)])
    return list(found.select_related("character__realm", "character__user").order_by("character__name", "pk"))


def _selected_ids(request: GuildRequest) -> list[str]:
    """Return the ids of the selected characters: of ticked rows, or of all that the roster's query finds."""
    data = request.POST
    ticked = {one for one in data.getlist("member") if _UUID.fullmatch(one)}
    is_all, with_alts = "is_all" in data, "with_alts" in data
    if not is_all and not with_alts:
        return list(ticked)
    lines = Roster(request.guild, QueryDict(data.get("back", "")), reader_of(request)).sorted
    wanted = (line for line in lines if is_all or line.member.character in ticked)
    return [one.character for line in wanted for one in (line.member, *(line.alts if with_alts else ()))]


def _back_to_roster(request: GuildRequest) -> HttpResponse:
    query = QueryDict(request.POST.get("back", "")).urlencode()
    return redirect(f"{reverse('guilds:roster', args=(request.guild,))}?{query}".rstrip("?"))


def _name_of(member: Membership, guild: Guild) -> str:
    character = member.character
    return game_name(character.name, character.realm.name, is_home=character.realm_id == guild.realm_id)
