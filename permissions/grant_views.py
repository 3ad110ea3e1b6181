"""The pages of personal grants: give and end."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts.models import User
from guilds.access import FORM_METHODS, GuildRequest, guild_page
from permissions import services
from permissions.forms import GrantForm
from permissions.members import players_of, ranks_of
from permissions.models import Grant
from permissions.ranks_context import authority_or_403, grant_choices
from permissions.rights import MANAGE_RANKS


@guild_page(MANAGE_RANKS, methods=FORM_METHODS)
def new_grant(request: GuildRequest) -> HttpResponse:
    """Give a player of a lower rank permissions for a time."""
    guild = request.guild
    posted = request.POST if request.method == "POST" else None
    authority = authority_or_403(request.user, guild)
    choices = grant_choices(players_of(guild).values(), authority, request.user, ranks_of(guild))
    form = GrantForm(posted, choices=choices, authority=authority)
    if posted is not None and form.is_valid():
        person = User.objects.filter(pk=form.cleaned_data["person"]).first()
        if person is None:
            raise PermissionDenied
        services.give_grant(guild=guild, actor=request.user, person=person, **form.grant_fields())
        messages.success(request, _("Grant given to %(person)s.") % {"person": person.display_name})
        return redirect("permissions:ranks", guild)
    return render(request, "permissions/grant.html", {"guild": guild, "form": form, "is_member": True})


@guild_page("guilds.view", methods=FORM_METHODS)
def end_grant(request: GuildRequest, grant_id: UUID) -> HttpResponse:
    """End the user's own grant, or one that they could give."""
    guild = request.guild
    if request.method != "POST":
        return redirect("permissions:ranks", guild)
    grant = get_object_or_404(guild.grants.running(), pk=grant_id)
    try:
        services.end_grant(guild=guild, actor=request.user, grant=grant)
    except Grant.DoesNotExist as error:
        # Somebody else ended it in the meantime.
        raise Http404 from error
    messages.success(request, _("Grant ended."))
    return redirect("permissions:ranks", guild)
