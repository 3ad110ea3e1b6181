"""A guild's roster."""

from collections.abc import Iterable
from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.vary import vary_on_headers

from guilds.access import PublicGuildRequest, guild_page
from guilds.models import Guild, Membership
from guilds.paging import page_or_fragment, paging
from guilds.ranks import rank_names
from guilds.roster.composition import composition
from guilds.roster.forms import RosterForm

MEMBERS_PER_PAGE = 50


@vary_on_headers("HX-Request")
@guild_page("guilds.view", public=True)
def roster(request: PublicGuildRequest) -> HttpResponse:
    """List the members, fifty a page, filtered and sorted by the query string."""
    guild = request.guild
    ranks = rank_names(guild)
    parts = composition(guild, ranks)
    form = RosterForm(request.GET, **parts.choices())
    members = form.filtered(guild.memberships.with_characters())
    is_member = request.user.has_perm("guilds.view", guild)
    members = members.select_related("character__user", "noted_main__character")
    pages = paging(request, members, MEMBERS_PER_PAGE, form.query())
    context = {
        **pages,
        "guild": guild,
        "ranks": ranks,
        "form": form,
        "total": parts.total,
        "is_member": is_member,
        "mains": _mains(guild, pages["page"]) if is_member else {},
    }
    return page_or_fragment(request, "guilds/roster.html", "members", context, form.query())


def _mains(guild: Guild, members: Iterable[Membership]) -> dict[UUID, str]:
    """Return the name of each player's main, for the players of these members."""
    owners = {member.character.user_id for member in members if member.character.user_id}
    return dict(guild.memberships.filter(main_of__in=owners).values_list("main_of", "character__name"))
