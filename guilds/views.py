"""A person's guilds, a guild's front page and its roster."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Avg, Count, Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import replace_url

from accounts.models import User
from characters.models import Role
from guilds.access import PublicGuildRequest, guild_page
from guilds.deletion.guild_masters import restorable_by
from guilds.mains.forms import MainForm
from guilds.models import Guild, LinkState, Membership, TimelineEvent
from guilds.roster.forms import RosterForm
from guilds.templatetags.heraldry import rank_name

LINES_PER_PAGE = 50
LATEST_EVENTS = 10
ACTIVE_DAYS = 30


@require_safe
@login_required
def mine(request: HttpRequest) -> HttpResponse:
    """The guilds in which the person's characters stand."""
    user = cast(User, request.user)
    found = standings(user)
    soon = [one.place.link_expires_at for one in found if one.is_confirmed and one.place.link_expires_soon]
    context = {"standings": found, "deleted": restorable_by(user), "expires_at": min(filter(None, soon), default=None)}
    return render(request, "guilds/mine.html", context)


@guild_page("guilds.view", public=True)
def overview(request: PublicGuildRequest) -> HttpResponse:
    """What the guild is made of, and what happened there lately."""
    guild = request.guild
    ranks = rank_names(guild)
    is_member = request.user.has_perm("guilds.view", guild)
    places = my_places(guild, request.user) if isinstance(request.user, User) else []
    context = {
        "guild": guild,
        "ranks": ranks,
        "composition": composition(guild, ranks),
        "figures": figures(guild),
        "active_days": ACTIVE_DAYS,
        "events": latest_events(guild, is_member=is_member),
        "is_member": is_member,
        "my_places": places,
        "my_main": next((one for one in places if one.is_main), None),
        "main_form": MainForm(places=places),
    }
    return render(request, "guilds/overview.html", context)


@vary_on_headers("HX-Request")
@guild_page("guilds.view", public=True)
def roster(request: PublicGuildRequest) -> HttpResponse:
    """The members, fifty a page, filtered and sorted as the query string says."""
    guild = request.guild
    ranks = rank_names(guild)
    parts = composition(guild, ranks)
    form = RosterForm(request.GET, **parts.choices())
    members = form.chosen(Membership.objects.filter(guild=guild).with_characters())
    is_member = request.user.has_perm("guilds.view", guild)
    page = Paginator(members.select_related("character__user", "noted_main__character"), LINES_PER_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "guild": guild,
        "ranks": ranks,
        "form": form,
        "asked": QueryDict(form.query()),
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1),
        "total": parts.total,
        "is_member": is_member,
        "mains": mains(guild, page) if is_member else {},
    }
    htmx = request.htmx
    if not htmx or htmx.history_restore_request:
        return render(request, "guilds/roster.html", context)
    response = render(request, "guilds/roster.html#members", {**context, "is_fragment": True})
    return response if htmx.boosted else replace_url(response, f"{request.path}?{form.query()}".rstrip("?"))


@dataclass(frozen=True, slots=True)
class Share:
    """One part of a whole: how many members it has, and how many come before it."""

    key: Any
    label: str
    count: int
    before: int


@dataclass(frozen=True, slots=True)
class Composition:
    """How many members have each role, class and rank."""

    total: int
    roles: list[Share]
    classes: list[Share]
    ranks: list[Share]

    def choices(self) -> dict[str, list[tuple[str, str]]]:
        """The filters of the roster, with the number of members behind each."""
        parts = {"role": self.roles, "class": self.classes, "rank": self.ranks}
        return {name: [(str(one.key), f"{one.label} ({one.count})") for one in part] for name, part in parts.items()}


def composition(guild: Guild, ranks: dict[int, str]) -> Composition:
    """The guild's make-up, in one statement."""
    roles: Counter[str] = Counter()
    classes: Counter[tuple[int, str]] = Counter()
    levels: Counter[int] = Counter()
    combinations = guild.memberships.order_by().values_list(
        "character__role", "character__playable_class", "character__playable_class__name", "rank"
    )
    for role, class_id, class_name, rank, count in combinations.annotate(count=Count("pk")):
        roles[role] += count
        levels[rank] += count
        if class_id is not None:
            classes[class_id, class_name or f"#{class_id}"] += count
    return Composition(
        total=roles.total(),
        roles=_shares((role, str(role.label), roles[role]) for role in Role if roles[role]),
        classes=_shares((key, name, count) for (key, name), count in classes.most_common()),
        ranks=_shares((level, rank_name(ranks, level), levels[level]) for level in sorted(levels)),
    )


def figures(guild: Guild) -> dict[str, Any]:
    """How many members played lately, their item level, and (for members only) how many people signed in here."""
    lately = Q(character__last_login_at__gte=timezone.now() - timedelta(days=ACTIVE_DAYS))
    return guild.memberships.aggregate(
        active=Count("pk", filter=lately),
        item_level=Avg("character__equipped_item_level", filter=lately),
        people=Count("character__user", distinct=True),
    )


def rank_names(guild: Guild) -> dict[int, str]:
    """What the guild calls its ranks; those that it has not named are missing."""
    return {rank.rank_level: rank.rank_name for rank in guild.ranks.all()}


def latest_events(guild: Guild, *, is_member: bool) -> Iterable[TimelineEvent]:
    """What happened last. Who may do what is no business of strangers."""
    events = TimelineEvent.objects.filter(guild=guild).with_people()
    return (events if is_member else events.for_strangers())[:LATEST_EVENTS]


def my_places(guild: Guild, user: User) -> list[Membership]:
    """The person's own characters that give them rights in the guild, best rank first."""
    places = guild.memberships.giving_rights_to(user).select_related("character", "main_chosen_by")
    return list(places.order_by("rank", "pk"))


def mains(guild: Guild, members: Iterable[Membership]) -> dict[UUID, str]:
    """The name of each owner's main, for the members shown."""
    owners = {member.character.user_id for member in members if member.character.user_id}
    return dict(guild.memberships.filter(main_of__in=owners).values_list("main_of", "character__name"))


@dataclass(frozen=True, slots=True)
class Standing:
    """A person's place in one guild."""

    guild: Guild
    ranks: dict[int, str]
    # The one that gives them their rights there, or could.
    place: Membership
    main: str
    characters: int

    @property
    def rank(self) -> int:
        """The rank whose rights they have there, or could have."""
        return self.place.rank

    @property
    def is_confirmed(self) -> bool:
        """Whether they have these rights at present."""
        return self.place.link_state == LinkState.CONFIRMED


def standings(user: User) -> list[Standing]:
    """The person's guilds, the one with most of their characters first."""
    places = (
        Membership.objects.linked_to(user)
        .filter(guild__deleted_at=None)
        .select_related("character", "guild__realm")
        .prefetch_related("guild__ranks")
        .order_by("rank", "character__name")
    )
    by_guild: dict[Guild, list[Membership]] = {}
    for place in places:
        by_guild.setdefault(place.guild, []).append(place)
    found = [
        Standing(
            guild=guild,
            ranks=rank_names(guild),
            place=next((one for one in mine if one.link_state == LinkState.CONFIRMED), mine[0]),
            main=next((one.character.name for one in mine if one.main_of_id == user.pk), ""),
            characters=len(mine),
        )
        for guild, mine in by_guild.items()
    ]
    return sorted(found, key=lambda one: (-one.characters, one.guild.name))


def _shares(parts: Iterable[tuple[Any, str, int]]) -> list[Share]:
    shares: list[Share] = []
    before = 0
    for key, label, count in parts:
        shares.append(Share(key, label, count, before))
        before += count
    return shares
