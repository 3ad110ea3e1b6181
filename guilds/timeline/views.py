"""A guild's timeline."""

from collections.abc import Iterable
from datetime import date
from itertools import groupby

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.vary import vary_on_headers

from guilds.access import PublicGuildRequest, guild_page
from guilds.models import TimelineEvent
from guilds.paging import page_or_fragment, paging
from guilds.ranks import rank_names
from guilds.timeline.forms import TimelineForm

EVENTS_PER_PAGE = 50


@vary_on_headers("HX-Request")
@guild_page("guilds.view", public=True)
def timeline(request: PublicGuildRequest) -> HttpResponse:
    """List the events, latest first, fifty a page, filtered by the query string."""
    guild = request.guild
    is_member = request.user.has_perm("guilds.view", guild)
    form = TimelineForm(request.GET, is_member=is_member)
    pages = paging(request, form.filtered(guild.timeline.with_people()), EVENTS_PER_PAGE, form.query())
    context = {
        "guild": guild,
        "ranks": rank_names(guild),
        "form": form,
        **pages,
        "days": by_day(pages["page"].object_list),
        "is_member": is_member,
    }
    return page_or_fragment(request, "guilds/timeline.html", "events", context, form.query())


def by_day(events: Iterable[TimelineEvent]) -> list[tuple[date, list[TimelineEvent]]]:
    """Group the events by day, in the order in which they come."""
    return [(day, list(of_day)) for day, of_day in groupby(events, key=lambda one: timezone.localdate(one.happened_at))]
