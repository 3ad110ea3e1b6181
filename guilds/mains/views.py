"""Choosing mains: one's own on the guild's overview, those of others on a member's page."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from guilds.access import FORM_METHODS, GuildRequest, guild_page
from guilds.mains.forms import MainForm
from guilds.mains.services import ChosenByPlayer, NotTheirCharacter, set_main
from guilds.members.page import member_or_404, to_member
from guilds.models import Membership


@guild_page("guilds.view", methods=("POST",))
def main(request: GuildRequest) -> HttpResponse:
    """Save the user's own main, or set it back to automatic."""
    guild = request.guild
    form = MainForm(request.POST, places=Membership.objects.own_places(request.user, guild))
    try:
        if not form.is_valid():
            raise NotTheirCharacter
        set_main(guild=guild, actor=request.user, person=request.user, membership=form.membership())
    except NotTheirCharacter:
        messages.error(request, _("Not saved: this character is no longer one of yours in this guild."))
    else:
        messages.success(request, _("Saved."))
    return redirect(guild)


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
        except (ChosenByPlayer, NotTheirCharacter) as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, _("Saved."))
    return to_member(member)
