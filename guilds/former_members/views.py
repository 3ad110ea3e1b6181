"""Former members: who left, notes about them, and the flag "do not re-invite"."""

from collections import Counter
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guilds.access import FORM_METHODS, GuildRequest, guild_page
from guilds.former_members.flags import flag_former_member, flagged_memberships, remove_flag
from guilds.models import FormerMember, Guild, OfficerNote, ReinviteFlag
from guilds.multiline_field import MultilineField
from guilds.notes.services import add_note_about_character, changeable
from guilds.notes.views import LONGEST_NOTE
from guilds.paging import paging_with_count
from guilds.ranks import rank_names

MEMBERS_PER_PAGE = 50
MANAGE, READ_NOTES, WRITE_NOTES = "guilds.manage_roster", "guilds.read_notes", "guilds.write_notes"


class FlagForm(forms.Form):
    """The reason of a flag."""

    reason = forms.CharField(label=_("Reason"), max_length=500)


class FormerNoteForm(forms.Form):
    """A note about a former member's character."""

    text = MultilineField(label=_("Note"), max_length=LONGEST_NOTE, widget=forms.Textarea({"rows": 3}))


@guild_page(MANAGE, READ_NOTES)
def former_members(request: GuildRequest) -> HttpResponse:
    """List who left, latest first; `q` searches by name, `flagged` shows only those who are flagged."""
    guild, user = request.guild, request.user
    asked = {"q": request.GET.get("q", "").strip()[:64], "flagged": "1" if "flagged" in request.GET else ""}
    flags = _flags(request)
    found = FormerMember.objects.still_out(guild).select_related("realm", "playable_class")
    if asked["q"]:
        found = found.filter(name__icontains=asked["q"])
    if asked["flagged"]:
        found = found.filter(blizzard_id__in=[blizzard_id for _realm, blizzard_id in flags])
    pages = paging_with_count(
        request, found, MEMBERS_PER_PAGE, urlencode({key: one for key, one in asked.items() if one})
    )
    members: list[FormerMember] = list(pages["page"].object_list)
    context = {
        "guild": guild,
        "ranks": rank_names(guild),
        **pages,
        "members": [(one, flags.get((one.realm_id, one.blizzard_id))) for one in members],
        "notes": _note_counts(guild, members) if user.has_perm(READ_NOTES, guild) else {},
        "back": flagged_memberships(guild) if flags else [],
        "search": asked,
    }
    return render(request, "guilds/former_members.html", context)


@guild_page(MANAGE, READ_NOTES, post=MANAGE, methods=FORM_METHODS)
def former_member(request: GuildRequest, former_id: UUID) -> HttpResponse:
    """Show a former member, and flag them."""
    guild, former = request.guild, _former_or_404(request.guild, former_id)
    form = FlagForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        flag_former_member(guild=guild, actor=request.user, former=former, **form.cleaned_data)
        messages.success(request, gettext("Flagged. You are warned when they come back."))
        return redirect("guilds:former_member", guild, former_id)
    return _show(request, former, flag_form=form)


@guild_page(WRITE_NOTES, methods=FORM_METHODS)
def write_note(request: GuildRequest, former_id: UUID) -> HttpResponse:
    """Add a note about a former member."""
    guild, former = request.guild, _former_or_404(request.guild, former_id)
    if former.character is None:
        raise Http404
    form = FormerNoteForm(request.POST)
    if request.method == "POST" and form.is_valid():
        add_note_about_character(guild=guild, actor=request.user, character=former.character, **form.cleaned_data)
        messages.success(request, gettext("Note added."))
    elif request.method == "POST":
        return _show(request, former, note_form=form)
    return redirect("guilds:former_member", guild, former_id)


@guild_page(MANAGE, methods=FORM_METHODS)
def remove(request: GuildRequest, flag_id: UUID) -> HttpResponse:
    """Remove a flag."""
    guild = request.guild
    flag = get_object_or_404(guild.reinvite_flags, pk=flag_id)
    if request.method == "POST":
        remove_flag(guild=guild, actor=request.user, flag=flag)
        messages.success(request, gettext("Flag removed."))
    return redirect("guilds:former_members", guild)


def _former_or_404(guild: Guild, former_id: UUID) -> FormerMember:
    rows = FormerMember.objects.filter(guild=guild).select_related("realm", "playable_class", "character__user")
    return get_object_or_404(rows, pk=former_id)


def _show(request: GuildRequest, former: FormerMember, **forms: forms.Form) -> HttpResponse:
    guild, user = request.guild, request.user
    notes: list[OfficerNote] = []
    if user.has_perm(READ_NOTES, guild) and former.character is not None:
        notes = list(guild.officer_notes.filter(about_character=former.character).with_people())
    flag = _flags(request).get((former.realm_id, former.blizzard_id))
    context: dict[str, Any] = {
        "guild": guild,
        "former": former,
        "ranks": rank_names(guild),
        "flag": flag,
        "can_flag": user.has_perm(MANAGE, guild),
        "can_read_notes": user.has_perm(READ_NOTES, guild),
        "notes": notes,
        "changeable": changeable(notes, guild, user),
        "flag_form": FlagForm(initial={"reason": flag.reason if flag else ""}),
        "note_form": FormerNoteForm() if former.character and user.has_perm(WRITE_NOTES, guild) else None,
        **{name: form for name, form in forms.items() if form.is_bound},
    }
    return render(request, "guilds/former_member.html", context)


def _flags(request: GuildRequest) -> dict[tuple[int, int], ReinviteFlag]:
    """Return the guild's flags by realm and id of the character, for those who manage the roster."""
    if not request.user.has_perm(MANAGE, request.guild):
        return {}
    flags = request.guild.reinvite_flags.select_related("flagged_by")
    return {(one.realm_id, one.blizzard_id): one for one in flags}


def _note_counts(guild: Guild, members: list[FormerMember]) -> dict[UUID | None, int]:
    about = guild.officer_notes.filter(about_character__in=[one.character_id for one in members if one.character_id])
    return Counter(about.values_list("about_character", flat=True))
