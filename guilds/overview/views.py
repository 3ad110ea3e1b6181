"""The overview of a guild."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.models import User
from guilds.access import PublicGuildRequest, guild_page
from guilds.mains import MainForm
from guilds.models import Membership
from guilds.overview.chart_list import chart_list, finished_note
from guilds.overview.charts import stack
from guilds.overview.statistics import ACTIVE_DAYS, read_statistics
from guilds.ranks import rank_names

LATEST_EVENTS = 10


@guild_page("guilds.view", public=True)
def overview(request: PublicGuildRequest) -> HttpResponse:
    """Show the guild in numbers and charts, and its recent activity."""
    guild, user = request.guild, request.user
    events = guild.timeline.visible_to(user, guild).with_people()
    is_member = user.has_perm("guilds.view", guild)
    places = Membership.objects.own_places(user, guild) if isinstance(user, User) else []
    statistics = read_statistics(guild, now=timezone.now(), zone=timezone.get_current_timezone())
    context = {
        "guild": guild,
        "ranks": rank_names(guild),
        "statistics": statistics,
        "active_days": ACTIVE_DAYS,
        "finished": finished_note(statistics),
        "roles": stack((f"fill-{role}", count) for role, count in statistics.roles),
        "charts": chart_list(statistics) if statistics.characters else [],
        "events": events[:LATEST_EVENTS],
        "is_member": is_member,
        "places": places,
        "main": next((one for one in places if one.is_main), None),
        "main_form": MainForm(places=places),
    }
    return render(request, "guilds/overview.html", context)
