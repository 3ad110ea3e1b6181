"""Pages that make a private address at which a spreadsheet reads the roster or the timeline as it is shown."""

from datetime import timedelta
from http import HTTPStatus
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from accounts.reauthentication import RECENT, is_recently_authenticated
from api.areas import Area
from api.forms import TokenForm
from api.tokens import make_token
from guilds.access import FORM_METHODS, GuildRequest, guild_page
from guilds.api.area import AREA, VIEW
from guilds.api.exports import ROSTER, TIMELINE
from guilds.roster.saved_views import tidy_query
from guilds.timeline.filters import TimelineForm


class ExportForm(TokenForm):
    """A name, an expiry, and of the permissions that the player has those that change the file."""

    def __init__(self, request: GuildRequest, data: Any) -> None:
        held = {
            right: label
            for right, label in AREA.permissions.items()
            if right != VIEW and request.user.has_perm(right, request.guild)
        }
        super().__init__(data, of=[Area(held)])
        self.fields["permissions"].required = False
        if not held:
            del self.fields["permissions"]


@guild_page("guilds.view", methods=FORM_METHODS)
def roster_address(request: GuildRequest) -> HttpResponse:
    """Make an address of the roster with the filters, columns and order of the query string."""
    return _address_page(request, ROSTER, "api:roster_address", tidy_query(request, request.GET.urlencode()))


@guild_page("guilds.view", methods=FORM_METHODS)
def timeline_address(request: GuildRequest) -> HttpResponse:
    """Make an address of the timeline with the filters of the query string."""
    query = TimelineForm(request.GET, guild=request.guild, reader=request.user).query()
    return _address_page(request, TIMELINE, "api:timeline_address", query)


def _address_page(request: GuildRequest, export: str, view: str, query: str) -> HttpResponse:
    is_recent, is_sent = is_recently_authenticated(request.session), request.method == "POST"
    form, made = ExportForm(request, request.POST if is_sent and is_recent else None), ""
    if form.is_valid():
        try:
            made = request.build_absolute_uri(reverse(view, args=(_make(request, form, export, query),)))
        except ValidationError as error:
            form.add_error(None, error)
    context = {
        "guild": request.guild,
        "is_roster": export == ROSTER,
        "query": query,
        "form": form,
        "made": made,
        "is_recent": is_recent,
        "minutes": RECENT // timedelta(minutes=1),
    }
    status = HTTPStatus.FORBIDDEN if is_sent and not is_recent else HTTPStatus.OK
    return render(request, "guilds/export_address.html", context, status=status)


def _make(request: GuildRequest, form: ExportForm, export: str, query: str) -> str:
    return make_token(
        person=request.user,
        name=form.cleaned_data["name"],
        permissions=[VIEW, *form.cleaned_data.get("permissions", ())],
        guild_ids=[request.guild.pk],
        lifetime=form.lifetime,
        export=export,
        query=query,
    )
