"""Choosing one's main. The form stands on the guild's overview."""

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from guilds.access import guild_or_404
from guilds.mains.forms import MainForm
from guilds.mains.services import NotTheirCharacter, choose_own_main, take_back_own_main
from guilds.views import my_places


@require_POST
def main(request: HttpRequest, region: str, realm: str, slug: str) -> HttpResponse:
    """Make one of the person's characters their main, or leave it to the rule."""
    if not request.user.is_authenticated:
        # Back to where the form is: nothing can be opened here.
        return redirect_to_login(reverse("guilds:overview", args=(region, realm, slug)))
    guild = guild_or_404(request, region, realm, slug)
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
