"""A guild's timeline: all that happened there, day by day."""

from collections.abc import Iterable
from datetime import date
from itertools import groupby

from django.core.paginator import Paginator
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import replace_url

from guilds.access import PublicGuildRequest, guild_page
from guilds.models import TimelineEvent
from guilds.timeline.forms import TimelineForm
from guilds.views import rank_names

EVENTS_PER_PAGE = 50


@vary_on_headers("HX-Request")
@guild_page("guilds.view", public=True)
def timeline(request: PublicGuildRequest) -> HttpResponse:
    """What happened, the latest first, fifty a page, filtered as the query string says."""
    guild = request.guild
    is_member = request.user.has_perm("guilds.view", guild)
    form = TimelineForm(request.GET, is_member=is_member)
    events = form.chosen(TimelineEvent.objects.filter(guild=guild).with_people())
    page = Paginator(events, EVENTS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "guild": guild,
        "ranks": rank_names(guild),
        "form": form,
        "asked": QueryDict(form.query()),
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1),
        "days": by_day(page.object_list),
        "is_member": is_member,
    }
    htmx = request.htmx
    if not htmx or htmx.history_restore_request:
        return render(request, "guilds/timeline.html", context)
    response = render(request, "guilds/timeline.html#events", {**context, "is_fragment": True})
    return response if htmx.boosted else replace_url(response, f"{request.path}?{form.query()}".rstrip("?"))


def by_day(events: Iterable[TimelineEvent]) -> list[tuple[date, list[TimelineEvent]]]:
    """The events of each day together, in the order in which they come."""
    return [(day, list(of_day)) for day, of_day in groupby(events, key=lambda one: timezone.localdate(one.happened_at))]
