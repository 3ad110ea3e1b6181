"""The overview of a guild."""

from datetime import timedelta
from typing import Any

from django.db.models import Avg, Count, Max, Q, Subquery
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.models import User
from guilds.access import PublicGuildRequest, guild_page
from guilds.mains import MainForm
from guilds.models import Guild, Membership
from guilds.ranks import rank_names
from guilds.roster import composition

LATEST_EVENTS = 10
ACTIVE_DAYS = 30


@guild_page("guilds.view", public=True)
def overview(request: PublicGuildRequest) -> HttpResponse:
    """Show the guild's composition and recent activity."""
    guild, user = request.guild, request.user
    ranks = rank_names(guild)
    events = guild.timeline.with_people()
    is_member = user.has_perm("guilds.view", guild)
    places = Membership.objects.own_places(user, guild) if isinstance(user, User) else []
    context = {
        "guild": guild,
        "ranks": ranks,
        "composition": composition(guild, ranks),
        "statistics": _statistics(guild),
        "active_days": ACTIVE_DAYS,
        "events": (events if is_member else events.for_outsiders())[:LATEST_EVENTS],
        "is_member": is_member,
        "places": places,
        "main": next((one for one in places if one.is_main), None),
        "main_form": MainForm(places=places),
    }
    return render(request, "guilds/overview.html", context)


def _statistics(guild: Guild) -> dict[str, Any]:
    """Count active members and players, and average the item level of those who are active and of the highest level."""
    is_active = Q(character__last_login_at__gte=timezone.now() - timedelta(days=ACTIVE_DAYS))
    levels = guild.memberships.order_by().values("guild").annotate(highest=Max("character__level"))
    has_highest_level = Q(character__level=Subquery(levels.values("highest")))
    return guild.memberships.aggregate(
        active=Count("pk", filter=is_active),
        item_level=Avg("character__equipped_item_level", filter=is_active & has_highest_level),
        players=Count("character__user", distinct=True),
    )
