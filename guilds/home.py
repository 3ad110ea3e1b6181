"""Home: the player's guilds and what changed in them, and their characters of all regions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from itertools import groupby
from operator import or_
from uuid import UUID

from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.signed_in import SignedInRequest, signed_in
from characters.models import Character, Region
from guilds.models import Guild, GuildVisit, TimelineEvent
from guilds.my_guilds import MyGuild, guilds_of, shares_characters
from guilds.overview.visits import previous_visit
from guilds.ranks import rank_names
from guilds.timeline.shown import ShownEvent, shown

RECENT_DAYS = 7
# Of each region, those played last.
MOST_CHARACTERS = 8
MOST_EVENTS = 8
COUNTED = (
    TimelineEvent.Kind.JOINED,
    TimelineEvent.Kind.LEFT,
    TimelineEvent.Kind.PROMOTED,
    TimelineEvent.Kind.DEMOTED,
)


@dataclass(frozen=True, slots=True)
class GuildNews:
    """A guild of the player, and what happened there `since` then, such as "3 joined".

    That is the player's last visit of its overview; `is_visit` is False if there was none within the last days.
    """

    mine: MyGuild
    words: list[str]
    since: datetime
    is_visit: bool


@dataclass(frozen=True, slots=True)
class RegionCharacters:
    """The characters of a region that were played last, and how many there are in all."""

    region: str
    characters: list[Character]
    total: int


@require_safe
@signed_in
def home(request: SignedInRequest) -> HttpResponse:
    """Show what the player comes for first. Takes as many statements for 60 characters as for one."""
    user, now = request.user, timezone.now()
    since = now - timedelta(days=RECENT_DAYS)
    guilds = guilds_of(user)
    context = {
        "news": _news(user, guilds, now),
        "questions": [one for one in guilds if one.question],
        "regions": _regions(user),
        "events": _own_events(user, guilds, since),
        "days": RECENT_DAYS,
        "shares_characters": bool(guilds) or shares_characters(user),
    }
    return render(request, "guilds/home.html", context)


def _news(user: User, guilds: Sequence[MyGuild], now: datetime) -> list[GuildNews]:
    """Count what others did since the last visits; a guild that gives the player no permissions now has no news."""
    oldest = now - timedelta(days=RECENT_DAYS)
    visits = {one.guild_id: previous_visit(one, now) for one in GuildVisit.objects.filter(person=user)}
    since = {one.guild.pk: max(visits.get(one.guild.pk) or oldest, oldest) for one in guilds if one.place.is_confirmed}
    is_new = reduce(or_, (Q(guild=pk, happened_at__gt=at) for pk, at in since.items()), Q(pk=None))
    events = TimelineEvent.objects.filter(is_new, kind__in=COUNTED).exclude(actor=user).order_by()
    counts: dict[tuple[UUID, str], int] = {
        (guild, kind): n for guild, kind, n in events.values_list("guild", "kind").annotate(n=Count("pk"))
    }
    return [
        GuildNews(
            one,
            [_in_words(kind, n) for kind in COUNTED if (n := counts.get((one.guild.pk, kind), 0))],
            at := since.get(one.guild.pk, oldest),
            is_visit=at > oldest,
        )
        for one in guilds
    ]


def _in_words(kind: TimelineEvent.Kind, count: int) -> str:
    words = {
        TimelineEvent.Kind.JOINED: ngettext("%(n)s joined", "%(n)s joined", count),
        TimelineEvent.Kind.LEFT: ngettext("%(n)s left", "%(n)s left", count),
        TimelineEvent.Kind.PROMOTED: ngettext("%(n)s promotion", "%(n)s promotions", count),
        TimelineEvent.Kind.DEMOTED: ngettext("%(n)s demotion", "%(n)s demotions", count),
    }
    return words[kind] % {"n": number_format(count)}


def _regions(user: User) -> list[RegionCharacters]:
    characters = Character.objects.of(user).with_game_data().select_related("membership__guild")
    found = sorted(characters, key=_latest_first)
    return [
        RegionCharacters(str(Region(region).label), own[:MOST_CHARACTERS], len(own))
        for region, own in ((region, list(group)) for region, group in groupby(found, key=lambda one: one.region))
    ]


def _latest_first(character: Character) -> tuple[str, float, int, str]:
    seen_at = character.last_login_at.timestamp() if character.last_login_at else 0.0
    return character.region, -seen_at, -(character.level or 0), character.name


def _own_events(
    user: User, guilds: Iterable[MyGuild], since: datetime
) -> list[tuple[ShownEvent, Guild, dict[int, str]]]:
    """Return what happened to the player's characters, with the guild and the names of its ranks."""
    by_pk = {one.guild.pk: one.guild for one in guilds if one.place.is_confirmed}
    events = TimelineEvent.objects.filter(
        guild__in=by_pk, character__user=user, happened_at__gte=since, kind__in=TimelineEvent.MEMBER_KINDS
    )
    return [(one, by_pk[one.guild_id], rank_names(by_pk[one.guild_id])) for one in shown(events)[:MOST_EVENTS]]
