"""A guild's timeline: as a page, as a CSV file, and as a feed for feed readers."""

from collections.abc import Iterable
from datetime import date
from functools import cache, partial
from itertools import groupby
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.compiled_queries import CompiledQuery
from guilds.access import FORM_METHODS, GuildRequest, PublicGuildRequest, guild_page
from guilds.csv_export import Cell, csv_response
from guilds.models import TimelineEvent
from guilds.paging import page_or_fragment, paging_with_count, with_count
from guilds.ranks import rank_names
from guilds.timeline.feeds import atom, end_feed, readable_feed, renew_feed
from guilds.timeline.filters import LATEST_FIRST, TimelineForm
from guilds.timeline.sentences import plain_sentence
from guilds.timeline.shown import ShownEvent, shown

EVENTS_PER_PAGE = 50
EVENTS_PER_FEED = 100
# A file with more takes longer than a page may.
EVENTS_PER_FILE = 10_000


@vary_on_headers("HX-Request")
@guild_page("guilds.view", public=True)
def timeline(request: PublicGuildRequest) -> HttpResponse:
    """List the events, latest first, fifty a page, filtered by the query string."""
    guild = request.guild
    form = TimelineForm(request.GET, guild=guild, reader=request.user)
    pages = paging_with_count(
        request,
        form.filtered(guild.timeline.all()),
        EVENTS_PER_PAGE,
        form.query(),
        shape=shown,
        first_page=None if form.is_filtered else partial(_latest(form.kinds), guild=guild.pk),
    )
    context = {
        "guild": guild,
        "ranks": rank_names(guild),
        "form": form,
        **pages,
        "days": by_day(pages["page"].object_list),
        "is_member": form.is_member,
    }
    return page_or_fragment(request, "guilds/timeline.html", "events", context, form.query())


@cache
def _latest(kinds: tuple[str, ...]) -> CompiledQuery[ShownEvent]:
    """Read a guild's latest events of these kinds, as many as a page shows."""
    return CompiledQuery(
        lambda guild: with_count(
            TimelineEvent.objects.filter(guild=guild, kind__in=kinds).order_by(*LATEST_FIRST), shown
        )[:EVENTS_PER_PAGE],
        guild=UUID,
    )


def by_day(events: Iterable[ShownEvent]) -> list[tuple[date, list[ShownEvent]]]:
    """Group the events by day, in the order in which they come."""
    return [(day, list(of_day)) for day, of_day in groupby(events, key=lambda one: timezone.localdate(one.happened_at))]


def csv_file(request: GuildRequest) -> HttpResponse:
    """Return the filtered events as a CSV file, latest first, at most 10,000."""
    guild, ranks = request.guild, rank_names(request.guild)
    form = TimelineForm(request.GET, guild=guild, reader=request.user)
    events = shown(form.filtered(guild.timeline.all()))[:EVENTS_PER_FILE]
    header = (_("Time (UTC)"), _("Event"), _("Character"), _("Player"), _("By"), _("What happened"))
    return csv_response(f"timeline-{guild.slug}", header, (_row(event, ranks) for event in events))


timeline_csv = guild_page("guilds.view")(csv_file)


def _row(event: ShownEvent, ranks: dict[int, str]) -> tuple[Cell, ...]:
    return (
        f"{event.happened_at:%Y-%m-%d %H:%M:%S}",
        event.kind,
        event.character_name,
        event.person or "",
        event.actor or "",
        plain_sentence(event, ranks),
    )


@guild_page("guilds.view", methods=FORM_METHODS)
def feed_address(request: GuildRequest) -> HttpResponse:
    """Give the reader a new private address for a feed reader, which is shown once, or delete it."""
    guild, person = request.guild, request.user
    if request.method != "POST":
        feed = guild.timeline_feeds.filter(person=person).first()
        return render(request, "guilds/feed.html", {"guild": guild, "feed": feed})
    if "end" in request.POST:
        end_feed(guild=guild, person=person)
        messages.success(request, _("The feed is off: its address no longer works."))
    else:
        address = request.build_absolute_uri(reverse("guilds:feed", args=(renew_feed(guild=guild, person=person),)))
        words = _("Your address, which is shown only this once: %(address)s")
        messages.success(request, words % {"address": address})
    return redirect("guilds:feed_address", guild)


@require_safe
@cache_control(private=True, no_cache=True)
@conditional_page
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """Return a guild's timeline as an Atom feed at the private address of a player who can view it.

    Feed readers ask again and again, and get a 304 as long as nothing happened.
    """
    found = readable_feed(token)
    if found is None:
        raise Http404
    form = TimelineForm({}, guild=found.guild, reader=found.person)
    events = shown(form.filtered(found.guild.timeline.all()))[:EVENTS_PER_FEED]
    return HttpResponse(atom(request, found.guild, events), content_type="application/atom+xml; charset=utf-8")
