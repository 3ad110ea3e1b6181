"""Visits: what a member has already seen of a guild."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F, FilteredRelation, Q, QuerySet
from django.utils import timezone

from accounts.compiled_queries import CompiledQuery
from accounts.models import User
from guilds.models import Guild, GuildVisit, Membership

# Pages that are opened within this time are one visit, so that its news does not disappear with the second page.
VISIT = timedelta(hours=1)


def places_and_visit(user: User, guild: Guild) -> tuple[Sequence[Membership], GuildVisit | None]:
    """Return the user's memberships that give permissions in the guild, best rank first, and their latest visit.

    Both come from one statement, so only members have visits.
    """
    places = _PLACES(user=user.pk, guild=guild.pk, now=timezone.now())
    for place in places:
        place.guild = guild
    known = vars(places[0]) if places else {}
    if known.get("visit_began_at") is None:
        return places, None
    visit_times = {"began_at": known["visit_began_at"], "previous_at": known["visit_before_at"]}
    return places, GuildVisit(guild=guild, person=user, **visit_times)


def _places(user: UUID, guild: UUID, now: datetime) -> "QuerySet[Membership]":
    visit = FilteredRelation("guild__visits", condition=Q(guild__visits__person=user))
    places = Membership.objects.with_confirmed_link_to(user, now).filter(guild=guild)
    return (
        places.select_related("character", "main_chosen_by")
        .annotate(visit=visit, visit_began_at=F("visit__began_at"), visit_before_at=F("visit__previous_at"))
        .order_by("rank", "pk")
    )


_PLACES = CompiledQuery(_places, user=UUID, guild=UUID, now=datetime)


def previous_visit(known: GuildVisit | None, now: datetime) -> datetime | None:
    """Return when the visit before the current one began; None on the first."""
    if known is None:
        return None
    return known.previous_at if known.began_at > now - VISIT else known.began_at


def record_visit(known: GuildVisit | None, *, guild: Guild, person: User, now: datetime) -> None:
    """Record that a visit begins, in one statement; do nothing during a visit."""
    if known is not None and known.began_at > now - VISIT:
        return
    visit = GuildVisit(guild=guild, person=person, began_at=now, previous_at=known.began_at if known else None)
    GuildVisit.objects.bulk_create(
        [visit],
        update_conflicts=True,
        unique_fields=("guild", "person"),
        update_fields=("began_at", "previous_at", "updated_at"),
    )
