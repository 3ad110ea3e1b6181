"""Leaves: a player's own page, and the forms on a member's page for officers."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from accounts.account_views import never_stored, page_with_form
from accounts.signed_in import SignedInRequest, signed_in
from guilds.access import FORM_METHODS, GuildRequest, guild_page
from guilds.away.forms import LeaveForm
from guilds.away.leaves import add_own_leave, delete_noted_leave, delete_own_leave, note_leave
from guilds.member_page import member_or_404, save_or_show
from guilds.models import Leave


@never_stored
@page_with_form
@signed_in
def my_leave(request: SignedInRequest) -> HttpResponse:
    """Show the player's leaves, and announce one for all their characters."""
    person = request.user
    form = LeaveForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            add_own_leave(person=person, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, gettext("Saved."))
            return redirect("account_leave")
    leaves = Leave.objects.about(person).not_over(timezone.localdate()).select_related("guild", "character")
    return render(request, "guilds/leave.html", {"leaves": leaves, "form": form})


@require_POST
@signed_in
def delete_my_leave(request: SignedInRequest, leave_id: UUID) -> HttpResponse:
    """Delete a leave that the player announced."""
    if not delete_own_leave(person=request.user, leave_id=leave_id):
        raise Http404
    messages.success(request, gettext("Deleted."))
    return redirect("account_leave")


@guild_page("guilds.manage_roster", methods=FORM_METHODS)
def note(request: GuildRequest, character_id: UUID) -> HttpResponse:
    """Note a leave of a member, from the member's page."""
    member = member_or_404(request.guild, character_id)
    form = LeaveForm(request.POST)

    def save() -> str:
        note_leave(guild=request.guild, actor=request.user, membership=member, **form.cleaned_data)
        return gettext("Saved.")

    return save_or_show(request, member, form, save, leave_form=form)


@guild_page("guilds.manage_roster", methods=FORM_METHODS)
def delete_noted(request: GuildRequest, leave_id: UUID) -> HttpResponse:
    """Delete a leave that an officer of the guild noted."""
    guild = request.guild
    found = get_object_or_404(guild.noted_leaves, pk=leave_id)
    if request.method == "POST":
        delete_noted_leave(guild=guild, actor=request.user, leave=found)
        messages.success(request, gettext("Deleted."))
    return redirect("guilds:member", guild, found.character_id)
