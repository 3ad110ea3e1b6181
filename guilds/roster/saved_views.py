"""Saved views of the roster: one's own, and those that officers share with the guild."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from guilds.access import FORM_METHODS, GuildRequest, guild_page, lock_guild
from guilds.models import Guild, RosterView
from guilds.roster.filters import facets
from guilds.roster.page import reader_of
from guilds.roster.query import RosterQuery

MOST_VIEWS = 50
TO_SHARE = "guilds.manage_roster"


class ViewForm(forms.Form):
    """The name of a view, and whether the guild gets it; `query` is a roster's query string."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=64)
    is_shared = forms.BooleanField(label=gettext_lazy("Share with the guild"), required=False)
    query = forms.CharField(widget=forms.HiddenInput({"id": False}), max_length=2000, required=False)


@guild_page("guilds.view", methods=FORM_METHODS)
def views(request: GuildRequest) -> HttpResponse:
    """List the views that the user can open; a POST saves the query with a name."""
    guild = request.guild
    query = tidy_query(request, request.GET.urlencode())
    form = ViewForm(request.POST if request.method == "POST" else None, initial={"query": query})
    can_share = request.user.has_perm(TO_SHARE, guild)
    if not can_share:
        del form.fields["is_shared"]
    if form.is_valid():
        terms = form.cleaned_data | {"query": tidy_query(request, form.cleaned_data["query"])}
        try:
            save_view(guild=guild, actor=request.user, **terms)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("View saved."))
            return redirect("guilds:roster_views", guild)
    context = {
        "guild": guild,
        "views": guild.roster_views.shown_to(request.user),
        "form": form,
        "query": query,
        "can_share": can_share,
    }
    return render(request, "guilds/roster_views.html", context)


@guild_page("guilds.view", methods=FORM_METHODS)
def delete(request: GuildRequest, view_id: UUID) -> HttpResponse:
    """Delete one's own view, or as somebody who manages the roster a shared one."""
    view = get_object_or_404(request.guild.roster_views.shown_to(request.user), pk=view_id)
    if request.method == "POST":
        delete_view(guild=request.guild, actor=request.user, view=view)
        messages.success(request, _("View deleted."))
    return redirect("guilds:roster_views", request.guild)


@transaction.atomic
def save_view(*, guild: Guild, actor: User, name: str, query: str, is_shared: bool = False) -> RosterView:
    """Save a view; one's own view of the same name is replaced.

    Raises PermissionDenied, and ValidationError if the user has too many views.
    """
    lock_guild(guild, actor, TO_SHARE if is_shared else "guilds.view")
    own = guild.roster_views.filter(person=actor)
    if own.count() >= MOST_VIEWS and not own.filter(name=name).exists():
        raise ValidationError(_("You have %(count)d views already. Delete one first.") % {"count": MOST_VIEWS})
    view, _created = own.update_or_create(
        guild=guild, person=actor, name=name, defaults={"query": query, "is_shared": is_shared}
    )
    return view


@transaction.atomic
def delete_view(*, guild: Guild, actor: User, view: RosterView) -> None:
    """Delete a view. Raises PermissionDenied."""
    is_own = view.person_id == actor.pk
    lock_guild(guild, actor, "guilds.view" if is_own else TO_SHARE)
    if not is_own and not view.is_shared:
        raise PermissionDenied
    view.delete()


def tidy_query(request: GuildRequest, query: str) -> str:
    """Return the query of a roster without what is invalid, so that nothing else is stored."""
    reader = reader_of(request)
    allowed = [one for one in facets(None) if reader.can(one.needs)]
    return RosterQuery.parse(QueryDict(query), allowed, reader.can).encoded()
