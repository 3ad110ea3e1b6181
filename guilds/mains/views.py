"""Choosing one's main. The form stands on the guild's overview."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from guilds.access import GuildRequest, guild_page
from guilds.mains.forms import MainForm
from guilds.mains.services import NotTheirCharacter, choose_own_main, take_back_own_main
from guilds.views import my_places


@guild_page("guilds.view", methods=("POST",))
def main(request: GuildRequest) -> HttpResponse:
    """Make one of the person's characters their main, or leave it to the rule."""
    guild = request.guild
    form = MainForm(request.POST, places=my_places(guild, request.user))
    try:
        if not form.is_valid():
            raise NotTheirCharacter
        membership = form.membership()
        if membership is None:
            take_back_own_main(guild=guild, actor=request.user)
        else:
            choose_own_main(guild=guild, actor=request.user, membership=membership)
    except NotTheirCharacter:
        messages.error(request, _("Nothing was changed: this character is no longer one of yours in this guild."))
    else:
        messages.success(request, _("Saved."))
    return redirect(guild)
