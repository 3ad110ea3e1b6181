"""The overview of a guild."""

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.models import User
from guilds.access import PublicGuildRequest, guild_page
from guilds.mains import MainForm
from guilds.models import TimelineEvent
from guilds.overview.activity import RECENT, joined_or_left_since, read_activity, unseen_by_kind
from guilds.overview.chart_list import chart_list, finished_note
from guilds.overview.charts import stack
from guilds.overview.news import changes, lines
from guilds.overview.statistics import ACTIVE_DAYS, read_statistics
from guilds.overview.visits import places_and_visit, previous_visit, record_visit
from guilds.ranks import rank_names
from guilds.timeline.filters import JOINED_OR_LEFT, first_day_of_week

MOST_LINES = 10


@guild_page("guilds.view", public=True)
def overview(request: PublicGuildRequest) -> HttpResponse:
    """Show the guild in numbers and charts, and its recent activity."""
    guild, now = request.guild, timezone.now()
    user = request.user if isinstance(request.user, User) else None
    places, visit = places_and_visit(user, guild) if user else ([], None)
    if user and places and request.method == "GET":
        record_visit(visit, guild=guild, person=user, now=now)
    is_member = request.user.has_perm("guilds.view", guild)
    context = {
        "guild": guild,
        "ranks": rank_names(guild),
        "is_member": is_member,
        "places": places,
        "main": next((one for one in places if one.is_main), None),
        "main_form": MainForm(places=places),
    }
    context |= _numbers(request, now)
    context |= _news(request, user, is_member, previous_visit(visit, now), now)
    return render(request, "guilds/overview.html", context)


def _numbers(request: PublicGuildRequest, now: datetime) -> dict[str, Any]:
    statistics = read_statistics(request.guild, now=now, zone=timezone.get_current_timezone())
    return {
        "statistics": statistics,
        "active_days": ACTIVE_DAYS,
        "finished": finished_note(statistics),
        "finished_query": f"level=max&seen={ACTIVE_DAYS}",
        "below_average": (statistics.item_level or 1) - 1,
        "roles": stack((f"fill-{role}", count) for role, count in statistics.roles),
        "charts": chart_list(statistics) if statistics.characters else [],
    }


def _news(
    request: PublicGuildRequest, user: User | None, is_member: bool, seen_until: datetime | None, now: datetime
) -> dict[str, Any]:
    guild, zone = request.guild, timezone.get_current_timezone()
    kinds = TimelineEvent.kinds_for(request.user, guild)
    groups = read_activity(guild, kinds, now=now, zone=zone, reader=user, seen_until=seen_until)
    # Events that are too old for the recent activity are not counted either.
    counted_from = seen_until and max(seen_until, now - RECENT)
    return {
        "activity": lines(groups[:MOST_LINES], guild, is_member=is_member),
        "activity_days": RECENT.days,
        "came_and_went": joined_or_left_since(first_day_of_week(timezone.localdate(now)), groups),
        "came_and_went_query": f"kind={JOINED_OR_LEFT}&period=week",
        "seen_until": seen_until,
        "is_long_ago": counted_from != seen_until,
        "changes": changes(unseen_by_kind(groups), guild, counted_from.astimezone(zone).date()) if counted_from else [],
    }
